"""Lines of SANE's frames turned into rows of our pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum

from flatbed.addon.types import Bits, Mode, Rows
from flatbed.builtin.sane.libsane import Parameters
from flatbed.errors import DeviceFault, DeviceUnsupportedError

_INVERT = bytes(255 - value for value in range(256))
_DIGITS_TO_SAMPLES = bytes(255 if value == ord("1") else 0 for value in range(256))


class Frame(IntEnum):
    """SANE_Frame; the last three bring one channel of a page each, in any order."""

    GRAY = 0
    RGB = 1
    RED = 2
    GREEN = 3
    BLUE = 4


PASSES = (Frame.RED, Frame.GREEN, Frame.BLUE)


@dataclass(frozen=True, kw_only=True)
class Layout:
    """How a page is laid out, and how lines of its frames become rows.

    Attributes:
        mode: Of the page.
        bits: Of one sample of the page.
        width_px: Of the page.
        height_px: Of the page, or `None` where only its end will tell.
        line_bytes: Of one line as the device sends it, padding included.
        to_rows: Makes rows of whole lines; of a pass it makes rows of its one channel.
    """

    mode: Mode
    bits: Bits
    width_px: int
    height_px: int | None
    line_bytes: int
    to_rows: Callable[[memoryview], Rows]

    @property
    def row_bytes(self) -> int:
        """Of one row of the page."""
        samples = self.width_px * (3 if self.mode == "RGB" else 1)
        return (samples * self.bits + 7) // 8


def lay_out(parameters: Parameters) -> Layout:
    """The page that a frame belongs to.

    Args:
        parameters: As the device tells them after the frame's start.

    Raises:
        DeviceUnsupportedError: If it is a kind of frame that SANE does not define.
        DeviceFault: If the device contradicts itself.
    """
    if parameters.format not in list(Frame) or parameters.depth not in (1, 8, 16):
        raise DeviceUnsupportedError(
            "The scanner sends pictures in a form that SANE does not know. Choose another mode.",
            format=parameters.format,
            depth=parameters.depth,
        )
    frame = Frame(parameters.format)
    is_gray, is_deep = frame == Frame.GRAY, parameters.depth == 16
    mode: Mode = "RGB" if not is_gray else "1" if parameters.depth == 1 else "L"
    return Layout(
        mode=mode,
        bits=16 if is_deep else 1 if mode == "1" else 8,
        width_px=parameters.pixels_per_line,
        height_px=parameters.lines if parameters.lines >= 0 else None,
        line_bytes=parameters.bytes_per_line,
        to_rows=_converter(frame, parameters),
    )


def interleave(planes: Sequence[bytearray], sample_bytes: int, strip_bytes: int) -> Iterator[Rows]:
    """Join three channels of equal width into rows of RGB, a strip at a time.

    Args:
        planes: Rows of red, of green and of blue; the shortest decides where the page ends.
        sample_bytes: Of one sample, 1 or 2.
        strip_bytes: Of a channel to join at once, whole rows.
    """
    shortest = min(len(plane) for plane in planes)
    for start in range(0, shortest, strip_bytes):
        end = min(start + strip_bytes, shortest)
        strip = bytearray(3 * (end - start))
        for channel, plane in enumerate(planes):
            for byte in range(sample_bytes):
                place = channel * sample_bytes + byte
                strip[place :: 3 * sample_bytes] = plane[start + byte : end : sample_bytes]
        yield strip


def _converter(frame: Frame, parameters: Parameters) -> Callable[[memoryview], Rows]:
    width, line_bytes = parameters.pixels_per_line, parameters.bytes_per_line
    channels = 3 if frame == Frame.RGB else 1
    needed = channels * ((width * parameters.depth + 7) // 8)
    if width < 1 or line_bytes < needed:
        raise DeviceFault(
            "The scanner's driver contradicts itself about the picture. Scan again.",
            width_px=width,
            line_bytes=line_bytes,
        )

    def to_rows(lines: memoryview) -> Rows:
        rows = _crop(lines, line_bytes, needed)
        if parameters.depth > 1:
            return rows
        if frame == Frame.GRAY:
            # Of all of SANE's samples only these mean black by a set bit.
            return bytes(rows).translate(_INVERT)
        if frame == Frame.RGB:
            return _expand_groups(bytes(rows), width, needed)
        return _expand(bytes(rows), width, needed)

    return to_rows


def _crop(lines: Rows, line_bytes: int, needed: int) -> Rows:
    if line_bytes == needed:
        return lines
    view = memoryview(lines)
    return b"".join(view[start : start + needed] for start in range(0, len(view), line_bytes))


def _expand(rows: bytes, width: int, row_bytes: int) -> Rows:
    """Make samples of 8 bits, 0 or 255, of single bits, and drop what pads their rows."""
    # The digits of one huge number in base 2: no loop over pixels in Python.
    digits = f"{int.from_bytes(rows):0{len(rows) * 8}b}".encode()
    return _crop(digits.translate(_DIGITS_TO_SAMPLES), row_bytes * 8, width)


def _expand_groups(rows: bytes, width: int, row_bytes: int) -> Rows:
    """Make 8 bit RGB of bytes that hold eight samples of red, of green, of blue in turn."""
    pixels = bytearray(len(rows) * 8)
    for channel in range(3):
        plane = rows[channel::3]
        pixels[channel::3] = _expand(plane, len(plane) * 8, len(plane))
    return _crop(pixels, row_bytes * 8, width * 3)
