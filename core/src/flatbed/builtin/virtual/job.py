"""One attempt at a scan job on a virtual scanner: feeds sheets, and hands over their sides."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from flatbed.addon.types import PageSink, ScanSettings
from flatbed.builtin.virtual.config import VirtualConfig
from flatbed.builtin.virtual.delivery import Pace, deliver
from flatbed.builtin.virtual.exposure import Exposure, expose
from flatbed.builtin.virtual.faults import PageFaults
from flatbed.builtin.virtual.folder import images_after, list_images
from flatbed.builtin.virtual.ledger import Ledger
from flatbed.builtin.virtual.sheets import SheetPile, SheetSide, Side
from flatbed.builtin.virtual.tray import Tray
from flatbed.errors import DeviceFault, DeviceInvalidError, FeederEmptyError

_OPENING = 0


@dataclass(kw_only=True)
class VirtualJob:
    """An attempt in the making.

    Attributes:
        config: Of all virtual scanners.
        device: Which of them, from 1.
        settings: What the job wants.
        out: Takes the pages.
        tray: The device's paper, refilled if this is the first attempt.
        ledger: Takes note of what is fed and delivered.
        pile: Knows what is printed on the sheets.
    """

    config: VirtualConfig
    device: int
    settings: ScanSettings
    out: PageSink
    tray: Tray
    ledger: Ledger
    pile: SheetPile

    def run(self) -> None:
        """Scan until the sheets, or the pages that the job wants, are done.

        Raises:
            FeederEmptyError: When no sheet is left.
            DeviceFault: As the script of faults wants, or as the sink raises.
        """
        self._open()
        if self._is_done():
            return
        for side in self._sides():
            self._scan(side)
            if self._is_done():
                return

    def _open(self) -> None:
        if self.settings.dpi not in self.config.dpi:
            raise DeviceInvalidError
        faults = self._faults(_OPENING)
        faults.strike_before_feeding()
        faults.strike_midway()
        self.out.device_opened()

    def _is_done(self) -> bool:
        wanted = self.settings.max_pages
        if self.settings.paper_source == "flatbed":
            wanted = 1
        return 0 < wanted <= self.out.pages

    def _sides(self) -> Iterator[SheetSide]:
        """The sides to scan, each sheet fed no sooner than its first side is asked for."""
        if self.settings.paper_source == "flatbed":
            yield SheetSide(1, "front", self._image_on_the_glass())
            return
        sides: tuple[Side, ...] = ("front",)
        if self.settings.paper_source == "duplex":
            sides = ("front", "back")
        if left := self.tray.sides_left(sides, pages=self.out.pages):
            yield from self._feed_again(sides)[-len(left) :]
        while True:
            yield from self._feed(sides)

    def _feed(self, sides: tuple[Side, ...]) -> list[SheetSide]:
        files = self._images_after(self.tray.file)
        if self.tray.sheet >= self.config.sheets:
            raise FeederEmptyError
        self._check_before_feeding()
        self.tray.feed(pages=self.out.pages, file=_last_of(files, sides))
        self.ledger.write_fed(self.tray.sheet)
        return self._sheet(sides, files)

    def _feed_again(self, sides: tuple[Side, ...]) -> list[SheetSide]:
        files = self._images_after(self.tray.file_before)
        self._check_before_feeding()
        self.tray.feed_again(file=_last_of(files, sides))
        self.ledger.write_fed(self.tray.sheet)
        return self._sheet(sides, files)

    def _check_before_feeding(self) -> None:
        self.out.before_sheet()
        self._faults(self.out.pages + 1).strike_before_feeding()

    def _sheet(self, sides: tuple[Side, ...], files: list[str]) -> list[SheetSide]:
        # An odd number of images leaves the last sheet's back without one.
        images = [*files[: len(sides)], *[""] * len(sides)]
        return [
            SheetSide(self.tray.sheet, side, file)
            for side, file in zip(sides, images, strict=False)
        ]

    def _images_after(self, name: str) -> list[str]:
        if self.config.folder is None:
            return []
        files = images_after(self.config.folder, name)
        if not files:
            raise FeederEmptyError
        return files

    def _image_on_the_glass(self) -> str:
        if self.config.folder is None:
            return ""
        files = list_images(self.config.folder)
        if not files:
            raise DeviceFault(
                "The virtual scanner's folder has no images. Put a PNG or JPEG file into it."
            )
        return files[0]

    def _scan(self, side: SheetSide) -> None:
        faults = self._faults(self.out.pages + 1)
        faults.strike_before_feeding()
        sheet = self.pile.picture(side, self.settings)
        exposure = expose(sheet, self.settings, self.config.bed_mm)
        self._hand_over(side, exposure, faults)

    def _hand_over(self, side: SheetSide, exposure: Exposure, faults: PageFaults) -> None:
        pace = Pace.from_now(self.config.seconds_per_page, faults)
        dpi = float(self.settings.dpi)
        with self.out.new_page(
            size_px=exposure.image.size, dpi=(dpi, dpi), mode=exposure.mode, bits=exposure.bits
        ) as page:
            if faults.take("empty_page"):
                return
            sha256 = deliver(exposure, page, pace=pace, faults=faults, out=self.out)
            self.ledger.write_page(sheet=side.sheet, side=side.side, sha256=sha256)

    def _faults(self, page: int) -> PageFaults:
        due = self.tray.due(self.config.faults, device=self.device, page=page)
        return PageFaults(due, self.tray.spend)


def _last_of(files: list[str], sides: tuple[Side, ...]) -> str:
    """The image that is on a sheet's last side that has one."""
    return files[: len(sides)][-1] if files else ""
