"""The breaker of an add-on that crashes again and again, by a clock of the test's own."""

from __future__ import annotations

import pytest

from flatbed.errors import AddonUnavailableError
from flatbed.runtime.breaker import Breaker, BreakerLimits


class Clock:
    """Stands still until it is moved; seconds."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    """A clock."""
    return Clock()


@pytest.fixture
def breaker(clock: Clock) -> Breaker:
    """With the limits of the design: three crashes in a minute, half a minute of rest."""
    return Breaker("barcode", BreakerLimits(), clock)


def is_closed(breaker: Breaker) -> bool:
    """Whether calls go through."""
    return not breaker.is_open


def crash(breaker: Breaker, clock: Clock, *pauses_s: float) -> None:
    """A crash after each of these pauses."""
    for pause_s in pauses_s:
        clock.now += pause_s
        breaker.record_crash()


def test_breaker_opens_at_the_third_crash_within_a_minute(breaker: Breaker, clock: Clock) -> None:
    """Two may be bad luck."""
    crash(breaker, clock, 0, 30)
    assert is_closed(breaker)
    breaker.check()
    crash(breaker, clock, 30)
    assert breaker.is_open


def test_breaker_stays_closed_where_the_crashes_lie_further_apart(
    breaker: Breaker, clock: Clock
) -> None:
    """Any three in a row are looked at, not those since a beginning."""
    crash(breaker, clock, 0, 30, 31, 30, 31, 30)
    assert is_closed(breaker)
    crash(breaker, clock, 30)
    assert breaker.is_open


def test_open_breaker_says_who_rests_and_how_long(breaker: Breaker, clock: Clock) -> None:
    """The answer has it as Retry-After: whole seconds, never too few."""
    crash(breaker, clock, 0, 0, 0)
    clock.now += 4.5
    with pytest.raises(AddonUnavailableError) as caught:
        breaker.check()
    assert caught.value.message == (
        "The add-on 'barcode' crashed several times and rests. Try again in 26 seconds."
    )
    assert caught.value.details == {"retry_after_s": 26}


def test_breaker_closes_after_its_rest_and_counts_anew(breaker: Breaker, clock: Clock) -> None:
    """One more crash does not open it again, three more do."""
    crash(breaker, clock, 0, 0, 0)
    clock.now += 29.9
    assert breaker.is_open
    clock.now += 0.1
    assert is_closed(breaker)
    breaker.check()
    crash(breaker, clock, 0, 0)
    assert is_closed(breaker)
    crash(breaker, clock, 0)
    assert breaker.is_open


def test_breaker_keeps_to_other_limits(clock: Clock) -> None:
    """They are settings."""
    breaker = Breaker("x", BreakerLimits(crashes=1, window_s=1, rest_s=5), clock)
    crash(breaker, clock, 0)
    assert breaker.is_open
    clock.now += 5
    assert is_closed(breaker)
