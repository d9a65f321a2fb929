"""Pages into PNG, JPEG and TIFF files."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from typing import Any

from PIL import Image

from flatbed.addon import PageFile, PageSink, hookimpl
from flatbed.errors import InvalidInputError


@hookimpl
def save_document(pages: Sequence[PageFile], settings: dict[str, Any], out: PageSink) -> None:
    """Write pages into one file of `settings["media_type"]`; see the manifest for the others."""
    media_type = settings["media_type"]
    if media_type != "image/tiff" and len(pages) > 1:
        raise InvalidInputError("Only a TIFF holds several pages. Ask for one page, or for a TIFF.")
    images = (_fit(page.open(), settings) for page in pages)
    with out.new_file(media_type) as stream:
        stream.write(_ENCODERS[media_type](images, pages, settings["quality"]))


def _fit(image: Image.Image, settings: dict[str, Any]) -> Image.Image:
    width, height = settings["width"] or image.width, settings["height"] or image.height
    if width >= image.width and height >= image.height:
        return image
    scale = min(width / image.width, height / image.height)
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    # One bit has no grays to smooth with.
    gray = image.convert("L") if image.mode == "1" else image
    return gray.resize(size, Image.Resampling.LANCZOS, reducing_gap=2)


def _png(images: Iterator[Image.Image], pages: Sequence[PageFile], _: int) -> bytes:
    return _save(next(images), "PNG", dpi=pages[0].dpi, compress_level=1)


def _jpeg(images: Iterator[Image.Image], pages: Sequence[PageFile], quality: int) -> bytes:
    image = next(images)
    gray = image.convert("L") if image.mode == "1" else image
    return _save(gray, "JPEG", dpi=pages[0].dpi, quality=quality)


def _tiff(images: Iterator[Image.Image], pages: Sequence[PageFile], _: int) -> bytes:
    # Each image carries its own compression and resolution; Pillow reads both from its info.
    first, *_others = prepared = [
        _prepare_tiff(image, page) for image, page in zip(images, pages, strict=True)
    ]
    return _save(
        first,
        "TIFF",
        dpi=pages[0].dpi,
        save_all=True,
        append_images=prepared[1:],
        compression=first.info["compression"],
    )


def _prepare_tiff(image: Image.Image, page: PageFile) -> Image.Image:
    compression = "group4" if image.mode == "1" else "tiff_adobe_deflate"
    image.encoderinfo = {"compression": compression, "dpi": page.dpi}
    image.info["compression"] = compression
    return image


def _save(image: Image.Image, kind: str, **options: Any) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


_ENCODERS = {"image/png": _png, "image/jpeg": _jpeg, "image/tiff": _tiff}
