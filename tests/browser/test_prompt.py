"""Chromium asks the person itself before the service does, in a real window on a screen."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, CDPSession, Page
from tests.browser.conftest import OpenPublic
from tests.browser.rig import LIMIT_MS, wait_for_state
from tests.conftest import MakeService
from tests.support.service import LiveService
from tests.support.waiting import wait_until

pytestmark = [
    pytest.mark.skipif(
        shutil.which(program) is None,
        reason=f"{program} is not installed (apt install {program.lower()})",
    )
    for program in ("Xvfb", "xdotool")
]

SHEETS = 2
SCREEN_PX = (1440, 900)
WINDOW_PX = 480
ASKING = "Your browser is asking whether this page may reach apps on this device. Choose Allow."
DENIED = (
    "Your browser keeps this page from Flatbed. Allow apps on this device in the settings"
    " beside the address, then connect again."
)
DISMISSED = "The browser's question was closed without an answer. Connect again and choose Allow."
# Of the bubble, once the keyboard is in it: Block, Allow, Close.
BLOCK, ALLOW, CLOSE = (), ("Tab",), ("Tab", "Tab")

# Kept in the page; whether it lost the focus before long.
LEFT = """void (window.left = new Promise((resolve) => {
  addEventListener("blur", () => resolve(true), { once: true });
  setTimeout(() => resolve(false), 2000);
}))"""
# In the middle of the button, on the screen.
PLACE = """(() => {
  const box = document.querySelector("#scan").getBoundingClientRect();
  const top = screenY + outerHeight - innerHeight;
  return [screenX + box.x + box.width / 2, top + box.y + box.height / 2].map(Math.round);
})()"""


@dataclass(frozen=True)
class Screen:
    """An X display that nobody sees.

    Attributes:
        name: As in `DISPLAY`.
    """

    name: str

    @property
    def environment(self) -> dict[str, str]:
        """For programs that are to be seen there."""
        return os.environ | {"DISPLAY": self.name}

    def do(self, *command: str) -> str:
        """Move, type or look as a person does; see xdotool(1)."""
        done = subprocess.run(
            ["xdotool", *command], env=self.environment, capture_output=True, text=True, check=True
        )
        return done.stdout

    def window(self, title: str) -> str:
        """The number of a window."""
        return self.do("search", "--onlyvisible", "--name", title).split()[-1]


@pytest.fixture
def screen() -> Iterator[Screen]:
    """A screen of the test's own, as large as that of a laptop."""
    reading, writing = os.pipe()
    size = f"{SCREEN_PX[0]}x{SCREEN_PX[1]}x24"
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", size, "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=[writing], stderr=subprocess.DEVNULL)
    os.close(writing)
    try:
        with os.fdopen(reading) as number:
            yield Screen(f":{number.readline().strip()}")
    finally:
        server.terminate()
        server.wait()


class Desk:
    """A person in front of the author's page, which has to ask the browser first.

    What is read from the page is read as no click would: the driver's own way renews the right
    to open windows each time.
    """

    def __init__(self, screen: Screen, page: Page) -> None:
        self.screen, self.page = screen, page
        self._session: CDPSession = page.context.new_cdp_session(page)
        # The driver makes each page believe that it has the focus, also beside the browser's own.
        self._session.send("Emulation.setFocusEmulationEnabled", {"enabled": False})

    @property
    def browser(self) -> BrowserContext:
        """Whose windows they are."""
        return self.page.context

    def read(self, expression: str) -> Any:
        """A value of the page, which may be a promise."""
        asked = {"expression": expression, "awaitPromise": True, "returnByValue": True}
        return self._session.send("Runtime.evaluate", asked)["result"].get("value")

    def wait_for(self, expression: str) -> None:
        """Wait until something is so in the page."""
        wait_until(lambda: self.read(expression) is True)

    def click_scan(self) -> Page:
        """Click with the mouse; the small window that opens, once the browser is asking."""
        x, y = self.read(PLACE)
        with self.browser.expect_page() as opened:
            self.screen.do("mousemove", str(x), str(y), "click", "1")
        self.wait_for(f"document.querySelector('#state').textContent === '{ASKING}'")
        return opened.value

    def answer_browser(self, *keys: str) -> None:
        """Go to the browser's own question by keyboard, and press a button there."""
        self.screen.do("windowfocus", "--sync", self.screen.window("Invoice desk"))
        self.wait_for("document.hasFocus()")
        wait_until(self._go_to_question)
        self.screen.do("key", "--delay", "100", *keys, "Return")

    def _go_to_question(self) -> bool:
        self.read(LEFT)
        self.screen.do("key", "alt+shift+a")
        return self.read("window.left") is True


@pytest.fixture
def service(make_service: MakeService) -> LiveService:
    """With small sheets, which are soon scanned."""
    return make_service(ADDONS__VIRTUAL__SHEETS=SHEETS, ADDONS__VIRTUAL__PAPER_MM=[105, 148])


@pytest.fixture
def desk(screen: Screen, service: LiveService, open_public: OpenPublic) -> Desk:
    """Where the browser would have to ask, and lets windows be opened in a click only."""
    page = open_public(
        "prompt",
        service.port,
        headless=False,
        no_viewport=True,
        env=screen.environment,
        ignore_default_args=["--disable-popup-blocking"],
    )
    wait_for_state(page, "asking")
    return Desk(screen, page)


def test_window_of_the_click_becomes_the_consent_page_however_late_the_browser_is_answered(
    desk: Desk, service: LiveService
) -> None:
    """By then no window may be opened any more; one more click, in there, and the page scans."""
    window = desk.click_scan()
    assert window.inner_text("body") == ASKING
    # To the right of the browser's question, which would lie below it otherwise.
    assert window.evaluate("screenX") == SCREEN_PX[0] - WINDOW_PX
    desk.wait_for("!navigator.userActivation.isActive")
    assert desk.read("window.open('about:blank') === null") is True
    desk.answer_browser(*ALLOW)
    window.wait_for_url(f"{service.url}/consent/*", timeout=LIMIT_MS)
    assert desk.read("location.origin") in window.inner_text("main")
    with window.expect_event("close", timeout=LIMIT_MS):
        window.get_by_role("button", name="Allow once").click(timeout=LIMIT_MS)
    desk.page.wait_for_function("window.seen.ended || window.seen.error", timeout=LIMIT_MS)
    seen = desk.read("window.seen")
    assert (seen["error"], len(seen["pages"])) == (None, SHEETS)


@pytest.mark.parametrize(
    ("keys", "state", "sentence", "code"),
    [
        pytest.param(BLOCK, "blocked", DENIED, "permission_blocked", id="blocked"),
        pytest.param(CLOSE, "asking", DISMISSED, "permission_needed", id="closed"),
    ],
)
def test_browser_that_is_not_told_to_allow_leaves_no_empty_window(
    desk: Desk, *, keys: tuple[str, ...], state: str, sentence: str, code: str
) -> None:
    """The page says what the person has done, and how to go on; nobody is told to install."""
    window = desk.click_scan()
    with window.expect_event("close", timeout=LIMIT_MS):
        desk.answer_browser(*keys)
    desk.page.wait_for_function("window.seen.error", timeout=LIMIT_MS)
    assert wait_for_state(desk.page, state) == sentence
    assert desk.read("window.flatbed.state.action.label") == "Connect again"
    assert desk.read("window.seen.error.code") == code
