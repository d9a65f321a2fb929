"""How much one web origin may have going on at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from flatbed.errors import TooManyRequestsError
from flatbed.http.guard import Caller

MAX_IN_FLIGHT = 64
"""More than a page with a list of thumbnails asks for at once: browsers open six connections."""


class OriginLimits:
    """Counts the requests of each web origin that are being answered, open WebSockets included.

    Args:
        max_in_flight: Requests at once of one origin; local callers have no limit.
    """

    def __init__(self, max_in_flight: int = MAX_IN_FLIGHT) -> None:
        self._max_in_flight = max_in_flight
        self._in_flight: Counter[str] = Counter()

    def enter(self, caller: Caller) -> Callable[[], None]:
        """Count one more request.

        Returns:
            What takes it off again; calling it more than once does no harm.

        Raises:
            TooManyRequestsError: If the origin has as many as it may have.
        """
        if caller.is_local:
            return lambda: None
        if self._in_flight[caller.origin] >= self._max_in_flight:
            raise TooManyRequestsError
        self._in_flight[caller.origin] += 1
        pending = [caller.origin]
        return lambda: self._leave(pending)

    def in_flight(self, origin: str) -> int:
        """How many requests of an origin are being answered."""
        return self._in_flight[origin]

    def _leave(self, pending: list[str]) -> None:
        if pending:
            # Subtraction drops what is down to zero, so the table does not grow with old origins.
            self._in_flight -= Counter([pending.pop()])
