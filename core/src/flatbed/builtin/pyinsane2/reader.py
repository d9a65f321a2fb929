"""Reading pages through pyinsane2 into a sink."""

from __future__ import annotations

import time
from contextlib import AbstractContextManager
from types import ModuleType, TracebackType
from typing import TYPE_CHECKING, Any

from flatbed.addon.types import Color, Mode, PageSink
from flatbed.builtin.pyinsane2.library import named_errors
from flatbed.builtin.sane.frames import PASSES, Frame
from flatbed.builtin.sane.threads import SETTLE_S, keep_sigterm
from flatbed.errors import DeviceFault, DeviceUnsupportedError, EmptyPageError, FeederEmptyError

if TYPE_CHECKING:
    from PIL.Image import Image


class PageReader(AbstractContextManager["PageReader"]):
    """Reads the pages of one job; leaving it ends what is in transfer.

    Args:
        library: pyinsane2.
        scanner: Its object, open and set up.
        out: Takes the pages.
    """

    def __init__(self, library: ModuleType, scanner: Any, out: PageSink) -> None:
        self._library = library
        self._scanner = scanner
        self._out = out
        self._session: Any = None

    def read_page(self, dpi: tuple[float, float], color: Color) -> None:
        """Let the device scan one page into the sink.

        Args:
            dpi: (horizontal, vertical) resolution that the page gets.
            color: What the page is to be, because black and white comes as gray.

        Raises:
            FeederEmptyError: If there is no sheet.
            EmptyPageError: If the device ends the page without a single row.
            DeviceUnsupportedError: If the library would make a wrong picture of it.
            DeviceFault: If the device says so.
            ScanCanceledError: If the job was cancelled.
        """
        self._out.check_canceled()
        try:
            image = self._read_image()
        except StopIteration as end:
            raise FeederEmptyError from end
        except DeviceFault:
            # A read that a signal interrupted fails like one that the device broke off.
            self._out.check_canceled()
            raise
        finished = _in_mode(image, color)
        with self._out.new_page(
            size_px=finished.size,
            dpi=dpi,
            mode=_mode_of(finished),
            bits=1 if finished.mode == "1" else 8,
        ) as page:
            page.write_image(finished)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        # WIA has no cancel in this library; what is in transfer there goes on to its end.
        if self._session is not None and self._is_sane():
            time.sleep(SETTLE_S)
            self._session.scan.cancel()

    def _read_image(self) -> Image:
        with named_errors(self._library):
            if self._session is None or not self._goes_on():
                self._session = self._scanner.scan(multiple=True)
            self._check_frame()
            self._read_to_end()
        if not self._session.images:
            # The library's way to say NO_DOCS in the middle of a feed.
            raise FeederEmptyError
        image: Image = self._session.images.pop()
        if 0 in image.size:
            raise EmptyPageError
        return image

    def _read_to_end(self) -> None:
        while True:
            self._out.check_canceled()
            try:
                self._session.scan.read()
            except EOFError:
                return
            finally:
                keep_sigterm()

    def _check_frame(self) -> None:
        """Refuse what the library would turn into a wrong picture without an error."""
        if not self._is_sane():
            return
        frame = self._session.scan.parameters
        packed = frame.pixels_per_line * (3 if frame.format == Frame.RGB else 1)
        is_one_bit_gray = frame.depth == 1 and frame.format == Frame.GRAY
        is_packed = frame.depth == 8 and frame.bytes_per_line == packed
        if frame.format in PASSES or not (is_one_bit_gray or is_packed):
            raise DeviceUnsupportedError(
                "pyinsane2 cannot read pictures in this form. Choose another mode or driver.",
                format=frame.format,
                depth=frame.depth,
                line_bytes=frame.bytes_per_line,
            )

    def _is_sane(self) -> bool:
        return hasattr(self._session.scan, "parameters")

    def _goes_on(self) -> bool:
        """Whether the session has another page; one that is not of a feeder ends with its first."""
        scan = self._session.scan
        return bool(scan.is_scanning if self._is_sane() else scan.multiple)


def _mode_of(image: Image) -> Mode:
    return "1" if image.mode == "1" else "L" if image.mode == "L" else "RGB"


def _in_mode(image: Image, color: Color) -> Image:
    if color == "bw":
        # The library makes 0 and 255 of bits, so that nothing is left to dither.
        return image.convert("1")
    wanted = "L" if image.mode in ("1", "L") else "RGB"
    return image if image.mode == wanted else image.convert(wanted)
