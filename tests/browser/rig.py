"""A Chromium with a fresh profile, and servers for pages of other origins."""

from __future__ import annotations

import functools
import http.server
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import BrowserContext, Frame, Page, Playwright

CHROMIUM = Path("/usr/bin/chromium")
ROOT = Path(__file__).parents[2]
PAGES = Path(__file__).parent / "pages"
DIST = ROOT / "client" / "dist"
LIMIT_MS = 30_000

_PUBLIC_NAME = "scan.example"

Permission = Literal["granted", "denied", "prompt"]

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


class PageServer(http.server.ThreadingHTTPServer):
    """Serves folders on a loopback port of its own, which is a web origin of its own.

    Args:
        folders: Of two that have a file of one name the first serves it.
    """

    daemon_threads = True

    def __init__(self, folders: Sequence[Path]) -> None:
        super().__init__(("127.0.0.1", 0), functools.partial(_Handler, folders=tuple(folders)))
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.server_address[1])

    @property
    def origin(self) -> str:
        """Of its pages."""
        return f"http://127.0.0.1:{self.port}"


class _Handler(http.server.SimpleHTTPRequestHandler):
    def __init__(self, *args: Any, folders: tuple[Path, ...]) -> None:
        self._folders = folders
        super().__init__(*args)

    def translate_path(self, path: str) -> str:
        name = path.partition("?")[0].lstrip("/") or "author.html"
        found = [folder / name for folder in self._folders if (folder / name).is_file()]
        return str(found[0] if found else self._folders[0] / name)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name there
        pass


@contextmanager
def chromium(
    playwright: Playwright, profile: Path, *, flags: Sequence[str] = (), **context: Any
) -> Iterator[BrowserContext]:
    """A browser with a profile of its own; what a page logs as an error is an error here.

    Args:
        playwright: Drives it.
        profile: A folder that does not exist yet.
        flags: More of the command line.
        context: More for the context, as `locale` or `color_scheme`.
    """
    opened = playwright.chromium.launch_persistent_context(
        profile, executable_path=CHROMIUM, args=[*FLAGS, *flags], **context
    )
    try:
        yield opened
    finally:
        opened.close()


def public_origin(server: PageServer) -> str:
    """A server's origin by the name that it has in a browser with `public_flags`."""
    return f"http://{_PUBLIC_NAME}:{server.port}"


def public_flags(server: PageServer) -> tuple[str, str]:
    """What makes a browser take a server's pages for ones from the internet."""
    return (
        f"--host-resolver-rules=MAP {_PUBLIC_NAME} 127.0.0.1",
        f"--ip-address-space-overrides=127.0.0.1:{server.port}=public",
    )


def open_author(browser: BrowserContext, origin: str, *ports: int) -> Page:
    """The author's page, which looks for a service on some ports as soon as it is there."""
    page = browser.new_page()
    page.goto(f"{origin}/?ports={','.join(map(str, ports))}")
    return page


def wait_for_state(page: Page | Frame, *names: str) -> str:
    """Wait for one of some states; its sentence as the page shows it."""
    script = "names => names.includes(window.flatbed?.state.name)"
    page.wait_for_function(script, arg=list(names), timeout=LIMIT_MS)
    shown = page.inner_text("#state")
    assert shown == page.evaluate("window.flatbed.state.sentence")
    return shown


def set_permission(page: Page, origin: str, setting: Permission) -> None:
    """Answer for a person whether an origin may reach this machine.

    Args:
        page: Any of the browser.
        origin: Whose permission it is.
        setting: As the browser keeps it.
    """
    # Not let go: the browser takes the answer back with the session.
    page.context.new_cdp_session(page).send(
        "Browser.setPermission",
        {"permission": {"name": "loopback-network"}, "setting": setting, "origin": origin},
    )
