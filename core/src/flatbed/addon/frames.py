"""Encrypted files: AES-256-GCM in frames, so that a reader needs the memory of one frame only.

A file is the magic, then frames of 1 MiB of plain bytes, each followed by its tag; the last may be
shorter. Nonce: seven zero bytes, the frame's number in four, and 1 in the last byte of the last
frame, so that frames can be neither moved nor cut off (the STREAM construction of Hoang,
Reyhanitabar, Rogaway and Vizár). Associated data: magic, kind and uid. A key is used for one file
only: it is derived from the page's key and the kind of the file.
"""

from __future__ import annotations

import errno
import hmac
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from flatbed import system
from flatbed.errors import PageCorruptError

MAGIC = b"FLATBED\x01"
FRAME_BYTES = 1 << 20
TAG_BYTES = 16
KEY_BYTES = 32

_SEALED_BYTES = FRAME_BYTES + TAG_BYTES
_SMALL_BYTES = 32 << 10
_NO_FILE = {errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.ELOOP, errno.EACCES}


def new_key() -> bytes:
    """A fresh random key, 32 bytes."""
    return os.urandom(KEY_BYTES)


def wrap_key(key: bytes, *, by: bytes, uid: str) -> bytes:
    """Encrypt a key by another one, bound to the id of what it opens."""
    nonce = os.urandom(12)
    return nonce + AESGCM(by).encrypt(nonce, key, uid.encode())


def unwrap_key(wrapped: bytes, *, by: bytes, uid: str) -> bytes:
    """The key that `wrap_key` encrypted.

    Raises:
        PageCorruptError: If it was wrapped by another key or for another id, or is damaged.
    """
    try:
        return AESGCM(by).decrypt(wrapped[:12], wrapped[12:], uid.encode())
    except (InvalidTag, ValueError) as error:
        raise PageCorruptError("The key of this page does not open it.") from error


def plain_bytes(file_bytes: int) -> int:
    """How many plain bytes a file of `file_bytes` holds."""
    body = file_bytes - len(MAGIC)
    frames = -(-body // _SEALED_BYTES)
    return max(0, body - frames * TAG_BYTES)


@dataclass(frozen=True)
class Sealed:
    """A finished file: its size in bytes and the tag of its last frame, hexadecimal."""

    size: int
    tag: str


class FrameWriter:
    """Writes one encrypted file front to back; its first frame can be mended until the end.

    The first frame is kept in memory until `finish`, because the height in a picture's header is
    sometimes known only after its last row. It is encrypted once, so no nonce is used twice.
    """

    def __init__(self, path: Path, *, key: bytes, uid: str, kind: str) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        self._cipher = AESGCM(_file_key(key, kind))
        self._associated = _associated(uid, kind)
        self._first: bytearray | None = None
        # Most files are thumbnails, and a buffer that nobody needs costs as much as one in use.
        self._frame = bytearray(_SMALL_BYTES)
        self._sealed = bytearray()
        self._filled = 0
        self._count = 0
        self._end = self._on_its_way = len(MAGIC) + _SEALED_BYTES

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Add bytes; full frames go to the disk."""
        rest = memoryview(data)
        while rest:
            if self._filled == FRAME_BYTES:
                self._flush_full_frame()
            taken = min(len(rest), FRAME_BYTES - self._filled)
            if self._filled + taken > len(self._frame):
                self._frame += bytes(FRAME_BYTES - len(self._frame))
            self._frame[self._filled : self._filled + taken] = rest[:taken]
            self._filled += taken
            rest = rest[taken:]

    def begin_sync(self) -> None:
        """Let full frames start on their way to the disk, so that `finish` is short."""
        if self._end > self._on_its_way:
            system.start_writing_out(self._file, self._on_its_way, self._end - self._on_its_way)
            self._on_its_way = self._end

    def patch(self, offset: int, data: bytes) -> None:
        """Replace bytes of the first frame."""
        first = self._frame if self._first is None else self._first
        first[offset : offset + len(data)] = data

    def seal(self) -> Sealed:
        """Write what is left; the file is whole, but perhaps not on the disk yet."""
        if self._first is not None:
            self._write_frame(0, self._first, is_last=False)
        rest = memoryview(self._frame)[: self._filled]
        sealed = self._write_frame(self._count, rest, is_last=True)
        _write_whole(self._file, memoryview(MAGIC), 0)
        return sealed

    def finish(self) -> Sealed:
        """Seal the file, sync it to the disk and close it."""
        sealed = self.seal()
        os.fsync(self._file)
        self.close()
        return sealed

    def close(self) -> None:
        """Let go of the file, finished or not."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _flush_full_frame(self) -> None:
        if self._count == 0:
            self._first, self._frame = self._frame, bytearray(FRAME_BYTES)
        else:
            self._write_frame(self._count, self._frame, is_last=False)
        self._count += 1
        self._filled = 0

    def _write_frame(self, number: int, plain: bytearray | memoryview, *, is_last: bool) -> Sealed:
        if len(self._sealed) < len(plain) + TAG_BYTES:
            self._sealed = bytearray(len(plain) + TAG_BYTES)
        size = self._cipher.encrypt_into(
            _nonce(number, is_last=is_last),
            plain,
            self._associated,
            memoryview(self._sealed)[: len(plain) + TAG_BYTES],
        )
        offset = len(MAGIC) + number * _SEALED_BYTES
        _write_whole(self._file, memoryview(self._sealed)[:size], offset)
        self._end = offset + size
        return Sealed(offset + size, self._sealed[size - TAG_BYTES : size].hex())


class FrameReader:
    """Reads one encrypted file, a frame at a time.

    Attributes:
        size: Plain bytes in the file.
        frames: How many frames it has.
    """

    def __init__(self, path: str | Path, *, key: bytes, uid: str, kind: str) -> None:
        self._file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        file_bytes = os.fstat(self._file).st_size
        self._cipher = AESGCM(_file_key(key, kind))
        self._associated = _associated(uid, kind)
        self.size = plain_bytes(file_bytes)
        self.frames = max(1, -(-(file_bytes - len(MAGIC)) // _SEALED_BYTES))
        if os.pread(self._file, len(MAGIC), 0) != MAGIC:
            self.close()
            raise PageCorruptError

    def read_frame(self, number: int) -> bytearray:
        """The plain bytes of one frame.

        Raises:
            PageCorruptError: If the frame is not the one that was written.
        """
        sealed = os.pread(self._file, _SEALED_BYTES, len(MAGIC) + number * _SEALED_BYTES)
        plain = bytearray(max(0, len(sealed) - TAG_BYTES))
        nonce = _nonce(number, is_last=number == self.frames - 1)
        try:
            self._cipher.decrypt_into(nonce, sealed, self._associated, plain)
        except (InvalidTag, ValueError) as error:
            raise PageCorruptError from error
        return plain

    def __iter__(self) -> Iterator[bytearray]:
        return (self.read_frame(number) for number in range(self.frames))

    def close(self) -> None:
        """Let go of the file."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def __enter__(self) -> FrameReader:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def read_file(path: str | Path, key: bytes, uid: str, kind: str) -> bytes:
    """The whole plain content of one encrypted file.

    Raises:
        PageCorruptError: If it is missing or not the file that was written.
    """
    try:
        with FrameReader(path, key=key, uid=uid, kind=kind) as reader:
            return b"".join(reader)
    except OSError as error:
        raise PageCorruptError(f"The file of a page cannot be read: {error.strerror}.") from error


def read_tag(path: Path, size: int) -> str | None:
    """The tag of a file's last frame, hexadecimal; `None` unless it has exactly `size` bytes.

    Raises:
        OSError: If the disk fails, which says nothing about the file.
    """
    try:
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_size != size:
                return None
            return os.pread(file.fileno(), TAG_BYTES, size - TAG_BYTES).hex()
    except OSError as error:
        if error.errno in _NO_FILE:
            return None
        raise


def _file_key(key: bytes, kind: str) -> bytes:
    return hmac.digest(key, b"flatbed file " + kind.encode(), "sha256")


def _associated(uid: str, kind: str) -> bytes:
    return MAGIC + kind.encode() + b" " + uid.encode()


def _nonce(number: int, *, is_last: bool) -> bytes:
    return bytes(7) + number.to_bytes(4, "big") + bytes([is_last])


def _write_whole(file: int, data: memoryview, offset: int) -> None:
    while data:
        written = os.pwrite(file, data, offset)
        data, offset = data[written:], offset + written
