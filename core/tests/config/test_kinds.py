"""What counts as an origin, since one that browsers never send would never be let in."""

from __future__ import annotations

from typing import Any

import pytest

from flatbed.config.kinds import ORIGINS, AllowedOrigin, Unfit


@pytest.mark.parametrize(
    "origin",
    [
        "https://scan.example",
        "http://localhost:8080",
        "https://xn--bcher-kva.example",
        "http://[::1]:3000",
        "chrome-extension://abcdefghijklmnop",
    ],
)
def test_origin_as_browsers_send_it_is_taken(origin: str) -> None:
    """Scheme, host and port, in lower case, international names in their ASCII form."""
    assert ORIGINS.check([origin]) == (AllowedOrigin(origin, is_compat=False),)


@pytest.mark.parametrize(
    "origin",
    [
        "*",
        "null",
        "",
        "scan.example",
        "https://scan.example/",
        "https://scan.example/app",
        "https://Scan.example",
        "https://*.example",
        "https://user@scan.example",
        "https://bücher.example",
        "https://scan.example\n",
        "https://scan.example:443",
        "http://scan.example:80",
    ],
)
def test_origin_that_no_browser_sends_is_refused(origin: str) -> None:
    """It would look granted and never match; wildcards and null are never granted."""
    with pytest.raises(Unfit, match=r"is not an origin|leave :\d+ out of"):
        ORIGINS.check([origin])


@pytest.mark.parametrize(
    "value",
    [
        "https://a.example",
        [1],
        [{"origin": 1}],
        [{"compat": True}],
        [{"origin": "https://a.example", "compat": 1}],
        [{"origin": "https://a.example", "compatible": True}],
    ],
    ids=["no list", "number", "number in table", "no origin", "compat", "unknown key"],
)
def test_origins_of_another_shape_are_refused(value: Any) -> None:
    """A mistyped key must not be taken for a grant without it."""
    with pytest.raises(Unfit):
        ORIGINS.check(value)
