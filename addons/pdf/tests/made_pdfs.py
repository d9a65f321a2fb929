"""PDFs made by hand, byte by byte, so that a test knows what is in them."""

from __future__ import annotations

import io
import zlib
from typing import Any

import pikepdf

from flatbed.addon.testing.memory import MemoryPage

RED_LEFT = b"1 0 0 rg 0 0 36 144 re f"
"""The left half of a page of 72 x 144 points."""


def hand_made(*objects: bytes, trailer: bytes = b"") -> bytes:
    """A file of these objects, numbered from 1; the first is the catalog."""
    data, places = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    return data + (
        b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R %s >>\n"
        b"startxref\n%d\n%%%%EOF\n" % (size, table, size, trailer, len(data))
    )


def drawn(*pages: tuple[bytes, bytes]) -> bytes:
    """A file of pages, each by further entries of its dictionary and what it draws."""
    kids = b" ".join(b"%d 0 R" % (3 + 2 * number) for number in range(len(pages)))
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>"]
    objects.append(b"<< /Type /Pages /Count %d /Kids [%s] >>" % (len(pages), kids))
    for number, (entries, content) in enumerate(pages):
        box = b"" if b"/MediaBox" in entries else b"/MediaBox [0 0 72 144]"
        contents = 4 + 2 * number
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /Contents %d 0 R %s >>" % (contents, box + entries)
        )
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content))
    return hand_made(*objects)


def pictured(
    size_px: tuple[int, int], mode: str, data: bytes, *, extra: bytes = b"", image: bytes = b""
) -> bytes:
    """A page of 150 dpi that is one deflated picture."""
    packed = zlib.compress(data)
    width, height = (each * 72 / 150 for each in size_px)
    content = b"q %f 0 0 %f 0 0 cm /I Do Q %s" % (width, height, extra)
    space = b"/DeviceRGB" if mode == "RGB" else b"/DeviceGray"
    return hand_made(
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %f %f] /Contents 4 0 R"
        b" /Resources << /XObject << /I 5 0 R >> >> >>" % (width, height),
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace %s"
        b" /BitsPerComponent %d /Filter /FlateDecode %s /Length %d >>\nstream\n%s\nendstream"
        % (*size_px, space, 1 if mode == "1" else 8, image, len(packed), packed),
    )


def encrypted(**how: Any) -> bytes:
    """A file with the password `geheim ü`."""
    stream = io.BytesIO()
    with pikepdf.open(io.BytesIO(drawn((b"", RED_LEFT)))) as pdf:
        encryption = pikepdf.Encryption(user="geheim ü", owner="other", **how)
        pdf.save(stream, encryption=encryption)
    return stream.getvalue()


def rows_of(page: MemoryPage) -> list[bytes]:
    """The rows of a page of 8 bits."""
    step = page.size_px[0] * (3 if page.mode == "RGB" else 1)
    return [page.rows[start : start + step] for start in range(0, len(page.rows), step)]
