"""Looking into the pictures that the service hands out."""

from __future__ import annotations

import hashlib
import io
import struct
import sys
import zlib
from dataclasses import dataclass

from PIL import Image, ImageSequence

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_SAMPLES = {0: 1, 2: 3}


@dataclass(frozen=True)
class Picture:
    """One decoded picture.

    Attributes:
        size_px: (width, height).
        mode: Pillow's: `1`, `L` or `RGB`; of 16 bits too.
        bits: Of a sample.
        dpi: Rounded; 0 where the file does not say.
        rows: As a driver hands them over: 16 bits in the machine's own order.
    """

    size_px: tuple[int, int]
    mode: str
    bits: int
    dpi: int
    rows: bytes

    @property
    def sha256(self) -> str:
        """Of the rows, as the virtual scanner's ledger has it."""
        return hashlib.sha256(self.rows).hexdigest()


def read_picture(data: bytes) -> Picture:
    """Decode a file of one picture."""
    with Image.open(io.BytesIO(data)) as image:
        dpi = round(image.info.get("dpi", (0, 0))[0])
        if image.format == "PNG" and data[24] == 16:
            return _read_16_bits(data, dpi)
        return Picture(image.size, image.mode, 1 if image.mode == "1" else 8, dpi, image.tobytes())


def read_pages(data: bytes) -> list[Picture]:
    """Decode a TIFF of many pages."""
    with Image.open(io.BytesIO(data)) as image:
        return [
            Picture(frame.size, frame.mode, 8, round(frame.info["dpi"][0]), frame.tobytes())
            for frame in ImageSequence.Iterator(image)
        ]


def _read_16_bits(data: bytes, dpi: int) -> Picture:
    """Pillow halves colour of 16 bits; so the rows are taken out here, none of them filtered."""
    width, height, bits, color = struct.unpack(">IIBB", data[16:26])
    raw = zlib.decompress(b"".join(body for kind, body in _chunks(data) if kind == b"IDAT"))
    row_bytes = width * _SAMPLES[color] * 2 + 1
    lines = [raw[at : at + row_bytes] for at in range(0, len(raw), row_bytes)]
    assert all(line[0] == 0 for line in lines), "a filtered row"
    rows = b"".join(line[1:] for line in lines)
    if sys.byteorder == "little":
        swapped = bytearray(len(rows))
        swapped[::2], swapped[1::2] = rows[1::2], rows[::2]
        rows = bytes(swapped)
    return Picture((width, height), {0: "L", 2: "RGB"}[color], bits, dpi, rows)


def _chunks(data: bytes) -> list[tuple[bytes, bytes]]:
    found, at = [], len(_SIGNATURE)
    while at < len(data):
        (size,) = struct.unpack_from(">I", data, at)
        found.append((data[at + 4 : at + 8], data[at + 8 : at + 8 + size]))
        at += size + 12
    return found
