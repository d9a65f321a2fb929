"""Pages as pictures: each kind in each compression, read back by other programs."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import cast

import pikepdf
import pytest
from PIL import Image, ImageChops, ImageDraw, ImageStat, features

from flatbed.addon import PageFile
from flatbed.addon.testing import SamplePages
from flatbed.errors import InvalidInputError, TooBigError
from flatbed_pdf.writing import pictures

OpenPdf = Callable[..., pikepdf.Pdf]
StoreImage = Callable[..., PageFile]

FAX4, LZW, JPEG, JPEG2000, JBIG2 = 2, 3, 5, 6, 7


def picture_of(pdf: pikepdf.Pdf, page: int = 0) -> pikepdf.Stream:
    """The one picture of a page."""
    return cast("pikepdf.Stream", pdf.pages[page].resources.XObject.Page)


def filters_of(pdf: pikepdf.Pdf) -> list[str]:
    """How the pages are compressed."""
    return [
        str(pikepdf.PdfImage(picture_of(pdf, number)).filters[0])
        for number in range(len(pdf.pages))
    ]


def decoded(pdf: pikepdf.Pdf, page: int = 0) -> Image.Image:
    """The picture of a page, decoded by pikepdf and Pillow."""
    return pikepdf.PdfImage(picture_of(pdf, page)).as_pil_image()


def speckled(size_px: tuple[int, int]) -> Image.Image:
    """A page of one bit with lines, and specks that no run of codes gets by."""
    image, chance = Image.new("1", size_px, 1), random.Random(1)
    draw = ImageDraw.Draw(image)
    draw.line((3, 5, size_px[0] - 4, size_px[1] - 9), fill=0, width=4)
    for _ in range(500):
        draw.point((chance.randrange(size_px[0]), chance.randrange(size_px[1])), fill=0)
    return image


@pytest.mark.parametrize(
    ("compression", "found"),
    [
        (0, ["/CCITTFaxDecode", "/DCTDecode", "/DCTDecode"]),
        (FAX4, ["/CCITTFaxDecode", "/CCITTFaxDecode", "/CCITTFaxDecode"]),
        (LZW, ["/FlateDecode", "/FlateDecode", "/FlateDecode"]),
        (JPEG, ["/DCTDecode", "/DCTDecode", "/DCTDecode"]),
        (JPEG2000, ["/JPXDecode", "/JPXDecode", "/JPXDecode"]),
    ],
    ids=["auto", "fax4", "lossless", "jpeg", "jpeg2000"],
)
def test_pages_of_all_modes_in_one_file_are_compressed_as_asked(
    open_pdf: OpenPdf, pages: SamplePages, compression: int, found: list[str]
) -> None:
    """One bit, gray and colour, in this order."""
    pdf = open_pdf([pages["1"], pages["L"], pages["RGB"]], compression=compression)
    assert filters_of(pdf) == found
    assert [decoded(pdf, number).size for number in range(3)] == [(583, 827)] * 3


@pytest.mark.parametrize("size_px", [(583, 827), (8, 8), (1, 1), (3000, 20)])
def test_fax4_keeps_every_bit(
    open_pdf: OpenPdf, store_image: StoreImage, size_px: tuple[int, int]
) -> None:
    """Also of widths that are no whole bytes."""
    image = speckled(size_px)
    pdf = open_pdf([store_image(image)])
    assert decoded(pdf).convert("1").tobytes() == image.tobytes()


def test_fax4_reads_the_same_in_poppler(
    save: Callable[..., bytes],
    store_image: StoreImage,
    run_tool: Callable[..., str],
    tmp_path: Path,
) -> None:
    """The decoder of another maker."""
    image, path = speckled((583, 827)), tmp_path / "fax.pdf"
    path.write_bytes(save([store_image(image)]))
    run_tool("poppler-utils", "pdfimages", "-png", str(path), str(tmp_path / "fax"))
    with Image.open(tmp_path / "fax-000.png") as read:
        assert read.convert("1").tobytes() == image.tobytes()


def test_fax4_makes_colors_black_where_they_are_dark(
    open_pdf: OpenPdf, store_image: StoreImage
) -> None:
    """Below 128, as the TIFF with the same codes has it."""
    image = Image.new("L", (2, 1))
    image.putdata([127, 128])
    pdf = open_pdf([store_image(image)], compression=FAX4)
    assert [decoded(pdf).convert("L").getpixel((x, 0)) for x in (0, 1)] == [0, 255]


@pytest.mark.parametrize("mode", ["1", "L", "RGB"])
def test_lossless_keeps_every_sample(open_pdf: OpenPdf, pages: SamplePages, mode: str) -> None:
    """The picture is what the page is."""
    pdf = open_pdf([pages[mode]], compression=LZW)
    assert picture_of(pdf).read_bytes() == pages[mode].open().tobytes()


@pytest.mark.parametrize(("mode", "samples"), [("L", 6), ("RGB", 18)])
def test_lossless_keeps_all_16_bits(
    open_pdf: OpenPdf, store: Callable[..., PageFile], mode: str, samples: int
) -> None:
    """High byte first, as PDF wants them; versions before 1.5 do not know such samples."""
    values = [(number * 3001) % 65536 for number in range(samples)]
    rows = b"".join(value.to_bytes(2, "little") for value in values)
    pdf = open_pdf([store(rows, (3, 2), mode, 16)], compression=LZW, version="1.4")
    assert picture_of(pdf).read_bytes() == b"".join(value.to_bytes(2, "big") for value in values)
    assert (int(picture_of(pdf).BitsPerComponent), pdf.pdf_version) == (16, "1.5")


def test_jpeg_of_16_bits_has_their_high_bytes(
    open_pdf: OpenPdf, store: Callable[..., PageFile]
) -> None:
    """A JPEG has 8 bits a sample."""
    rows = (0xC8FF).to_bytes(2, "little") * 64 * 64
    image = decoded(open_pdf([store(rows, (64, 64), "L", 16)]))
    assert (image.mode, image.getextrema()) == ("L", (200, 200))


@pytest.mark.parametrize(("compression", "mode"), [(JPEG, "L"), (JPEG, "RGB"), (JPEG2000, "RGB")])
def test_lossy_pages_look_the_same(
    open_pdf: OpenPdf, pages: SamplePages, compression: int, mode: str
) -> None:
    """On average a sample is off by less than two steps, and the paper stays white."""
    image = decoded(open_pdf([pages[mode]], compression=compression))
    assert image.mode == mode
    difference = ImageStat.Stat(ImageChops.difference(image, pages[mode].open()))
    assert max(difference.mean) < 2
    assert image.convert("L").getpixel((20, 800)) == 255


def test_quality_decides_the_size(save: Callable[..., bytes], pages: SamplePages) -> None:
    """Of JPEG and JPEG 2000 alike."""
    for compression in (JPEG, JPEG2000):
        sizes = [
            len(save([pages["RGB"]], compression=compression, quality=quality))
            for quality in (0, 50, 95)
        ]
        assert sizes == sorted(set(sizes))


def test_jpeg2000_of_quality_100_loses_nothing(open_pdf: OpenPdf, pages: SamplePages) -> None:
    """It is the one of its encoders that can be taken back; PDF 1.5 brought it."""
    pdf = open_pdf([pages["RGB"]], compression=JPEG2000, quality=100, version="1.3")
    assert decoded(pdf).tobytes() == pages["RGB"].open().tobytes()
    assert pdf.pdf_version == "1.5"


def test_large_page_is_in_tiles_of_jpeg2000(
    open_pdf: OpenPdf, store_image: StoreImage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Here two by two of them, the last ones a pixel wide; in one piece it needs much memory."""
    monkeypatch.setattr(pictures, "_MOST_UNTILED_PX", 1 << 20)
    image = Image.effect_noise((1025, 1025), 60)
    pdf = open_pdf([store_image(image)], compression=JPEG2000, quality=100)
    # SIZ: the width and the height of a tile (ISO 15444-1, A.5.1).
    codes = picture_of(pdf).read_raw_bytes()
    at = codes.index(b"\xff\x4f\xff\x51") + 24
    assert codes[at : at + 8] == (1024).to_bytes(4, "big") * 2
    assert decoded(pdf).tobytes() == image.tobytes()


def test_page_too_large_for_jpeg2000_says_so(
    save: Callable[..., bytes], pages: SamplePages, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without memory its encoder only says that its data is broken."""

    def refuse(*_: object, **__: object) -> bytes:
        raise OSError("broken data stream when writing image file")

    monkeypatch.setattr(pictures, "_save", refuse)
    with pytest.raises(TooBigError, match=r"too large for JPEG 2000 here\. It is safe"):
        save([pages["L"]], compression=JPEG2000)


@pytest.mark.parametrize("compression", [0, FAX4, LZW, JPEG, JPEG2000])
@pytest.mark.parametrize("mode", ["1", "L", "RGB"])
def test_page_of_one_pixel_is_a_page(
    open_pdf: OpenPdf, store_image: StoreImage, compression: int, mode: str
) -> None:
    """No codec is asked for more than it can do."""
    pdf = open_pdf([store_image(Image.new(mode, (1, 1)))], compression=compression)
    assert decoded(pdf).size == (1, 1)


def test_page_longer_than_a_jpeg_becomes_lossless_unless_a_jpeg_was_asked_for(
    open_pdf: OpenPdf, store_image: StoreImage
) -> None:
    """A feeder's long sheet; whoever wants a JPEG hears why not."""
    page = store_image(Image.new("L", (2, 65_501), 200))
    assert filters_of(open_pdf([page])) == ["/FlateDecode"]
    with pytest.raises(TooBigError, match="65500 pixels a side, this page has 65501"):
        open_pdf([page], compression=JPEG)


@pytest.mark.parametrize(
    ("compression", "words"),
    [
        (JBIG2, "no encoder for JBIG2 here. Your pages are safe; choose FAX4"),
        (1, "There is no PDF compression 1. Choose one of 0, 2, 3, 5, 6, 7"),
        (-1, "There is no PDF compression -1"),
    ],
)
def test_compression_that_cannot_be_is_refused(
    save: Callable[..., bytes], pages: SamplePages, compression: int, words: str
) -> None:
    """The sentence says what can."""
    with pytest.raises(InvalidInputError, match=words):
        save([pages["1"]], compression=compression)


def test_jpeg2000_without_an_encoder_is_refused(
    save: Callable[..., bytes], pages: SamplePages, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pillow can be built without OpenJPEG."""
    monkeypatch.setattr(features, "check", lambda _: False)
    with pytest.raises(InvalidInputError, match="no encoder for JPEG 2000 here"):
        save([pages["L"]], compression=JPEG2000)
