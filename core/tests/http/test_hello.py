"""The one line for strangers."""

from __future__ import annotations

import json

import pytest

from flatbed.http import hello
from flatbed.http.contract import core_version

from .demo import DemoServer
from .raw import Request, ask
from .stranger import can_become_stranger, send_as_stranger


@pytest.mark.parametrize("origin", ["", "https://shop.example", "https://evil.example"])
def test_hello_to_our_own_user_is_theirs_whatever_the_page(
    origin: str, server: DemoServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page without a grant finds the service that it may ask, and learns nothing more."""
    monkeypatch.setattr(hello, "core_version", lambda: "1.2.3")
    headers = [("Origin", origin)] if origin else []
    answer = ask(server.port, "GET", "/api/hello", headers)
    assert answer.status == 200
    assert json.loads(answer.body) == {
        "service": "flatbed",
        "version": "1.2.3",
        "contract": "20261121",
        "yours": True,
    }


@pytest.mark.root
@pytest.mark.skipif(not can_become_stranger(), reason="only root can become another OS user")
def test_hello_to_another_user_is_not_theirs(
    server: DemoServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its client goes on looking for its own."""
    monkeypatch.setattr(hello, "core_version", lambda: "1.2.3")
    headers = (("Host", f"127.0.0.1:{server.port}"), ("Origin", "https://evil.example"))
    (answer,) = send_as_stranger(server.port, [Request("GET", "/api/hello", headers)])
    assert json.loads(answer.body) == {
        "service": "flatbed",
        "version": "1.2.3",
        "contract": "20261121",
        "yours": False,
    }
    assert answer.header("Access-Control-Allow-Origin") == "https://evil.example"


def test_core_version_is_text() -> None:
    """Installed or run from its sources, there is something to say."""
    assert core_version()[0].isdigit()
