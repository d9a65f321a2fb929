"""The pixels of one page on their way into its file: strips, deflated side by side."""

from __future__ import annotations

import math
import sys
from array import array
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace

from PIL.Image import Image

from flatbed.addon.frames import FrameWriter
from flatbed.addon.types import Bits, Mode, Rows
from flatbed.errors import DeviceFault, InvalidInputError, TooBigError
from flatbed.runtime import jpeg, png
from flatbed.runtime.filters import filter_up, gains_by_up
from flatbed.runtime.thumbnail import StripScaler

STRIP_BYTES = 512 << 10
"""Large enough to cost nothing in size, small enough for two cores to share a page."""

PAGE_PIXELS = 400_000_000
"""What one page may have; A3 at 1200 dpi has 278 million."""

_WAITING_STRIPS = 12
"""Strips in memory beside the one being filled; the driver waits for the oldest beyond this."""

_STRIPS_A_JUDGEMENT = 16
"""How many strips are filtered alike before a sample is looked at again."""

_JPEG_STRIP_BYTES = 2 << 20
"""Where bands of a JPEG need larger strips, none is made while the page is scanned."""

_SHAPES = {("1", 1), ("L", 8), ("L", 16), ("RGB", 8), ("RGB", 16)}
_MOST_DPI = 100_000
_LIKELY_RATIO = 1.5  # height to width, where the height is not known beforehand


@dataclass(frozen=True, kw_only=True)
class PageShape:
    """What is known of a page before its first row.

    Attributes:
        size_px: (width, height); a height of `None` where only the end will tell.
        dpi: (horizontal, vertical).
        mode: `1`, `L` or `RGB`.
        bits: Bits of one sample.
    """

    size_px: tuple[int, int | None]
    dpi: tuple[float, float]
    mode: Mode
    bits: Bits

    def __post_init__(self) -> None:
        width, height = self.size_px
        if width < 1 or (height is not None and height < 1):
            raise InvalidInputError(f"A page of {width} x {height} pixels cannot be.")
        if width * (height or 1) > PAGE_PIXELS:
            raise TooBigError(
                f"A page of {width} x {height} pixels is too big."
                " Scan with a lower resolution or a smaller area."
            )
        if not all(0 < each <= _MOST_DPI for each in self.dpi):
            raise InvalidInputError(f"A page of {self.dpi[0]:g} x {self.dpi[1]:g} dpi cannot be.")
        if (self.mode, self.bits) not in _SHAPES:
            raise InvalidInputError(f"A page of mode {self.mode} has no {self.bits} bit samples.")

    @property
    def row_bytes(self) -> int:
        """Bytes of one row, without its filter byte."""
        samples = self.size_px[0] * (3 if self.mode == "RGB" else 1)
        return (samples * self.bits + 7) // 8

    @property
    def likely_height(self) -> int:
        """The height that was said, or a guess."""
        return self.size_px[1] or round(self.size_px[0] * _LIKELY_RATIO)

    @property
    def most_rows(self) -> int:
        """No page has more rows than that."""
        return self.size_px[1] or PAGE_PIXELS // self.size_px[0]

    def of_height(self, rows: int) -> PageShape:
        """The same page, its height known."""
        return replace(self, size_px=(self.size_px[0], rows))


@dataclass(frozen=True)
class _Worked:
    buffer: bytearray
    strip: png.Strip
    small: Image
    band: bytes | None


class StripPipeline:
    """Takes rows from the driver's thread and leaves a PNG in an encrypted file.

    Deflating lets go of the interpreter's lock, so strips are worked on by the pool while the
    driver reads on. Results are written in the driver's thread, in order, as they are ready.

    Attributes:
        rows: How many rows have come.
        small: The finished strips, reduced.
    """

    def __init__(
        self, shape: PageShape, file: FrameWriter, pool: ThreadPoolExecutor, *, wants_jpeg: bool
    ) -> None:
        self._shape, self._file, self._pool = shape, file, pool
        width, height = shape.size_px[0], shape.likely_height
        self._scaler = StripScaler(width, height, mode=shape.mode, bits=shape.bits)
        self._stride = 1 + shape.row_bytes
        self._strip_rows = _strip_rows(self._stride, self._scaler.block_rows)
        self._makes_jpeg = wants_jpeg and self._can_make_jpeg()
        self._buffer_bytes = (self._strip_rows + 1) * self._stride + 1
        self._spare: list[bytearray] = []
        self._buffer = self._next_buffer()
        self._filled = 0
        self._waiting: deque[Future[_Worked]] = deque()
        self._submitted = 0
        self._is_filtered = False
        self._adler = 1
        self._strips = 0
        self.rows = 0
        self.small: list[Image] = []
        self._bands: list[bytes] = []
        file.write(png.opening((width, height), dpi=shape.dpi, mode=shape.mode, bits=shape.bits))

    def add(self, rows: Rows) -> None:
        """Add whole rows.

        Raises:
            DeviceFault: If there are more rows than the page can have, or a row is cut.
        """
        count, rest = divmod(memoryview(rows).nbytes, self._shape.row_bytes)
        if rest:
            raise DeviceFault("The driver sent a part of a row. Report this to its author.")
        if self.rows + count > self._shape.most_rows:
            raise DeviceFault("The driver sent more rows than the page has. Scan this sheet again.")
        self._copy(memoryview(self._in_file_order(rows)).cast("B"), count)
        self.rows += count

    def finish(self) -> PageShape:
        """Write what is left; the shape of the page as it turned out."""
        if self._filled:
            self._submit()
        while self._waiting:
            self._write_oldest()
        self._file.write(png.closing(self._adler))
        shape = self._shape.of_height(self.rows)
        size = (shape.size_px[0], self.rows)
        self._file.patch(png.HEADER_OFFSET, png.header(size, mode=shape.mode, bits=shape.bits))
        return shape

    def thumbnail(self) -> bytes:
        """The JPEG of the whole page in small; only after `finish`."""
        return self._scaler.thumbnail(self.small, (self._shape.size_px[0], self.rows))

    def jpeg(self) -> bytes | None:
        """The JPEG of the whole page, where one was made; only after `finish`."""
        size = (self._shape.size_px[0], self.rows)
        if not self._bands or not jpeg.can_hold(size, self._strip_rows):
            return None
        return jpeg.join_bands(self._bands, height_px=self.rows)

    def _in_file_order(self, rows: Rows) -> Rows:
        if self._shape.bits != 16 or sys.byteorder == "big":
            return rows
        samples = array("H", bytes(rows))
        samples.byteswap()
        return memoryview(samples)

    def _copy(self, rows: memoryview, count: int) -> None:
        row_bytes, stride = self._shape.row_bytes, self._stride
        buffer, filled = self._buffer, self._filled
        for start in range(0, count * row_bytes, row_bytes):
            at = filled * stride
            buffer[at + 1 : at + stride] = rows[start : start + row_bytes]
            filled += 1
            if filled == self._strip_rows:
                self._filled = filled
                self._submit()
                buffer, filled = self._buffer, 0
        self._filled = filled

    def _submit(self) -> None:
        # One spare row stays behind the last for the scaler, which steps over rows.
        self._judge_filter()
        self._waiting.append(
            self._pool.submit(self._work, self._buffer, self._filled, is_filtered=self._is_filtered)
        )
        self._buffer, self._filled = self._next_buffer(), 0
        while self._waiting and (len(self._waiting) > _WAITING_STRIPS or self._waiting[0].done()):
            self._write_oldest()

    def _judge_filter(self) -> None:
        # One bit samples are packed: what stands above them is no better guess than nothing.
        if self._shape.bits > 1 and self._submitted % _STRIPS_A_JUDGEMENT == 0:
            rows = memoryview(self._buffer)[: self._filled * self._stride]
            self._is_filtered = gains_by_up(rows, self._stride)
        self._submitted += 1

    def _work(self, buffer: bytearray, count: int, *, is_filtered: bool) -> _Worked:
        rows = memoryview(buffer)[: (count + 1) * self._stride + 1]
        whole = rows[: count * self._stride]
        parts = filter_up(whole, self._stride) if is_filtered else [whole]
        strip = png.deflate_strip(*parts)
        band = self._encode_band(rows, count) if self._makes_jpeg else None
        return _Worked(buffer, strip, self._scaler.shrink(rows, count), band)

    def _can_make_jpeg(self) -> bool:
        block_rows = math.lcm(self._scaler.block_rows, jpeg.BAND_ROWS)
        if block_rows * self._stride > _JPEG_STRIP_BYTES:
            return False
        self._strip_rows = _strip_rows(self._stride, block_rows)
        first = (self._shape.size_px[0], min(self._strip_rows, self._shape.most_rows))
        return jpeg.can_hold(first, self._strip_rows)

    def _encode_band(self, rows: memoryview, count: int) -> bytes:
        return jpeg.encode_band(self._scaler.decode(rows, count), dpi=self._shape.dpi)

    def _write_oldest(self) -> None:
        worked = self._waiting.popleft().result()
        for part in png.strip_chunk(worked.strip, is_first=self._strips == 0):
            self._file.write(part)
        self._file.begin_sync()
        self._adler = png.join_adler(self._adler, worked.strip.adler, worked.strip.length)
        self._strips += 1
        self.small.append(worked.small)
        if worked.band is not None:
            self._bands.append(worked.band)
        self._spare.append(worked.buffer)

    def _next_buffer(self) -> bytearray:
        # Each row's filter byte is 0 from the start, and what filters leaves it so.
        return self._spare.pop() if self._spare else bytearray(self._buffer_bytes)


def _strip_rows(stride: int, block_rows: int) -> int:
    return max(1, STRIP_BYTES // stride // block_rows) * block_rows
