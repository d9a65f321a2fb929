"""Chromium over a real service; skipped by name where there is no Chromium."""

from __future__ import annotations

import fcntl
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright
from tests.browser.rig import (
    CHROMIUM,
    DIST,
    FLAGS,
    PAGES,
    PageServer,
    Permission,
    chromium,
    open_author,
    public_flags,
    public_origin,
    set_permission,
)

OpenBrowser = Callable[..., BrowserContext]

# A machine may be slow, and busy with other tests.
expect.set_options(timeout=60_000)
OpenPublic = Callable[..., Page]


@pytest.fixture(scope="module")
def default_ports() -> Iterator[None]:
    """Where pages look by themselves: one module at a time, in all processes of a run."""
    with (Path(tempfile.gettempdir()) / "flatbed-default-ports.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    """The driver of browsers.

    It keeps an event loop running in this thread, so it must be gone before other modules' tests.
    """
    if not CHROMIUM.exists():
        pytest.skip(f"{CHROMIUM} is not installed (apt install chromium)")
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """One for a module; each page has a context of its own."""
    opened = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS])
    yield opened
    opened.close()


@pytest.fixture
def open_browser(playwright: Playwright, tmp_path: Path) -> Iterator[OpenBrowser]:
    """Starts browsers with fresh profiles; they end with the test."""
    with ExitStack() as stack:

        def open_browser(*flags: str, **context: object) -> BrowserContext:
            profile = tmp_path / f"profile-{len(list(tmp_path.glob('profile-*')))}"
            return stack.enter_context(chromium(playwright, profile, flags=flags, **context))

        yield open_browser


@pytest.fixture
def author() -> Iterator[PageServer]:
    """Somebody's pages, with the client library."""
    server = PageServer([PAGES, DIST])
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def open_public(open_browser: OpenBrowser, author: PageServer) -> OpenPublic:
    """Opens a browser that takes the author's page for one from the internet, over https."""
    origin = public_origin(author)

    def open_public(setting: Permission, *ports: int, **context: object) -> Page:
        secure = f"--unsafely-treat-insecure-origin-as-secure={origin}"
        browser = open_browser(secure, *public_flags(author), **context)
        if setting != "prompt":
            set_permission(browser.pages[0], origin, setting)
        return open_author(browser, origin, *ports)

    return open_public
