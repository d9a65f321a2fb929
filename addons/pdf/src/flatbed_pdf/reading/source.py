"""The encrypted copy as pdfium reads it: piece by piece, when it comes to it."""

from __future__ import annotations

import ctypes
import io
from collections.abc import Callable
from typing import IO, TYPE_CHECKING, Any, TypeVar, cast

from pypdfium2 import raw

from flatbed.errors import FlatbedError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

Found = TypeVar("Found")

_END_MARK = b"%%EOF"
_TAIL_BYTES = 2048  # writers put blanks or a few lines of their own behind the mark


class Source:
    """A stream for a callback from C, through which no error can pass: it is kept instead.

    Must live as long as the document that is read from it.

    Attributes:
        size: Of the file in bytes.
        has_end: The mark that ends every PDF stands near the end.
        access: What pdfium takes.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._fault: FlatbedError | OSError | None = None
        self.size = stream.seek(0, io.SEEK_END)
        stream.seek(max(0, self.size - _TAIL_BYTES))
        self.has_end = _END_MARK in stream.read(_TAIL_BYTES)
        self.access = raw.FPDF_FILEACCESS()
        self.access.m_FileLen = self.size
        self.access.m_GetBlock = type(self.access.m_GetBlock)(self._read)

    def check(self) -> None:
        """Raise what a read by pdfium came upon, such as `PageCorruptError`."""
        if self._fault is not None:
            raise self._fault

    def look(self, read: Callable[[IO[bytes]], Found]) -> Found:
        """What another reader than pdfium finds; pdfium goes on afterwards.

        Raises:
            FlatbedError, OSError: As the stream did, whatever the reader made of it.
        """
        found = read(cast("IO[bytes]", _Noted(self._stream, self._note)))
        self.check()
        return found

    def _read(self, _: Any, place: int, target: Any, size: int) -> int:
        """Fill `size` bytes from a place of the file; 0 for a failure, as pdfium has it."""
        try:
            self._stream.seek(place)
            data = self._stream.read(size)
        except (FlatbedError, OSError) as error:
            self._note(error)
            return 0
        ctypes.memmove(target, data, len(data))
        return int(len(data) == size)

    def _note(self, error: FlatbedError | OSError) -> None:
        self._fault = self._fault or error


class _Noted(io.RawIOBase):
    """A stream whose errors are noted: qpdf takes them for damage of the file."""

    def __init__(self, stream: IO[bytes], note: Callable[[FlatbedError | OSError], None]) -> None:
        super().__init__()
        self._stream, self._note = stream, note

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        return self._stream.tell()

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer).cast("B")
        try:
            data = self._stream.read(len(view))
        except (FlatbedError, OSError) as error:
            self._note(error)
            raise
        view[: len(data)] = data
        return len(data)
