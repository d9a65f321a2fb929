"""A sink that keeps everything in memory, for hooks that are called without a process."""

from __future__ import annotations

import io
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any

from flatbed.addon.types import Bits, Mode, Rows
from flatbed.errors import EmptyPageError, ScanCanceledError

if TYPE_CHECKING:
    from PIL.Image import Image


@dataclass
class MemoryPage:
    """A finished page: `rows` are its pixels as `PageWriter.write_rows` takes them."""

    size_px: tuple[int, int]
    dpi: tuple[float, float]
    mode: Mode
    bits: Bits
    rows: bytes
    source_page: int = 0


@dataclass
class MemorySink:
    """A `PageSink` that keeps pages and files.

    Attributes:
        steps: What the add-on said of its progress.
        finished: The pages whose `with` block ended well.
        discarded: How many ended by an error.
        cancel_after_rows: Act as if the job was cancelled once that many rows have come.
    """

    pages: int = 0
    attempt: int = 1
    finished: list[MemoryPage] = field(default_factory=list)
    files: list[tuple[str, bytes]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    steps: list[tuple[int, int]] = field(default_factory=list)
    commands: deque[dict[str, Any]] = field(default_factory=deque)
    discarded: int = 0
    is_open: bool = False
    is_canceled: bool = False
    cancel_after_rows: int | None = None
    rows_seen: int = 0

    def device_opened(self) -> None:
        self.is_open = True

    def warn(self, message: str) -> None:
        self.warnings.append(message)

    def progress(self, done: int, total: int) -> None:
        self.steps.append((done, total))

    def check_canceled(self) -> None:
        if self.is_canceled:
            raise ScanCanceledError

    def before_sheet(self) -> None:
        self.check_canceled()

    def next_command(self, timeout_s: float = 0) -> dict[str, Any] | None:  # noqa: ARG002
        return self.commands.popleft() if self.commands else None

    def new_page(
        self,
        *,
        size_px: tuple[int, int | None],
        dpi: tuple[float, float],
        mode: Mode,
        bits: Bits,
        source_page: int = 0,
    ) -> MemoryWriter:
        self.check_canceled()
        return MemoryWriter(self, size_px, dpi, mode, bits, source_page)

    @contextmanager
    def new_file(self, media_type: str) -> Iterator[IO[bytes]]:
        stream = io.BytesIO()
        yield stream
        self.files.append((media_type, stream.getvalue()))


class MemoryWriter:
    """The `PageWriter` of a `MemorySink`."""

    def __init__(
        self,
        sink: MemorySink,
        size_px: tuple[int, int | None],
        dpi: tuple[float, float],
        mode: Mode,
        bits: Bits,
        source_page: int = 0,
    ) -> None:
        self._sink, self._dpi, self._mode, self._bits = sink, dpi, mode, bits
        self._source_page = source_page
        self._width, self._height = size_px
        samples = self._width * (3 if mode == "RGB" else 1)
        self._row_bytes = (samples * bits + 7) // 8
        self._rows = bytearray()

    def write_rows(self, rows: Rows) -> None:
        data = bytes(rows)
        if len(data) % self._row_bytes:
            raise ValueError(f"{len(data)} bytes are not whole rows of {self._row_bytes}")
        self._rows += data
        self._sink.rows_seen += len(data) // self._row_bytes
        limit = self._sink.cancel_after_rows
        if limit is not None and self._sink.rows_seen >= limit:
            self._sink.is_canceled = True
        self._sink.check_canceled()

    def write_image(self, image: Image) -> None:
        self.write_rows(image.tobytes())

    def __enter__(self) -> MemoryWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        if kind is not None:
            self._sink.discarded += 1
            return
        height = len(self._rows) // self._row_bytes
        if height == 0:
            self._sink.discarded += 1
            raise EmptyPageError
        page = MemoryPage(
            *((self._width, height), self._dpi, self._mode, self._bits, bytes(self._rows)),
            source_page=self._source_page,
        )
        self._sink.finished.append(page)
        self._sink.pages += 1
