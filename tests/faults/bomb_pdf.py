"""PDFs that are a trap: sizes, trees, forms and locks, for F9."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping

BIG, DAMAGED, LOCKED, READ = "too_big", "invalid_input", "wrong_password", ""

Maker = Callable[[], bytes]

_CATALOG = b"<< /Type /Catalog /Pages 2 0 R >>"
_PAGE = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 72 72] >>"


def pdf(*objects: bytes, trailer: bytes = b"") -> bytes:
    """A file of these objects, numbered from 1; the first is the catalog."""
    data, places = bytearray(b"%PDF-1.7\n"), []
    for number, body in enumerate(objects, 1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    size, start = len(objects) + 1, len(data)
    data += b"xref\n0 %d\n0000000000 65535 f \n" % size
    data += b"".join(b"%010d 00000 n \n" % place for place in places)
    data += b"trailer\n<< /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF\n" % (
        *(size, trailer),
        start,
    )
    return bytes(data)


def pages(count: bytes, kids: bytes) -> bytes:
    """A branch of the page tree."""
    return b"<< /Type /Pages /Count %s /Kids [%s] >>" % (count, kids)


def one_page(entries: bytes, content: bytes = b"") -> bytes:
    """A file of one page."""
    page = b"<< /Type /Page /Parent 2 0 R /Contents 4 0 R %s >>" % entries
    stream = b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content)
    return pdf(_CATALOG, pages(b"1", b"3 0 R"), page, stream)


def _shared_tree(count: bytes) -> bytes:
    branches = [pages(count, b"%d 0 R " % number * 10) for number in range(3, 9)]
    return pdf(_CATALOG, *branches, b"<< /Type /Page /MediaBox [0 0 72 72] >>")


def _shared_fields() -> bytes:
    fields = [b"<< /Kids [%d 0 R %d 0 R] >>" % (number, number) for number in range(6, 31)]
    catalog = b"<< /Type /Catalog /Pages 2 0 R /AcroForm 4 0 R >>"
    leaf = b"<< /Type /Annot /Subtype /Widget /FT /Tx /T (a) /Rect [0 0 9 9] >>"
    form = b"<< /Fields [5 0 R] /NeedAppearances true >>"
    return pdf(catalog, pages(b"1", b"3 0 R"), _PAGE, form, *fields, leaf)


def _many_pages() -> bytes:
    kids = b" ".join(b"%d 0 R" % number for number in range(3, 100_003))
    return pdf(_CATALOG, pages(b"100000", kids), *[_PAGE] * 100_000)


def _xfa() -> bytes:
    catalog = b"<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [] /XFA 4 0 R >> >>"
    form = b"<< /Length 7 >>\nstream\n<xdp/> \nendstream"
    return pdf(catalog, pages(b"1", b"3 0 R"), _PAGE, form)


def _locked() -> bytes:
    lock = b"<< /Filter /Standard /V 2 /R 3 /Length 128 /P -4 /O <%s> /U <%s> >>" % (
        *(b"11" * 32, b"22" * 32),
    )
    trailer = b"/Encrypt 4 0 R /ID [<00> <00>]"
    return pdf(_CATALOG, pages(b"1", b"3 0 R"), _PAGE, lock, trailer=trailer)


FILES: Mapping[str, tuple[str, Maker]] = {
    "pdf page of 14,400 pt": (BIG, lambda: one_page(b"/MediaBox [0 0 14400 14400]")),
    "pdf page of 2^31 pt": (BIG, lambda: one_page(b"/MediaBox [0 0 2147483000 99]")),
    "pdf page of 1 pt in units of 75,000": (
        BIG,
        lambda: one_page(b"/MediaBox [0 0 1 1] /UserUnit 75000"),
    ),
    "pdf says a million pages": (BIG, lambda: pdf(_CATALOG, pages(b"1000000", b"3 0 R"), _PAGE)),
    "pdf says a thousand pages": (DAMAGED, lambda: pdf(_CATALOG, pages(b"1000", b"3 0 R"), _PAGE)),
    "pdf of 100,000 pages": (BIG, _many_pages),
    "pdf tree of a million pages": (BIG, lambda: _shared_tree(b"1000000")),
    "pdf tree of a million that says one": (READ, lambda: _shared_tree(b"1")),
    "pdf page tree of itself": (
        DAMAGED,
        lambda: pdf(_CATALOG, pages(b"3", b"2 0 R 2 0 R 2 0 R")),
    ),
    "pdf form of 33 million fields": (BIG, _shared_fields),
    "pdf form in XFA": (READ, _xfa),
    "pdf with a password": (LOCKED, _locked),
    "pdf without pages": (DAMAGED, lambda: pdf(_CATALOG, pages(b"0", b""))),
    "pdf of noise": (DAMAGED, lambda: b"%PDF-1.7\n" + random.Random(1).randbytes(1_000_000)),
    "pdf, half of it": (DAMAGED, lambda: _many_pages()[: 1 << 10]),
}
"""With the error that has to come; empty for none."""
