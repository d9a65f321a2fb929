"""Reading pages from an open device into a sink."""

from __future__ import annotations

import ctypes
import time
from collections.abc import Iterator

from flatbed.addon.types import PageSink, Rows
from flatbed.builtin.sane.frames import PASSES, Frame, Layout, interleave, lay_out
from flatbed.builtin.sane.libsane import Device, Parameters
from flatbed.builtin.sane.threads import keep_sigterm
from flatbed.errors import DeviceFault, EmptyPageError

_BUFFER_BYTES = 1 << 20
_HAND_ON_BYTES = _BUFFER_BYTES // 2
"""Rows are handed on from this many bytes on: a call for each read of 64 KiB costs more."""

_HAND_ON_S = 0.25
"""A slow device's rows are handed on after this time, however few they are."""

_PAUSE_S = 0.005
"""Between reads that bring nothing, which a driver may answer instead of waiting itself."""


class PageReader:
    """Reads the pages of one job, all through one buffer.

    Args:
        device: Open and set up; read by the calling thread only.
        out: Takes the pages.
    """

    def __init__(self, device: Device, out: PageSink) -> None:
        self._device = device
        self._out = out
        self._buffer = _Buffer(_BUFFER_BYTES)

    def read_page(self, dpi: tuple[float, float]) -> None:
        """Let the device scan one page into the sink.

        Args:
            dpi: (horizontal, vertical) resolution that the page gets.

        Raises:
            FeederEmptyError: If there is no sheet.
            EmptyPageError: If the device ends the page without a single row.
            DeviceFault: If the device says so; nothing of the page stays.
            ScanCanceledError: If the job was cancelled.
        """
        self._out.before_sheet()
        self._device.start()
        # Only now are the parameters true; before the start a device may guess.
        first = self._device.parameters()
        layout = lay_out(first)
        page = self._out.new_page(
            size_px=(layout.width_px, layout.height_px),
            dpi=dpi,
            mode=layout.mode,
            bits=layout.bits,
        )
        with page:
            written_bytes = 0
            for rows in self._cut(self._read_rows(first, layout), layout):
                page.write_rows(rows)
                written_bytes += len(rows)
            if not written_bytes:
                raise EmptyPageError

    def _read_rows(self, first: Parameters, layout: Layout) -> Iterator[Rows]:
        if first.format in PASSES:
            yield from self._read_passes(first, layout)
            return
        for lines in self._read_lines(layout.line_bytes):
            yield layout.to_rows(lines)

    def _cut(self, strips: Iterator[Rows], layout: Layout) -> Iterator[Rows]:
        """Leave out what comes beyond the announced height; the page is not lost by it."""
        if layout.height_px is None:
            yield from strips
            return
        room = layout.height_px * layout.row_bytes
        surplus = 0
        for rows in strips:
            if room:
                yield memoryview(rows)[:room]
            surplus += max(len(rows) - room, 0)
            room = max(room - len(rows), 0)
        if surplus:
            count = surplus // layout.row_bytes
            self._out.warn(f"The scanner sent {count} rows more than announced; they are left out.")

    def _read_passes(self, first: Parameters, layout: Layout) -> Iterator[Rows]:
        planes: dict[int, bytearray] = {}
        frame, frame_layout = first, layout
        while True:
            plane = bytearray()
            for lines in self._read_lines(frame_layout.line_bytes):
                plane += frame_layout.to_rows(lines)
                # No rows yet, but a sign of life: the device is held to a limit between rows.
                yield b""
            planes[frame.format] = plane
            if len(planes) == len(PASSES):
                break
            frame, frame_layout = self._next_pass(planes, layout)
        sample_bytes = layout.bits // 8
        strip_rows = max(_HAND_ON_BYTES // layout.row_bytes, 1)
        strip_bytes = strip_rows * layout.width_px * sample_bytes
        yield from interleave([planes[name] for name in PASSES], sample_bytes, strip_bytes)

    def _next_pass(self, planes: dict[int, bytearray], layout: Layout) -> tuple[Parameters, Layout]:
        self._device.start()
        frame = self._device.parameters()
        found = lay_out(frame)
        is_fitting = (found.width_px, found.bits) == (layout.width_px, layout.bits)
        if frame.format not in PASSES or frame.format in planes or not is_fitting:
            raise DeviceFault(
                "The scanner's colour passes do not fit together. Scan this page again.",
                passes=[Frame(name).name for name in (*planes, frame.format)],
            )
        return frame, found

    def _read_lines(self, line_bytes: int) -> Iterator[memoryview]:
        """The lines of one frame, some at a time, in a buffer that is used again after each."""
        view = self._buffer.reserve(2 * line_bytes)
        filled, handed_on_s = 0, time.monotonic()
        keep_sigterm()
        while (count := self._read_into(filled)) is not None:
            if not filled:
                keep_sigterm()
            filled += count
            whole, now_s = filled - filled % line_bytes, time.monotonic()
            if whole and (filled >= _HAND_ON_BYTES or now_s - handed_on_s >= _HAND_ON_S):
                yield view[:whole]
                view[: filled - whole] = view[whole:filled]
                filled, handed_on_s = filled - whole, now_s
        whole = filled - filled % line_bytes
        if whole:
            yield view[:whole]
        if whole < filled:
            self._out.warn("The scanner broke off inside a row; this row is left out.")

    def _read_into(self, offset: int) -> int | None:
        self._out.check_canceled()
        try:
            count = self._device.read_into(
                self._buffer.address + offset, self._buffer.size - offset
            )
        except DeviceFault:
            # A read that a signal interrupted fails like one that the device broke off.
            self._out.check_canceled()
            raise
        if count == 0:
            time.sleep(_PAUSE_S)
        return count


class _Buffer:
    """Memory at a fixed address that libsane writes to and Python reads without a copy."""

    def __init__(self, size: int) -> None:
        self._raw = (ctypes.c_ubyte * size)()

    @property
    def size(self) -> int:
        return len(self._raw)

    @property
    def address(self) -> int:
        return ctypes.addressof(self._raw)

    def reserve(self, size: int) -> memoryview:
        """The memory as bytes, of this size at least; what was in it may be lost."""
        if size > self.size:
            self._raw = (ctypes.c_ubyte * size)()
        return memoryview(self._raw).cast("B")
