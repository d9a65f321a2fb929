"""Pictures of the service's own pages in every state, each looked over by axe.

`python -m tests.browser.screenshots_pages FOLDER [WORD]`; with a word, only the series whose name
holds it. Ends with 1 if axe has found anything.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page, sync_playwright
from tests.browser.page_states import SERIES
from tests.browser.rig import CHROMIUM, FLAGS
from tests.browser.studio import SETTINGS, Studio, find_violations
from tests.support.service import LiveService

WIDTHS = (1280, 360)
CONSENT_WIDTHS = (480, 360)
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


@dataclass
class Shots:
    """Takes the pictures, and keeps what axe has found.

    Attributes:
        folder: Where they go.
        violations: One line for each.
    """

    folder: Path
    count: int = 0
    violations: list[str] = field(default_factory=list)

    def take(self, page: Page, name: str) -> None:
        """One state: light and dark, wide and narrow."""
        for width in CONSENT_WIDTHS if name.startswith("consent") else WIDTHS:
            for scheme in SCHEMES:
                page.set_viewport_size({"width": width, "height": 720})
                page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
                self._take_one(page, f"{name}-{width}-{scheme}")
        # What is left of 1280 by 1024 px at a zoom of 400 %.
        page.set_viewport_size({"width": 320, "height": 256})
        self._check_width(page, f"{name}-320")
        # Whoever goes on from here does so on a wide one.
        page.set_viewport_size({"width": WIDTHS[0], "height": 720})

    def _take_one(self, page: Page, name: str) -> None:
        page.screenshot(path=self.folder / f"{name}.png", full_page=True)
        self.count += 1
        self._check_width(page, name)
        self.violations += [f"{name}: {each}" for each in find_violations(page)]

    def _check_width(self, page: Page, name: str) -> None:
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            self.violations.append(f"{name}: wider than the window")


def main(folder: Path, word: str = "") -> int:
    """Take them all; the exit status."""
    folder.mkdir(parents=True, exist_ok=True)
    shots = Shots(folder)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS])
        for name, series in SERIES.items():
            if word in name:
                _shoot(browser, shots, series)
        browser.close()
    print(f"{shots.count} pictures in {folder}, {len(shots.violations)} findings")
    print("\n".join(shots.violations))
    return 1 if shots.violations else 0


def _shoot(browser: Browser, shots: Shots, series: Callable[[Studio], None]) -> None:
    with tempfile.TemporaryDirectory(prefix="flatbed-shots-") as data:
        service = LiveService(Path(data), SETTINGS)
        try:
            series(Studio(browser, service.start(), shots.take))
        finally:
            service.close()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), *sys.argv[2:3]))
