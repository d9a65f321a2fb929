"""Sample pages and files as workers get them: encrypted, with a key each."""

from __future__ import annotations

import io
import secrets
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

from flatbed import system
from flatbed.addon.frames import FrameWriter, new_key
from flatbed.addon.testing.answer import Answer
from flatbed.addon.types import Bits, Mode, PageFile, StoredFile
from flatbed.errors import InvalidInputError
from flatbed.runtime.sink import Spool, SpoolSink
from flatbed.runtime.watch import CallWatch

MODES: tuple[Mode, ...] = ("1", "L", "RGB")
DPI = 100
SIZE_PX = (583, 827)
"""A5 upright."""

_FORMATS = {
    "image/png": "PNG",
    "image/jpeg": "JPEG",
    "image/tiff": "TIFF",
    "image/bmp": "BMP",
    "image/gif": "GIF",
    "image/webp": "WEBP",
    "application/pdf": "PDF",
}


def draw_page(mode: Mode) -> Image.Image:
    """A letter: a heading, lines of words, a gray photo, a red stamp."""
    image = Image.new("RGB", SIZE_PX, (255, 255, 255))
    draw = ImageDraw.Draw(image)
    draw.text((60, 50), "Sample page", fill=(0, 0, 0), font_size=36)
    for line in range(14):
        draw.text((60, 130 + 22 * line), f"Line {line + 1}: the quick brown fox", fill=(20, 20, 20))
    draw.rectangle((60, 480, 300, 640), fill=(120, 120, 120))
    draw.ellipse((380, 640, 500, 760), outline=(200, 0, 0), width=6)
    return image.convert(mode)


class SamplePages(Mapping[str, PageFile]):
    """A page of each mode, `1`, `L` and `RGB`, made when it is first asked for."""

    def __init__(self, maker: PageMaker) -> None:
        self._maker = maker
        self._made: dict[str, PageFile] = {}

    def __getitem__(self, mode: str) -> PageFile:
        if mode not in self._made:
            self._made[mode] = self._maker.make(draw_page(_mode(mode)))
        return self._made[mode]

    def __iter__(self) -> Iterator[str]:
        return iter(MODES)

    def __len__(self) -> int:
        return len(MODES)


class PageMaker:
    """Makes pages of pictures, and files of bytes, in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._key = system.own_folder(folder), new_key()

    def make(self, image: Image.Image, dpi: float = DPI) -> PageFile:
        """A page of a Pillow image of mode `1`, `L` or `RGB`.

        Raises:
            InvalidInputError: For another mode.
        """
        mode = _mode(image.mode)
        bits: Bits = 1 if mode == "1" else 8
        entries: list[dict[str, Any]] = []
        sink = SpoolSink(Spool(folder=self._folder, key=self._key), CallWatch(), entries.append)
        try:
            with sink.new_page(size_px=image.size, dpi=(dpi, dpi), mode=mode, bits=bits) as page:
                page.write_image(image)
        finally:
            sink.close()
        return Answer.of(None, entries, self._folder, self._key).page

    def make_file(self, data: bytes) -> StoredFile:
        """A file from outside."""
        uid, key = secrets.token_hex(16), new_key()
        path = self._folder / f"{uid}.file"
        writer = FrameWriter(path, key=key, uid=uid, kind="file")
        writer.write(data)
        writer.finish()
        return StoredFile(uid=uid, path=str(path), key=key.hex())


def sample_file(media_type: str) -> bytes | None:
    """A file of a type with the sample page in it; `None` for types that are not known here."""
    if media_type not in _FORMATS:
        return None
    stream = io.BytesIO()
    draw_page("RGB").save(stream, _FORMATS[media_type], dpi=(DPI, DPI))
    return stream.getvalue()


def _mode(name: str) -> Mode:
    for mode in MODES:
        if mode == name:
            return mode
    raise InvalidInputError(f"A page has the mode 1, L or RGB, not {name}. Convert it first.")
