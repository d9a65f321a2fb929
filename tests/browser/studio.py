"""Where pages of the service are shown in their states, and what axe says of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from playwright.sync_api import Browser, Page
from tests.browser.rig import ROOT
from tests.support.service import LiveService

AXE = ROOT / "client" / "node_modules" / "axe-core" / "axe.min.js"

SHOP = "https://scan.shop.example:8443"
SCANNERS = ["Office scanner", "Jams at once", "Hangs", "Flatbed of the reception, second floor"]
SETTINGS: dict[str, object] = {
    "ADDONS__VIRTUAL__NAMES": SCANNERS,
    "ADDONS__VIRTUAL__SHEETS": 3,
    "ADDONS__VIRTUAL__FAULTS": ["jam@1!#2", "hang@2!#3", "slow@1!#4"],
    "ADDONS__PDF__ENABLED": False,
    "ALLOWED_ORIGINS": ["https://intranet.example"],
}


@dataclass(frozen=True)
class Studio:
    """The browser and the service of the pages.

    Attributes:
        browser: Opens a context for each page.
        service: Whose pages they are; every series leaves it running.
        show: Called with a page in one of its states, and the state's name.
    """

    browser: Browser
    service: LiveService
    show: Callable[[Page, str], None]

    @contextmanager
    def page(self, path: str, **context: Any) -> Iterator[Page]:
        """A page of the service in a context of its own; its window does not close."""
        # Colours on their way from one to another are none to judge.
        usual = {"locale": "en-GB", "reduced_motion": "reduce"}
        opened = self.browser.new_context(**{**usual, **context})
        opened.add_init_script("window.close = () => undefined")
        try:
            page = opened.new_page()
            # So that `wait_live` waits for nobody.
            page.clock.install()
            page.goto(f"{self.service.url}{path}")
            yield page
        finally:
            opened.close()

    def ask(self, verb: str, path: str, body: object = None, origin: str = "") -> Any:
        """A request of a native program, or of a page; its JSON."""
        headers = {"Origin": origin, "Content-Type": "application/json"} if origin else {}
        content = b"" if body is None else json.dumps(body).encode()
        url = f"{self.service.url}{path}"
        answer = httpx.request(verb, url, content=content, headers=headers, timeout=30)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def pair(self, origin: str = SHOP, **wishes: object) -> str:
        """The consent page of a new request."""
        return f"/consent/{self.ask('POST', '/api/pair', wishes, origin)['id']}"


def find_violations(page: Page, *rules: str) -> list[str]:
    """What axe finds on a page as it is now, one line for each; empty is good.

    Args:
        page: Whose policy may be against scripts of others: this one comes from outside of it.
        rules: Only these; all, if none is named.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(f"{AXE.read_text()}; 0")
    wishes = {"resultTypes": ["violations"], **({"runOnly": rules} if rules else {})}
    found = page.evaluate("wishes => axe.run(wishes)", wishes)["violations"]
    places = ["; ".join(node["html"][:120] for node in each["nodes"][:3]) for each in found]
    return [f"{each['id']}: {each['help']}: {at}" for each, at in zip(found, places, strict=True)]
