"""How much one origin may have going on at once."""

from __future__ import annotations

import pytest

from flatbed.errors import TooManyRequestsError
from flatbed.http.guard import Caller
from flatbed.http.limits import OriginLimits

SHOP = Caller("https://shop.example", is_local=False)
OTHER = Caller("https://other.example", is_local=False)
LOCAL = Caller("local", is_local=True)


def test_enter_beyond_the_limit_is_refused_until_one_leaves() -> None:
    """A place that is given back is there for the next."""
    limits = OriginLimits(2)
    leave = limits.enter(SHOP)
    limits.enter(SHOP)
    with pytest.raises(TooManyRequestsError):
        limits.enter(SHOP)
    leave()
    limits.enter(SHOP)
    with pytest.raises(TooManyRequestsError):
        limits.enter(SHOP)


def test_enter_of_others_is_not_in_the_way() -> None:
    """Each origin has places of its own; local callers need none."""
    limits = OriginLimits(1)
    limits.enter(SHOP)
    limits.enter(OTHER)
    for _ in range(100):
        limits.enter(LOCAL)
    assert limits.in_flight("local") == 0


def test_leave_twice_gives_one_place_back() -> None:
    """An answer and the end of its connection both tell."""
    limits = OriginLimits(2)
    leave = limits.enter(SHOP)
    limits.enter(SHOP)
    leave()
    leave()
    assert limits.in_flight(SHOP.origin) == 1


def test_leave_of_the_last_forgets_the_origin() -> None:
    """The table does not grow with all pages that ever called."""
    limits = OriginLimits(2)
    limits.enter(SHOP)()
    assert not limits._in_flight
