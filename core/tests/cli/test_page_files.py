"""The files that pages go into."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from flatbed.cli.failures import OutputError
from flatbed.cli.page_files import PageFiles, Target


def _add(files: PageFiles, content: str) -> list[Path]:
    part = files.begin()
    part.write(content.encode())
    part.close()
    return files.add(part)


def _content(folder: Path) -> dict[str, str]:
    return {each.name: each.read_text() for each in folder.iterdir()}


def test_first_page_gets_its_name_with_the_second(tmp_path: Path) -> None:
    """Until then nobody knows which one it is."""
    files = PageFiles(Target(tmp_path / "page.jpg"))
    assert _add(files, "one") == []
    assert _add(files, "two") == [tmp_path / "page-001.jpg", tmp_path / "page-002.jpg"]
    assert _add(files, "three") == [tmp_path / "page-003.jpg"]
    assert files.finish() == []
    assert _content(tmp_path) == {
        "page-001.jpg": "one",
        "page-002.jpg": "two",
        "page-003.jpg": "three",
    }
    assert [each.name for each in files.saved] == ["page-001.jpg", "page-002.jpg", "page-003.jpg"]


def test_only_page_gets_the_plain_name_at_the_end(tmp_path: Path) -> None:
    """The one that was asked for."""
    files = PageFiles(Target(tmp_path / "page.jpg"))
    _add(files, "one")
    assert files.finish() == [tmp_path / "page.jpg"]
    assert _content(tmp_path) == {"page.jpg": "one"}


@pytest.mark.parametrize(("name", "is_single"), [("page.jpg", True), ("all.tiff", False)])
def test_file_that_stays_alone_gets_its_name_at_once(
    tmp_path: Path, *, name: str, is_single: bool
) -> None:
    """One page was asked for, or one file holds them all."""
    files = PageFiles(Target(tmp_path / name), is_single=is_single)
    assert _add(files, "one") == [tmp_path / name]


def test_numbers_grow_past_three_digits() -> None:
    """Rather than repeat themselves."""
    target = Target(Path("scans/page.jpg"))
    assert [str(target.numbered(page)) for page in (1, 999, 1000)] == [
        "scans/page-001.jpg",
        "scans/page-999.jpg",
        "scans/page-1000.jpg",
    ]


@pytest.mark.parametrize("taken", ["page-001.jpg", "page-002.jpg"])
def test_name_that_is_taken_meanwhile_is_left_alone(tmp_path: Path, taken: str) -> None:
    """And no part of a file stays behind."""
    files = PageFiles(Target(tmp_path / "page.jpg"))
    _add(files, "one")
    (tmp_path / taken).write_text("mine")
    part = files.begin()
    part.close()
    with pytest.raises(OutputError, match=f"{taken} is there already"):
        files.add(part)
    part.discard()
    assert files.finish() == []
    assert _content(tmp_path)[taken] == "mine"
    assert [name for name in _content(tmp_path) if name.endswith(".part")] == []


def test_name_that_is_taken_is_overwritten_on_demand(tmp_path: Path) -> None:
    """As a whole: the longer file of before does not show through."""
    (tmp_path / "page.jpg").write_text("a longer one")
    files = PageFiles(Target(tmp_path / "page.jpg", overwrites=True), is_single=True)
    _add(files, "new")
    assert _content(tmp_path) == {"page.jpg": "new"}


def test_part_that_begins_again_has_nothing_of_before(tmp_path: Path) -> None:
    """A page whose connection broke comes anew."""
    files = PageFiles(Target(tmp_path / "page.jpg"), is_single=True)
    part = files.begin()
    part.write(b"half of")
    part.restart()
    part.write(b"all")
    part.close()
    files.add(part)
    assert _content(tmp_path) == {"page.jpg": "all"}


def test_part_that_is_discarded_is_gone_and_takes_no_more(tmp_path: Path) -> None:
    """The last bytes of an answer may still be on their way."""
    part = PageFiles(Target(tmp_path / "page.jpg")).begin()
    part.discard()
    part.write(b"late")
    part.discard()
    assert _content(tmp_path) == {}


def test_check_of_a_link_to_nowhere_finds_it(tmp_path: Path) -> None:
    """It is a name that is taken, whatever it leads to."""
    (tmp_path / "page.jpg").symlink_to(tmp_path / "away")
    with pytest.raises(OutputError, match="is there already"):
        Target(tmp_path / "page.jpg").check()


@pytest.mark.parametrize("beside", ["page-01.jpg", "page-001.png", "my-page-001.jpg", "page.jpg.1"])
def test_check_minds_only_names_that_may_be_used(tmp_path: Path, beside: str) -> None:
    """Others are none of its business."""
    (tmp_path / beside).write_text("mine")
    Target(tmp_path / "page.jpg").check()


def test_check_of_a_document_minds_only_its_name(tmp_path: Path) -> None:
    """There will be no numbers."""
    (tmp_path / "all-001.tiff").write_text("mine")
    Target(tmp_path / "all.tiff").check()


@pytest.mark.parametrize("name", ["page[1].jpg", "p*ge.jpg", "page+.jpg"])
def test_check_takes_names_as_they_are(tmp_path: Path, name: str) -> None:
    """No character of a name is a pattern."""
    target = Target(tmp_path / name)
    target.check()
    target.numbered(12).write_text("mine")
    with pytest.raises(OutputError, match="is there already"):
        target.check()


def test_check_of_a_folder_as_file_says_so(tmp_path: Path) -> None:
    """Also with leave to overwrite."""
    (tmp_path / "page.jpg").mkdir()
    with pytest.raises(OutputError, match="is a folder"):
        Target(tmp_path / "page.jpg", overwrites=True).check()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_check_of_a_closed_folder_says_so(tmp_path: Path) -> None:
    """Before a page is scanned that cannot be put there."""
    tmp_path.chmod(0o500)
    with pytest.raises(OutputError, match="You may not write to"):
        Target(tmp_path / "page.jpg").check()
