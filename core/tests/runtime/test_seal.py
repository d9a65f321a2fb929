"""The seal of an installed add-on: what was changed after it was installed is seen."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from flatbed.errors import AddonMissingError
from flatbed.runtime import seal as module
from flatbed.runtime.seal import AddonChangedError, Seal, hash_file, write_seal

CODE = "pack/__init__.py"
DATA = "pack/deep/data,with comma.bin"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three files under a seal."""
    made = tmp_path / "1.0"
    (made / "pack" / "deep").mkdir(parents=True)
    (made / CODE).write_text("one = 1\n")
    (made / DATA).write_bytes(b"\x00\xff")
    (made / "empty").write_text("")
    write_seal(made)
    return made


def sealed(folder: Path) -> Seal:
    """The seal that was written."""
    return Seal(folder, "stamp", "1.0")


def test_write_seal_has_the_form_of_a_record(folder: Path) -> None:
    """Path, hash and size, as in wheels; the hashes are those of another program."""
    assert (folder / "RECORD").read_text().splitlines() == [
        "empty,sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,0",
        "pack/__init__.py,sha256=HkdhEfZSg6lFe3KYy3vLO3OhJcAqkSIkpeAK9ppkYz4,8",
        '"pack/deep/data,with comma.bin",sha256=But9amnuGeX733SQGNPSq_oEvL0TZdsxLrhtxxaTibg,2',
    ]


def test_write_seal_where_there_is_one_is_refused(folder: Path) -> None:
    """What a wheel brought is not taken for ours."""
    with pytest.raises(FileExistsError):
        write_seal(folder)


def test_check_of_what_nobody_touched_passes_twice(folder: Path) -> None:
    """Whole is whole."""
    seal = sealed(folder)
    seal.glance()
    seal.check()
    seal.check()


def _grow(folder: Path) -> None:
    (folder / CODE).write_text("one = 1; two = 2\n")


def _add(folder: Path) -> None:
    (folder / "pack" / "more.py").write_text("")


def _delete(folder: Path) -> None:
    (folder / CODE).unlink()


def _link_out(folder: Path) -> None:
    outside = folder.parent / "outside.py"
    outside.write_text("one = 1\n")
    (folder / CODE).unlink()
    (folder / CODE).symlink_to(outside)


def _link_folder(folder: Path) -> None:
    (folder / "pack" / "deep" / "out").symlink_to(folder.parent)


def _replace_by_fifo(folder: Path) -> None:
    (folder / "empty").unlink()
    os.mkfifo(folder / "empty")


CHANGES: dict[str, tuple[Callable[[Path], None], list[str]]] = {
    "another size": (_grow, [CODE]),
    "a new file": (_add, ["pack/more.py"]),
    "a file less": (_delete, [CODE]),
    "a link out": (_link_out, [CODE]),
    "a linked folder": (_link_folder, ["pack/deep/out"]),
    "a pipe": (_replace_by_fifo, ["empty"]),
}


@pytest.mark.parametrize(("change", "files"), CHANGES.values(), ids=CHANGES.keys())
def test_glance_sees_names_and_sizes(
    folder: Path, change: Callable[[Path], None], files: list[str]
) -> None:
    """Without reading a file, and so does the check; the error names add-on, version and files."""
    seal = sealed(folder)
    change(folder)
    for look in (seal.glance, seal.check):
        with pytest.raises(AddonChangedError) as caught:
            look()
        assert caught.value.details == {"addon": "stamp", "version": "1.0", "files": files}
    assert (caught.value.status, caught.value.number, caught.value.name) == (
        503,
        -1126,
        "addon_changed",
    )
    assert caught.value.message == (
        "The files of the add-on 'stamp' 1.0 were changed after it was installed, so it is not"
        " loaded. Install it again."
    )


def test_check_sees_other_bytes_of_the_same_size(folder: Path) -> None:
    """Which a glance does not; also where the file's own time was put back."""
    seal = sealed(folder)
    seal.check()
    times = (folder / CODE).stat()
    (folder / CODE).write_text("one = 2\n")
    os.utime(folder / CODE, ns=(times.st_atime_ns, times.st_mtime_ns))
    seal.glance()
    with pytest.raises(AddonChangedError) as caught:
        seal.check()
    assert caught.value.details["files"] == [CODE]


def test_check_sees_a_seal_that_was_written_anew(folder: Path) -> None:
    """Whoever changes a file and its hash is seen by whoever has read the seal before."""
    seal = sealed(folder)
    (folder / CODE).write_text("one = 2\n")
    (folder / "RECORD").unlink()
    write_seal(folder)
    with pytest.raises(AddonChangedError) as caught:
        seal.check()
    assert caught.value.details["files"] == ["RECORD", CODE]


def test_check_reads_a_file_once_while_nobody_touches_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second time only what was touched is read again."""
    read: list[str] = []

    def counted(path: Path) -> str:
        read.append(path.name)
        return hash_file(path)

    monkeypatch.setattr(module, "hash_file", counted)
    seal = sealed(folder)
    seal.check()
    assert sorted(read) == ["RECORD", "__init__.py", "data,with comma.bin", "empty"]
    read.clear()
    seal.check()
    assert read == []
    os.utime(folder / CODE, ns=(1, 1))
    seal.check()
    assert read == ["__init__.py"]


def test_error_names_the_first_files_only(folder: Path) -> None:
    """Five say enough."""
    seal = sealed(folder)
    for number in range(9):
        (folder / f"a{number}").write_text("")
    with pytest.raises(AddonChangedError) as caught:
        seal.glance()
    assert caught.value.details["files"] == ["a0", "a1", "a2", "a3", "a4"]


@pytest.mark.parametrize("text", [None, "only one column\n", "a,sha256=x,many\n", b"\xff\xfe"])
def test_seal_that_cannot_be_read_is_a_change(folder: Path, text: str | bytes | None) -> None:
    """Missing or damaged: nobody can say any more what was installed."""
    record = folder / "RECORD"
    record.unlink()
    if text is not None:
        record.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(AddonChangedError) as caught:
        sealed(folder)
    assert caught.value.details["files"] == ["RECORD"]


def test_check_of_what_was_removed_says_so(folder: Path) -> None:
    """Not that somebody changed it: a person has taken it away."""
    seal = sealed(folder)
    folder.rename(folder.with_name("gone"))
    with pytest.raises(AddonMissingError, match=r"'stamp' 1\.0 was removed meanwhile"):
        seal.check()


def test_digest_tells_one_installation_from_another(folder: Path) -> None:
    """The same files have the same, other files another."""
    before = sealed(folder).digest
    assert sealed(folder).digest == before
    (folder / CODE).write_text("one = 2\n")
    (folder / "RECORD").unlink()
    write_seal(folder)
    assert sealed(folder).digest != before
