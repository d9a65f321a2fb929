"""Files on their way in: encrypted as they come, and gone when nobody needs them."""

from __future__ import annotations

from pathlib import Path

import pytest

from flatbed.editing.uploads import Upload
from flatbed.errors import DiskFullError, InvalidInputError


def upload_in(folder: Path) -> Upload:
    """An upload with a folder of its own."""
    own = folder / "own"
    own.mkdir()
    return Upload(own)


def test_file_is_told_by_its_first_bytes_however_they_come(tmp_path: Path) -> None:
    """One by one, too; what comes later does not count."""
    upload = upload_in(tmp_path)
    for byte in b"\x89PNG\r\n\x1a\n and %PDF-":
        upload.write(bytes([byte]))
    assert upload.media_type == "image/png"
    upload.write(b"x" * 5000)
    file = upload.finish()
    with file.open() as stream:
        assert stream.read(8) == b"\x89PNG\r\n\x1a\n"
        assert len(stream.read()) == 5010


def test_nothing_of_a_file_stands_on_the_disk_in_the_clear(tmp_path: Path) -> None:
    """Nor does its key."""
    upload = upload_in(tmp_path)
    upload.write(b"a secret letter " * 1000)
    file = upload.finish()
    data = Path(file.path).read_bytes()
    assert b"secret" not in data
    assert bytes.fromhex(file.key) not in data
    assert "secret" not in repr(file)
    assert file.key not in repr(file)


def test_empty_file_is_refused(tmp_path: Path) -> None:
    """There is nothing to load."""
    with pytest.raises(InvalidInputError, match="body is empty"):
        upload_in(tmp_path).finish()


def test_discard_takes_the_folder_along(tmp_path: Path) -> None:
    """Whole or not."""
    upload = upload_in(tmp_path)
    upload.write(b"half")
    upload.discard()
    assert list(tmp_path.iterdir()) == []


def test_full_disk_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the middle of a file: the caller hears of it, and not of a number."""
    upload = upload_in(tmp_path)

    def pwrite(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.pwrite", pwrite)
    with pytest.raises(DiskFullError):
        upload.write(bytes(3 << 20))
