"""What is printed on the sheets in a virtual scanner."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from PIL import Image

from flatbed.addon.types import ScanSettings
from flatbed.builtin.virtual.config import VirtualConfig
from flatbed.builtin.virtual.exposure import drawing_mode, paper_px
from flatbed.builtin.virtual.folder import read_image
from flatbed.builtin.virtual.samples.album import SampleAlbum

Side: TypeAlias = Literal["front", "back"]


@dataclass(frozen=True)
class SheetSide:
    """One side of one sheet.

    Attributes:
        sheet: Its number, from 1.
        side: Which side.
        file: Name of the folder's image on it; empty where sample pages are scanned, or where the
            folder has none for this side.
    """

    sheet: int
    side: Side
    file: str = ""


class SheetPile:
    """Sample pages, or the images of the configured folder."""

    def __init__(self, config: VirtualConfig) -> None:
        self._config = config
        self._album = SampleAlbum(config.paper_mm)

    def picture(self, side: SheetSide, settings: ScanSettings) -> Image.Image:
        """One side as an image of mode `RGB` or `L`, the whole paper at the asked resolution.

        Raises:
            DeviceFault: If the folder's image cannot be read.
        """
        mode = drawing_mode(settings)
        if self._config.folder is None:
            return self._album.page(side.sheet, side.side, dpi=settings.dpi, mode=mode)
        size = paper_px(self._config.paper_mm, settings.dpi)
        if not side.file:
            return Image.new(mode, size, "white")
        return read_image(self._config.folder / side.file, size_px=size, mode=mode)
