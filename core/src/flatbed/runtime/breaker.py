"""A circuit breaker: an add-on that crashes again and again rests for a while."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from flatbed.errors import AddonUnavailableError


@dataclass(frozen=True, kw_only=True)
class BreakerLimits:
    """Opens for `rest_s` after `crashes` within `window_s`."""

    crashes: int = 3
    window_s: float = 60
    rest_s: float = 30


class Breaker:
    """The breaker of one version of one add-on."""

    def __init__(
        self, name: str, limits: BreakerLimits, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._name, self._limits, self._clock = name, limits, clock
        self._crashes: deque[float] = deque(maxlen=limits.crashes)
        self._closed_again = -math.inf

    @property
    def is_open(self) -> bool:
        """Whether calls are refused now."""
        return self._clock() < self._closed_again

    def record_crash(self) -> None:
        """Count a crash; the one too many opens the breaker."""
        now = self._clock()
        self._crashes.append(now)
        is_full = len(self._crashes) == self._limits.crashes
        if is_full and now - self._crashes[0] <= self._limits.window_s:
            self._closed_again = now + self._limits.rest_s
            self._crashes.clear()

    def check(self) -> None:
        """Raise `AddonUnavailableError` with `retry_after_s` while it is open."""
        if self.is_open:
            rest = math.ceil(self._closed_again - self._clock())
            raise AddonUnavailableError(
                f"The add-on '{self._name}' crashed several times and rests."
                f" Try again in {rest} seconds.",
                retry_after_s=rest,
            )
