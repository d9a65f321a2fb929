"""What a call says that it wrote: believed where it can be, and where the file is there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from flatbed.addon.frames import new_key
from flatbed.runtime.sink import Spool, SpoolSink
from flatbed.runtime.typed_results import WrongResultError
from flatbed.runtime.watch import CallWatch
from flatbed.runtime.written import ENTRIES_MOST, Written

UID = "0123456789abcdef" * 2
SEALED = {"size": 100, "tag": "00" * 16}


def told(folder: Path) -> list[dict[str, Any]]:
    """What the sink of a call says that wrote a page with its JPEG, a file, and a warning."""
    entries: list[dict[str, Any]] = []
    spool = Spool(folder=folder, key=new_key(), wants_jpeg=True)
    sink = SpoolSink(spool, CallWatch(), entries.append)
    with sink.new_page(size_px=(8, 2), dpi=(72, 36.5), mode="L", bits=8, source_page=3) as page:
        page.write_rows(bytes(16))
    with sink.new_file("application/pdf") as stream:
        stream.write(b"letter")
    sink.warn("The last page is pale.")
    sink.close()
    return entries


def test_what_a_sink_says_is_handed_on_as_it_is(tmp_path: Path) -> None:
    """Pages, their JPEGs, files and warnings; what is of no known type is left out."""
    heard: list[dict[str, Any]] = []
    written, entries = Written(tmp_path, heard.append), told(tmp_path)
    for entry in [*entries, {"type": "waited"}, {}]:
        written.add(entry)
    written.check_files()
    assert heard == entries
    assert sorted(entry["type"] for entry in heard) == ["file", "page", "variant", "warning"]


def page(**changes: Any) -> dict[str, Any]:
    """The entry of a page that nobody wrote."""
    entry = {"type": "page", "uid": UID, "ordinal": 0, "size_px": [10, 10], "dpi": [300, 300]}
    return entry | {"mode": "L", "bits": 8, "key": "00", "thumbnail": SEALED} | SEALED | changes


def file(**changes: Any) -> dict[str, Any]:
    """The entry of a file that nobody wrote."""
    entry = {"type": "file", "uid": UID, "media_type": "text/plain", "size": 100, "tag": "00"}
    return entry | {"key": "00"} | changes


LIES: dict[str, tuple[dict[str, Any], str]] = {
    "path for a uid": (page(uid="../../../etc/passwd"), "uid"),
    "newline behind a uid": (page(uid=UID + "\n"), "uid"),
    "no pixels": (page(size_px=[0, 10]), "size_px"),
    "too many pixels": (page(size_px=[40_000, 20_000]), "40000 x 20000 pixels"),
    "three sides": (page(size_px=[1, 2, 3]), "size_px"),
    "no resolution": (page(dpi=[0, 300]), "0 x 300 dpi"),
    "endless resolution": (page(dpi=[float("inf"), 300]), "dpi"),
    "no number": (page(dpi=[float("nan"), 300]), "dpi"),
    "unknown mode": (page(mode="CMYK"), "mode"),
    "unknown bits": (page(bits=12), "bits"),
    "bits of another mode": (page(mode="1", bits=8), "mode 1 has no 8 bits"),
    "one bit of gray": (page(bits=1), "mode L has no 1 bits"),
    "key that is none": (page(key="secret"), "key"),
    "no size": (page(size=0), "size"),
    "page of a file before the first": (page(source_page=-1), "source_page"),
    "page of a file beyond all": (page(source_page=2**31), "source_page"),
    "half a page of a file": (page(source_page=1.5), "source_page"),
    "page of a file by name": (page(source_page="cover"), "source_page"),
    "no thumbnail": (page(thumbnail=None), "thumbnail"),
    "type that is a header": (file(media_type="text/html\r\nSet-Cookie: a=b"), "media_type"),
    "file of a path": (file(uid="a/b"), "uid"),
    "variant of a path": ({"type": "variant", "page": "..", "kind": "jpeg", **SEALED}, "page"),
    "long warning": ({"type": "warning", "message": "x" * 2001}, "message"),
}


@pytest.mark.parametrize(("entry", "words"), LIES.values(), ids=LIES.keys())
def test_entry_that_cannot_be_is_refused(entry: dict[str, Any], words: str, tmp_path: Path) -> None:
    """Nobody hears of it."""
    heard: list[dict[str, Any]] = []
    with pytest.raises(WrongResultError, match=words):
        Written(tmp_path, heard.append).add(entry)
    assert heard == []


def test_entry_that_comes_twice_is_refused(tmp_path: Path) -> None:
    """One page cannot be adopted twice."""
    written = Written(tmp_path, lambda _: None)
    written.add(page())
    with pytest.raises(WrongResultError, match="one thing twice"):
        written.add(page())


def test_entries_of_a_call_are_counted(tmp_path: Path) -> None:
    """Also those that mean nothing: whoever says a million of them is cut off."""
    written = Written(tmp_path, lambda _: None)
    for _ in range(ENTRIES_MOST):
        written.add({"type": "applause"})
    with pytest.raises(WrongResultError, match="more than 10000 things"):
        written.add({"type": "applause"})


def test_call_without_a_sink_has_written_nothing() -> None:
    """Whatever it says."""
    with pytest.raises(WrongResultError, match="more than 0 things"):
        Written(None, lambda _: None).add(file())


@pytest.mark.parametrize("kind", ["page", "file", "thumbnail"])
def test_file_that_is_not_there_is_missed(kind: str, tmp_path: Path) -> None:
    """An add-on can say anything."""
    written = Written(tmp_path, lambda _: None)
    for entry in told(tmp_path):
        written.add(entry)
    (path,) = tmp_path.glob(f"*.{kind}")
    path.unlink()
    with pytest.raises(WrongResultError, match=f"told of a {kind} that is not there"):
        written.check_files()


@pytest.mark.parametrize("how", ["shorter", "link", "folder"])
def test_file_that_is_another_is_noticed(how: str, tmp_path: Path) -> None:
    """Cut off, a link to somewhere else, or no file at all."""
    written = Written(tmp_path, lambda _: None)
    for entry in told(tmp_path):
        written.add(entry)
    (path,) = tmp_path.glob("*.page")
    data = path.read_bytes()
    path.unlink()
    if how == "shorter":
        path.write_bytes(data[:-1])
    elif how == "link":
        (tmp_path / "elsewhere").write_bytes(data)
        path.symlink_to(tmp_path / "elsewhere")
    else:
        path.mkdir()
    with pytest.raises(WrongResultError, match="told of another page than is there"):
        written.check_files()
