"""Encrypted files as streams that can seek, for readers that jump about in a file."""

from __future__ import annotations

import io
from functools import lru_cache
from typing import IO, Any

from flatbed.addon.frames import FRAME_BYTES, FrameReader
from flatbed.errors import PageCorruptError

_FRAMES_KEPT = 8
_BUFFER_BYTES = 64 << 10


class _FrameStream(io.RawIOBase):
    """The plain bytes of a `FrameReader`, which it closes with itself."""

    def __init__(self, reader: FrameReader) -> None:
        self._reader, self._at = reader, 0
        self._frame = lru_cache(_FRAMES_KEPT)(reader.read_frame)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._reader.size}[whence]
        if start + offset < 0:
            raise ValueError("A place before the start of the file.")
        self._at = start + offset
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: Any) -> int:
        if self._at >= self._reader.size:
            return 0
        number, offset = divmod(self._at, FRAME_BYTES)
        part = memoryview(self._frame(number))[offset : offset + len(buffer)]
        buffer[: len(part)] = part
        self._at += len(part)
        return len(part)

    def close(self) -> None:
        self._reader.close()
        super().close()


def open_file(path: str, key: bytes, uid: str) -> IO[bytes]:
    """The plain content of an encrypted file as a stream that can seek.

    Raises:
        PageCorruptError: If it is missing, or empty and was not; at a read, if it is not what was
            written.
    """
    try:
        reader = FrameReader(path, key=key, uid=uid, kind="file")
    except OSError as error:
        raise PageCorruptError(f"The copy of a file cannot be read: {error.strerror}.") from error
    if not reader.size:
        # No read would ever come to its only frame.
        _check_empty(reader)
    return io.BufferedReader(_FrameStream(reader), _BUFFER_BYTES)


def _check_empty(reader: FrameReader) -> None:
    try:
        reader.read_frame(0)
    except PageCorruptError:
        reader.close()
        raise
