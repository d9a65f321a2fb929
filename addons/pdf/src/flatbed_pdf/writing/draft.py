"""A plain PDF of pictures, written forward only: one page in memory, however many there are."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import IO, Any

from flatbed_pdf.writing.paper import Layout
from flatbed_pdf.writing.pictures import Picture

_MOST_UNITS = 14_400  # of a side, ISO 32000-1, annex C
_UNITS_VERSION = "1.6"
_CATALOG, _TREE = 1, 2
# The second line tells programs that copy files that this one is not text.
_HEADER = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"


class Draft:
    """A PDF that grows page by page in a stream without a way back; qpdf finishes it.

    It is what a PDF must be and no more: no properties, no encryption, a table of offsets.

    Attributes:
        version: The first one of PDF that has pages like those that were added; the file itself
            always says 1.7.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        """Begin a file in a stream of which only `write` is used; it takes all it is given."""
        self.version = ""
        self._stream, self._position = stream, 0
        self._offsets: dict[int, int] = {}
        self._pages: list[int] = []
        self._write(_HEADER)

    def add(self, picture: Picture, layout: Layout) -> None:
        """Write a page with a picture in its middle."""
        first = _TREE + 1 + 3 * len(self._pages)
        # A larger page is told by a unit that is more than a point.
        unit = max(1, math.ceil(max(layout[:2]) / _MOST_UNITS))
        if unit > 1:
            self.version = max(self.version, _UNITS_VERSION)
        self.version = max(self.version, picture.version)
        width, height, *_ = placed = [each / unit for each in layout]
        self._add_stream(first, f"/Type /XObject /Subtype /Image {picture.entries}", picture.data)
        self._add_stream(first + 1, "", [_drawing(*placed)])
        self._add(
            first + 2,
            f"<< /Type /Page /Parent {_TREE} 0 R /MediaBox [0 0 {width:.4f} {height:.4f}]"
            f" /Resources << /XObject << /Page {first} 0 R >> >> /Contents {first + 1} 0 R"
            + (f" /UserUnit {unit} >>" if unit > 1 else " >>"),
        )
        self._pages.append(first + 2)

    def finish(self) -> None:
        """Write what makes the pages a file."""
        kids = " ".join(f"{number} 0 R" for number in self._pages)
        self._add(_TREE, f"<< /Type /Pages /Count {len(self._pages)} /Kids [{kids}] >>")
        self._add(_CATALOG, f"<< /Type /Catalog /Pages {_TREE} 0 R >>")
        at, count = self._position, len(self._offsets) + 1
        lines = [f"{self._offsets[number]:010} 00000 n \n" for number in range(1, count)]
        table = f"xref\n0 {count}\n0000000000 65535 f \n{''.join(lines)}"
        trailer = f"trailer\n<< /Size {count} /Root {_CATALOG} 0 R >>\nstartxref\n{at}\n%%EOF\n"
        self._write((table + trailer).encode())

    def _add(self, number: int, value: str) -> None:
        self._offsets[number] = self._position
        self._write(f"{number} 0 obj\n{value}\nendobj\n".encode())

    def _add_stream(self, number: int, entries: str, data: Iterable[Any]) -> None:
        self._offsets[number] = self._position
        parts = list(data)
        size = sum(len(part) for part in parts)
        self._write(f"{number} 0 obj\n<< {entries} /Length {size} >>\nstream\n".encode())
        for part in parts:
            self._write(part)
        self._write(b"\nendstream\nendobj\n")

    def _write(self, data: Any) -> None:
        self._stream.write(data)
        self._position += len(data)


def _drawing(page_width: float, page_height: float, width: float, height: float) -> bytes:
    left, bottom = (page_width - width) / 2, (page_height - height) / 2
    return f"q {width:.4f} 0 0 {height:.4f} {left:.4f} {bottom:.4f} cm /Page Do Q".encode()
