"""PDFs into pages: what is drawn, in which size, and what is refused before anything is."""

from __future__ import annotations

import io
import random
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from PIL import Image

import flatbed_pdf
from flatbed.addon import PageFile, StoredFile
from flatbed.addon.testing import AddonWorker, MakePage, MemorySink
from flatbed.addon.testing.memory import MemoryPage
from flatbed.errors import (
    FlatbedError,
    InvalidInputError,
    PageCorruptError,
    ScanCanceledError,
    TooBigError,
    WrongPasswordError,
)

PDF = "application/pdf"
Settings = dict[str, Any]
Load = Callable[..., MemorySink]
RED_LEFT = b"1 0 0 rg 0 0 36 144 re f"
"""The left half of a page of 72 x 144 points."""


@pytest.fixture
def load(defaults: Settings, make_page: MakePage) -> Load:
    """What a file becomes, by settings."""

    def load(data: bytes, out: MemorySink | None = None, **settings: Any) -> MemorySink:
        out = out or MemorySink()
        file: StoredFile = make_page.file(data)
        flatbed_pdf.load_document(file=file, settings=defaults | settings, out=out)
        return out

    return load


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


def rows_of(page: MemoryPage) -> list[bytes]:
    """The rows of a page of 8 bits."""
    step = page.size_px[0] * (3 if page.mode == "RGB" else 1)
    return [page.rows[start : start + step] for start in range(0, len(page.rows), step)]


@pytest.mark.parametrize(
    ("color", "mode", "bits", "row"),
    [
        ("color", "RGB", 8, b"\xff\x00\x00" * 8 + b"\xff\xff\xff" * 8),
        ("gray", "L", 8, b"\x4c" * 8 + b"\xff" * 8),
        ("bw", "1", 1, b"\x00\xff"),
    ],
)
def test_page_is_drawn_in_the_wished_color(
    load: Load, color: str, mode: str, bits: int, row: bytes
) -> None:
    """Red is gray 76, and black below 128."""
    out = load(drawn((b"", RED_LEFT)), dpi=16.0, color=color)
    (page,) = out.finished
    assert (page.size_px, page.dpi, page.mode, page.bits) == ((16, 32), (16, 16), mode, bits)
    assert page.rows == row * 32
    assert (out.steps, out.warnings) == ([(1, 1)], [])


@pytest.mark.parametrize(
    ("entries", "size_px", "first", "last"),
    [
        (b"", (36, 72), b"\x4c" * 18 + b"\xff" * 18, b"\x4c" * 18 + b"\xff" * 18),
        (b"/Rotate 90", (72, 36), b"\x4c" * 72, b"\xff" * 72),
        (b"/Rotate 180", (36, 72), b"\xff" * 18 + b"\x4c" * 18, b"\xff" * 18 + b"\x4c" * 18),
        (b"/Rotate 270", (72, 36), b"\xff" * 72, b"\x4c" * 72),
        (b"/CropBox [18 0 54 72]", (18, 36), b"\x4c" * 9 + b"\xff" * 9, b"\x4c" * 9 + b"\xff" * 9),
    ],
    ids=["plain", "90", "180", "270", "crop box"],
)
def test_page_stands_as_it_is_shown(
    load: Load, entries: bytes, size_px: tuple[int, int], first: bytes, last: bytes
) -> None:
    """By rotation, clockwise, and crop box."""
    (page,) = load(drawn((entries, RED_LEFT)), dpi=36.0, color="gray").finished
    rows = rows_of(page)
    assert (page.size_px, rows[0], rows[-1]) == (size_px, first, last)


def test_region_is_cut_from_the_top_left(load: Load) -> None:
    """A quarter inch on both sides of the edge; what is beyond the page is left out."""
    content = b"0 0 0 rg 0 0 36 144 re f"
    region = [6.35, 38.1, 19.05, 100.0]
    (page,) = load(drawn((b"", content)), dpi=40.0, color="gray", region=region).finished
    assert page.size_px == (20, 20)
    assert page.rows == (b"\x00" * 10 + b"\xff" * 10) * 20


def test_strips_make_the_same_page(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    """Curves too: pdfium counts an edge anew in each strip, which is one step of 255 at most."""
    content = b"2 w 3 5 m 80 20 -20 100 70 140 c S 0 1 0 rg 5.3 9.7 20.1 30.9 re f"
    (whole,) = load(drawn((b"", content)), dpi=100.0).finished
    monkeypatch.setattr("flatbed_pdf.reading.strips.STRIP_PIXELS", 1_000)
    (strips,) = load(drawn((b"", content)), dpi=100.0).finished
    assert (strips.size_px, len(strips.rows)) == ((100, 200), 60_000)
    assert max(abs(a - b) for a, b in zip(strips.rows, whole.rows, strict=True)) <= 1
    assert len(set(rows_of(whole))) > 50


@pytest.mark.parametrize(
    ("page_range", "widths"),
    [("", [10, 20, 30, 40]), ("2", [20]), ("3-4, 1", [30, 40, 10]), ("1,1", [10, 10])],
)
def test_page_range_names_pages_in_order(load: Load, page_range: str, widths: list[int]) -> None:
    """From 1; empty for all."""
    data = drawn(*((b"/MediaBox [0 0 %d 10]" % width, b"") for width in (10, 20, 30, 40)))
    out = load(data, dpi=72.0, page_range=page_range)
    assert [page.size_px[0] for page in out.finished] == widths


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("page_range", "0"),
        ("page_range", "3-2"),
        ("page_range", "1;2"),
        ("page_range", "2"),
        ("page_range", "1,"),
        ("region", [1.0, 2.0]),
        ("region", [5.0, 5.0, 5.0, 9.0]),
        ("region", [float("nan"), 0.0, 5.0, 9.0]),
        ("region", [500.0, 0.0, 600.0, 9.0]),
        ("color", "red"),
        ("dpi", 0.0),
        ("media_type", "image/png"),
    ],
)
def test_setting_that_cannot_be_is_refused(load: Load, name: str, value: object) -> None:
    """By name, and no page is begun."""
    out = MemorySink()
    with pytest.raises(InvalidInputError):
        load(drawn((b"", b"")), out, **{name: value})
    assert (out.finished, out.discarded) == ([], 0)


@pytest.mark.parametrize(
    ("mode", "size_px"),
    [("1", (1241, 33)), ("L", (763, 129)), ("RGB", (1237, 97)), ("RGB", (1, 1))],
)
@pytest.mark.parametrize("strip", [8_000_000, 5_000])
def test_page_of_one_picture_keeps_its_pixels(
    load: Load, monkeypatch: pytest.MonkeyPatch, mode: str, size_px: tuple[int, int], strip: int
) -> None:
    """Bit for bit, with its own resolution and mode, whatever was wished for."""
    monkeypatch.setattr("flatbed_pdf.reading.strips.STRIP_PIXELS", strip)
    noise = random.Random(1).randbytes(size_px[0] * size_px[1] * 3)
    data = Image.frombytes("RGB", size_px, noise).convert(mode).tobytes()
    (page,) = load(pictured(size_px, mode, data), dpi=72.0).finished
    assert (page.size_px, page.mode, page.dpi) == (size_px, mode, (150, 150))
    assert page.rows == data


@pytest.mark.parametrize(
    ("settings", "extra", "size_px"),
    [
        ({"color": "bw"}, b"", (48, 24)),
        ({"region": [0.0, 0.0, 12.7, 12.7]}, b"", (36, 24)),
        ({}, b"0 0 m 9 9 l S", (48, 24)),
    ],
    ids=["other color", "region", "line on it"],
)
def test_other_pages_with_a_picture_are_drawn(
    load: Load, settings: Settings, extra: bytes, size_px: tuple[int, int]
) -> None:
    """At the wished resolution."""
    data = pictured((100, 50), "L", bytes(5000), extra=extra)
    (page,) = load(data, dpi=72.0, **settings).finished
    assert (page.size_px, page.dpi) == (size_px, (72, 72))


def test_picture_with_negative_decode_is_as_it_is_shown(load: Load) -> None:
    """Black samples that the file declares white."""
    data = pictured((100, 50), "L", bytes(5000), image=b"/Decode [1 0]")
    assert load(data).finished[0].rows == b"\xff" * 5000


@pytest.mark.parametrize(
    ("settings", "is_note", "is_field"),
    [
        ({}, True, True),
        ({"forms": False}, True, False),
        ({"annotations": False}, False, True),
        ({"forms": False, "annotations": False}, False, False),
    ],
    ids=["both", "notes", "fields", "none"],
)
def test_forms_and_annotations_are_drawn_as_wished(
    load: Load, settings: Settings, *, is_note: bool, is_field: bool
) -> None:
    """A black stamp in the lower half of the page, a black field in the upper one."""
    black = b"<< /Type /XObject /Subtype /Form /BBox [0 0 72 72] /Length 20 >>\nstream\n"
    black += b"0 g 0 0 72 72 re f  \nendstream"
    data = hand_made(
        b"<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [5 0 R] >> >>",
        b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 72 144] /Annots [4 0 R 5 0 R] >>",
        b"<< /Type /Annot /Subtype /Stamp /F 4 /Rect [0 0 72 72] /AP << /N 6 0 R >> >>",
        b"<< /Type /Annot /Subtype /Widget /FT /Tx /T (a) /F 4 /Rect [0 72 72 144]"
        b" /P 3 0 R /AP << /N 6 0 R >> >>",
        black,
    )
    (page,) = load(data, dpi=72.0, color="gray", **settings).finished
    rows = rows_of(page)
    assert (rows[100][36] == 0, rows[36][36] == 0) == (is_note, is_field)


def encrypted(**how: Any) -> bytes:
    """A file with the password `geheim ü`."""
    stream = io.BytesIO()
    with pikepdf.open(io.BytesIO(drawn((b"", RED_LEFT)))) as pdf:
        encryption = pikepdf.Encryption(user="geheim ü", owner="other", **how)
        pdf.save(stream, encryption=encryption)
    return stream.getvalue()


@pytest.mark.parametrize("how", [{"R": 6}, {"R": 4}, {"R": 3, "aes": False, "metadata": False}])
def test_password_opens_the_file(load: Load, how: Settings) -> None:
    """AES-256, AES-128 and RC4."""
    how = {key: value for key, value in how.items() if key != "metadata" or how["R"] > 3}
    if how["R"] == 3:
        how = {"R": 3, "aes": False, "metadata": False}
    (page,) = load(encrypted(**how), dpi=16.0, password="geheim ü").finished
    assert page.size_px == (16, 32)


@pytest.mark.parametrize("password", ["", "falsch", "\ud800"])
def test_other_password_is_named(load: Load, password: str) -> None:
    """None, another, and no text."""
    with pytest.raises(WrongPasswordError, match="password"):
        load(encrypted(R=6), password=password)


def test_page_of_14400_points_is_refused_at_once(load: Load) -> None:
    """With its number and a resolution that fits; the page before it is not begun."""
    data = drawn((b"", b""), (b"/MediaBox [0 0 14400 14400]", b""))
    out = MemorySink()
    with pytest.raises(TooBigError, match=r"Page 2 would have 60000 x 60000 .* at 49 dpi\.$"):
        load(data, out, dpi=300.0)
    assert (out.finished, out.discarded) == ([], 0)


@pytest.mark.parametrize("side", [b"99999999.5", b"2147483000"])
def test_page_beyond_all_numbers_is_refused(load: Load, side: bytes) -> None:
    """A region of it does not help."""
    data = drawn((b"/MediaBox [0 0 %s 100000000]" % side, b""))
    with pytest.raises((TooBigError, InvalidInputError)):
        load(data, region=[0.0, 0.0, 10.0, 10.0])


def test_count_that_lies_is_refused(load: Load) -> None:
    """A million pages where there is one; the last of 2,000 is not there."""
    catalog = b"<< /Type /Catalog /Pages 2 0 R >>"
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 72 72] >>"
    many = b"<< /Type /Pages /Count 1000000 /Kids [3 0 R] >>"
    with pytest.raises(TooBigError, match="2000 pages"):
        load(hand_made(catalog, many, page))
    with pytest.raises(InvalidInputError, match="Page 999999"):
        load(hand_made(catalog, many, page), page_range="999999")


@pytest.mark.parametrize("count", [b"", b"/Count 1000000"])
def test_tree_that_shares_its_branches_is_refused(load: Load, count: bytes) -> None:
    """Six levels of ten times the same branch are a million pages in a few lines."""
    branches = [
        b"<< /Type /Pages %s /Kids [%s] >>"
        % (count if level == 2 else b"", b"%d 0 R " % (level + 1) * 10)
        for level in range(2, 8)
    ]
    page = b"<< /Type /Page /MediaBox [0 0 72 72] >>"
    with pytest.raises((TooBigError, InvalidInputError)):
        load(hand_made(b"<< /Type /Catalog /Pages 2 0 R >>", *branches, page))


@pytest.mark.parametrize("count", [b"", b"/Count 3"])
def test_loop_in_the_page_tree_is_refused(load: Load, count: bytes) -> None:
    """A branch that holds itself."""
    data = hand_made(
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages %s /Kids [3 0 R] >>" % count,
        b"<< /Type /Pages %s /Parent 2 0 R /Kids [2 0 R 3 0 R] >>" % count,
    )
    with pytest.raises(InvalidInputError):
        load(data)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "empty"),
        (b"%PDF-1.7\n", "no PDF, or it is damaged"),
        (random.Random(2).randbytes(50_000), "no PDF, or it is damaged"),
        (drawn(), "no pages"),
        (
            hand_made(
                b"<< /Type /Catalog /Pages 2 0 R >>",
                b"<< /Type /Pages /Count 0 /Kids [] >>",
                b"<< /Filter /Own /V 9 /R 9 >>",
                trailer=b"/Encrypt 3 0 R /ID [<00> <00>]",
            ),
            "protected in a way",
        ),
    ],
    ids=["empty", "only a header", "garbage", "no pages", "unknown protection"],
)
def test_file_that_cannot_be_read_is_named(load: Load, data: bytes, sentence: str) -> None:
    """Each by what is wrong with it."""
    with pytest.raises(InvalidInputError, match=sentence):
        load(data)


def test_file_cut_anywhere_has_a_named_error_or_a_warning(load: Load) -> None:
    """At 200 places."""
    data = pictured((60, 40), "L", random.Random(3).randbytes(2400))
    ends = [number * len(data) // 200 for number in range(199)]
    for end in ends:
        try:
            out = load(data[:end])
        except FlatbedError as error:
            assert error.name in ("invalid_input", "too_big"), end
        else:
            assert [warning[:24] for warning in out.warnings] == ["The PDF has no end mark "], end


def test_damaged_copy_is_named(defaults: Settings, make_page: MakePage) -> None:
    """The error of the stream comes through pdfium: a frame in the middle is changed."""
    noise = random.Random(6).randbytes(3_000_000)
    file = make_page.file(pictured((2000, 1500), "L", noise))
    path = Path(file.path)
    stored = bytearray(path.read_bytes())
    stored[len(stored) // 2] ^= 1
    path.write_bytes(stored)
    out = MemorySink()
    with pytest.raises(PageCorruptError):
        flatbed_pdf.load_document(file=file, settings=defaults, out=out)
    assert out.finished == []


def test_xfa_is_warned_of(load: Load) -> None:
    """The page is there."""
    data = hand_made(
        b"<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [] /XFA 4 0 R >> >>",
        b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 72 72] >>",
        b"<< /Length 7 >>\nstream\n<xdp/> \nendstream",
    )
    out = load(data)
    assert len(out.finished) == 1
    assert [warning[:24] for warning in out.warnings] == ["The PDF has an XFA form,"]


def test_cancelled_job_ends_within_a_page(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page that was begun is thrown away."""
    monkeypatch.setattr("flatbed_pdf.reading.strips.STRIP_PIXELS", 1_000)
    out = MemorySink(cancel_after_rows=40)
    with pytest.raises(ScanCanceledError):
        load(drawn((b"", RED_LEFT), (b"", b"")), out)
    assert (out.finished, out.discarded) == ([], 1)


def test_our_own_files_come_back_bit_for_bit(
    load: Load, save: Callable[..., bytes], store_image: Callable[..., PageFile]
) -> None:
    """All modes, odd sizes and resolutions, without loss."""
    noise = Image.frombytes("RGB", (413, 291), random.Random(4).randbytes(413 * 291 * 3))
    images = [noise.convert(mode) for mode in ("1", "L", "RGB")]
    pages: Sequence[PageFile] = [store_image(image, (300, 203)) for image in images]
    out = load(save(pages, compression=3, password="a"), password="a", dpi=72.0)
    assert [page.mode for page in out.finished] == ["1", "L", "RGB"]
    assert [page.rows for page in out.finished] == [image.tobytes() for image in images]
    assert {page.dpi for page in out.finished} == {(300, 203)}


def test_file_is_read_by_the_worker(worker: AddonWorker, make_page: MakePage) -> None:
    """In its limits; it goes on after files that cannot be read."""
    for data, error in [
        (b"%PDF-1.7 broken", InvalidInputError),
        (encrypted(R=6), WrongPasswordError),
        (drawn((b"/MediaBox [0 0 14400 14400]", b"")), TooBigError),
    ]:
        with pytest.raises(error):
            worker.load(make_page.file(data), PDF, dpi=300.0)
    page = worker.load(make_page.file(drawn((b"", RED_LEFT))), PDF, dpi=16.0, color="bw").page
    assert (page.size_px, page.mode, page.open().tobytes()) == ((16, 32), "1", b"\x00\xff" * 32)


def test_largest_page_fits_into_the_memory_of_the_worker(
    worker: AddonWorker, make_page: MakePage
) -> None:
    """99.9 megapixels in color."""
    data = drawn((b"/MediaBox [0 0 719.6 719.6]", b"1 0 0 rg 0 0 720 720 re f"))
    page = worker.load(make_page.file(data), PDF, dpi=1000.0).page
    assert (page.size_px, page.mode, page.dpi) == ((9994, 9994), "RGB", (1000, 1000))
