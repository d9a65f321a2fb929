"""Encrypted files as streams that can seek."""

from __future__ import annotations

import io
import random
from pathlib import Path

import pytest

from flatbed.addon.frames import FRAME_BYTES, FrameWriter, new_key
from flatbed.addon.types import StoredFile
from flatbed.errors import PageCorruptError

UID = "ab" * 16


def stored(folder: Path, data: bytes) -> StoredFile:
    """A file as a worker gets it."""
    key, path = new_key(), folder / "some.file"
    writer = FrameWriter(path, key=key, uid=UID, kind="file")
    writer.write(data)
    writer.finish()
    return StoredFile(uid=UID, path=str(path), key=key.hex())


def test_stream_reads_and_seeks_as_a_plain_file_does(tmp_path: Path) -> None:
    """Across the borders of frames, from every side, and beyond the end."""
    data = random.Random(1).randbytes(2 * FRAME_BYTES + 1234)
    plain, chance = io.BytesIO(data), random.Random(2)
    with stored(tmp_path, data).open() as stream:
        for _ in range(200):
            whence = chance.choice([io.SEEK_SET, io.SEEK_END])
            offset = chance.randint(0, len(data) + 10) - (len(data) if whence else 0)
            assert stream.seek(offset, whence) == plain.seek(offset, whence)
            size = chance.choice([0, 1, 100, FRAME_BYTES])
            assert stream.read(size) == plain.read(size)
            assert stream.tell() == plain.tell()
        stream.seek(0)
        assert stream.read() == data


def test_empty_file_is_an_empty_stream(tmp_path: Path) -> None:
    """With an end at its start."""
    with stored(tmp_path, b"").open() as stream:
        assert (stream.read(), stream.seek(0, io.SEEK_END)) == (b"", 0)


def test_file_cut_off_within_its_first_frame_is_no_empty_stream(tmp_path: Path) -> None:
    """So short that no plain byte is left in it."""
    file = stored(tmp_path, b"all that there was")
    Path(file.path).write_bytes(Path(file.path).read_bytes()[:24])
    with pytest.raises(PageCorruptError):
        file.open()


def test_stream_has_no_descriptor_and_no_place_before_its_start(tmp_path: Path) -> None:
    """A library that took the descriptor would read ciphertext."""
    with stored(tmp_path, b"letters").open() as stream:
        with pytest.raises(io.UnsupportedOperation):
            stream.fileno()
        with pytest.raises(ValueError, match="before the start"):
            stream.seek(-1)


def test_damaged_frame_is_named_when_it_is_read(tmp_path: Path) -> None:
    """The frames before it are good."""
    file = stored(tmp_path, bytes(2 * FRAME_BYTES))
    data = bytearray(Path(file.path).read_bytes())
    data[-100] ^= 1
    Path(file.path).write_bytes(data)
    with file.open() as stream:
        assert stream.read(100) == bytes(100)
        stream.seek(FRAME_BYTES + 5)
        with pytest.raises(PageCorruptError):
            stream.read(10)


def test_file_that_is_not_there_has_a_name(tmp_path: Path) -> None:
    """And the reason in it."""
    with pytest.raises(PageCorruptError, match="No such file"):
        StoredFile(uid=UID, path=str(tmp_path / "none"), key="00" * 32).open()
