"""Stored pages as PNG, JPEG and TIFF files: right pixels, right size, right resolution."""

from __future__ import annotations

import io
import struct
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from flatbed.addon import PageFile
from flatbed.addon.frames import unwrap_key
from flatbed.addon.testing import MemorySink
from flatbed.addon.types import Bits, Mode
from flatbed.builtin import imaging
from flatbed.builtin.imaging import save_document
from flatbed.errors import InvalidInputError, PageCorruptError
from flatbed.runtime.manifest import fill_settings, read_manifest
from flatbed.runtime.sink import Spool, SpoolSink
from flatbed.runtime.watch import CallWatch

KEY = bytes(32)
SETTINGS = {"quality": 85, "compression": 0, "width": 0, "height": 0}
FORMATS = {"image/png": "PNG", "image/jpeg": "JPEG", "image/tiff": "TIFF"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where pages are stored."""
    return tmp_path


def store(
    folder: Path, image: Image.Image, *, dpi: tuple[float, float] = (300, 300), bits: int = 8
) -> PageFile:
    """A page in a folder, as a worker gets it."""
    mode: Mode = image.mode  # type: ignore[assignment]
    depth: Bits = 1 if mode == "1" else bits  # type: ignore[assignment]
    rows = image.tobytes()
    if depth == 16:
        rows = b"".join(struct.pack("=H", sample * 257) for sample in rows)
    entries: list[dict[str, Any]] = []
    sink = SpoolSink(Spool(folder=folder, key=KEY), CallWatch(), entries.append)
    with sink.new_page(size_px=image.size, dpi=dpi, mode=mode, bits=depth) as page:
        page.write_rows(rows)
    sink.close()
    uid = entries[0]["uid"]
    return PageFile(
        uid=uid,
        size_px=image.size,
        dpi=dpi,
        mode=mode,
        bits=depth,
        path=str(folder / f"{uid}.page"),
        key=unwrap_key(bytes.fromhex(entries[0]["key"]), by=KEY, uid=uid).hex(),
    )


def encode(*pages: PageFile, media_type: str = "image/png", **settings: Any) -> Image.Image:
    """The file of some pages, opened."""
    sink = MemorySink()
    save_document(pages=pages, settings=SETTINGS | settings | {"media_type": media_type}, out=sink)
    ((written_type, data),) = sink.files
    assert written_type == media_type
    image = Image.open(io.BytesIO(data))
    image.load()
    assert image.format == FORMATS[media_type]
    return image


def drawn(mode: str, size: tuple[int, int] = (120, 80)) -> Image.Image:
    """A picture with something in every corner."""
    image = Image.linear_gradient("L").resize(size).convert("RGB")
    image.paste((250, 10, 20), (0, 0, size[0] // 4, size[1] // 4))
    image.paste((10, 240, 30), (size[0] * 3 // 4, size[1] * 3 // 4, *size))
    return image.convert(mode)


@pytest.mark.parametrize("media_type", ["image/png", "image/tiff"])
@pytest.mark.parametrize("mode", ["1", "L", "RGB"])
def test_encode_without_loss_keeps_every_pixel_and_the_resolution(
    folder: Path, mode: str, media_type: str
) -> None:
    """In the page's own mode."""
    found = encode(store(folder, drawn(mode), dpi=(300, 150)), media_type=media_type)
    assert (found.mode, found.size) == (mode, (120, 80))
    assert found.tobytes() == drawn(mode).tobytes()
    assert [round(each) for each in found.info["dpi"]] == [300, 150]


@pytest.mark.parametrize(("mode", "expected"), [("1", "L"), ("L", "L"), ("RGB", "RGB")])
def test_encode_as_jpeg_looks_like_the_page(folder: Path, mode: str, expected: str) -> None:
    """One bit becomes gray: a JPEG has no bits."""
    found = encode(store(folder, drawn(mode)), media_type="image/jpeg", quality=95)
    assert (found.mode, found.size) == (expected, (120, 80))
    assert found.info["dpi"] == (300, 300)
    pairs = zip(found.tobytes(), drawn(mode).convert(expected).tobytes(), strict=True)
    differences = [abs(ours - theirs) for ours, theirs in pairs]
    assert sum(differences) / len(differences) < 6


def test_encode_as_jpeg_takes_its_quality(folder: Path) -> None:
    """0 to 100: more is larger."""
    page = store(folder, Image.effect_noise((200, 200), 60))
    sizes = []
    for quality in (0, 50, 100):
        sink = MemorySink()
        settings = SETTINGS | {"quality": quality, "media_type": "image/jpeg"}
        save_document(pages=[page], settings=settings, out=sink)
        sizes.append(len(sink.files[0][1]))
    assert sizes == sorted(sizes)
    assert sizes[2] > 3 * sizes[0]


@pytest.mark.parametrize("media_type", ["image/png", "image/jpeg", "image/tiff"])
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_encode_of_16_bit_gives_8(folder: Path, mode: str, media_type: str) -> None:
    """Scaled and not clipped; the 16 bits stay in the buffer."""
    found = encode(store(folder, drawn(mode), bits=16), media_type=media_type)
    assert found.mode == mode
    pairs = zip(found.tobytes(), drawn(mode).tobytes(), strict=True)
    differences = [abs(ours - theirs) for ours, theirs in pairs]
    assert sum(differences) / len(differences) < (6 if media_type == "image/jpeg" else 0.01)


@pytest.mark.parametrize(
    ("width", "height", "expected"),
    [
        (60, 0, (60, 40)),
        (0, 20, (30, 20)),
        (60, 20, (30, 20)),
        (60, 60, (60, 40)),
        (120, 80, (120, 80)),
        (500, 500, (120, 80)),
        (500, 8, (12, 8)),
        (1, 1, (1, 1)),
    ],
    ids=str,
)
def test_encode_scales_down_to_fit_and_never_up(
    folder: Path, width: int, height: int, expected: tuple[int, int]
) -> None:
    """In its own shape; 0 says nothing about a side."""
    page = store(folder, drawn("RGB"))
    assert encode(page, width=width, height=height).size == expected


def test_encode_of_one_bit_scaled_down_has_grays(folder: Path) -> None:
    """Text of one bit is unreadable when pixels are left out; in its own size it stays as it is."""
    stripes = Image.new("1", (100, 100))
    stripes.putdata([255 * (x % 2) for x in range(10_000)])
    page = store(folder, stripes)
    small = encode(page, width=50)
    assert small.mode == "L"
    assert small.getpixel((25, 25)) in range(120, 136)
    assert encode(page).mode == "1"


def test_encode_of_several_pages_is_one_tiff(folder: Path) -> None:
    """Each in its own mode and resolution: one bit as group 4, the others as deflate."""
    pages = [
        store(folder, drawn("1"), dpi=(600, 600)),
        store(folder, drawn("RGB", (50, 70)), dpi=(300, 300)),
        store(folder, drawn("L", (30, 20)), dpi=(150, 75)),
    ]
    found = encode(*pages, media_type="image/tiff")
    assert found.n_frames == 3  # type: ignore[attr-defined]
    seen = []
    for number, mode in enumerate(["1", "RGB", "L"]):
        found.seek(number)
        seen.append((found.mode, found.size, found.info["compression"]))
        assert [round(each) for each in found.info["dpi"]] == list(pages[number].dpi)
        assert found.tobytes() == drawn(mode, found.size).tobytes()
    assert seen == [
        ("1", (120, 80), "group4"),
        ("RGB", (50, 70), "tiff_adobe_deflate"),
        ("L", (30, 20), "tiff_adobe_deflate"),
    ]


@pytest.mark.parametrize("media_type", ["image/png", "image/jpeg"])
def test_encode_of_several_pages_as_one_picture_is_refused(folder: Path, media_type: str) -> None:
    """And nothing is written."""
    page = store(folder, drawn("L"))
    sink = MemorySink()
    with pytest.raises(InvalidInputError, match="Only a TIFF"):
        save_document(pages=[page, page], settings=SETTINGS | {"media_type": media_type}, out=sink)
    assert sink.files == []


def test_encode_of_a_damaged_page_says_so(folder: Path) -> None:
    """Not a picture of something else."""
    page = store(folder, drawn("L"))
    path = Path(page.path)
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(PageCorruptError):
        encode(page)


def test_manifest_declares_what_the_encoder_takes() -> None:
    """The defaults are those that hold without a query."""
    manifest = read_manifest(Path(imaging.__file__).parent)
    assert manifest.documents is not None
    assert manifest.documents.save == ["image/png", "image/jpeg", "image/tiff"]
    assert fill_settings(manifest.documents.settings, {}, of="it") == SETTINGS | {"dpi": 200.0}
    encode_operation = manifest.operations["encode"]
    assert (encode_operation.hook, encode_operation.input) == ("save_document", "pages")
    assert fill_settings(encode_operation.settings, {}, of="it") == SETTINGS | {
        "media_type": "image/png"
    }
