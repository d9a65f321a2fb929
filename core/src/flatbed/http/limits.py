"""How much may come at once: in one body, and from one web origin."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from flatbed.errors import TooManyRequestsError
from flatbed.http.guard import Caller

MAX_IN_FLIGHT = 64
"""More than a page with a list of thumbnails asks for at once: browsers open six connections."""

MAX_BODY_BYTES = 2**20
"""Far more than any JSON of the contract needs; uploads say their own limit."""


class OriginLimits:
    """Counts the requests of each web origin that are being answered, open WebSockets included.

    Args:
        max_in_flight: Requests at once of one origin; local callers have no limit.
        max_body_bytes: The biggest body, whoever sends it, where an operation says nothing else.
    """

    def __init__(
        self, max_in_flight: int = MAX_IN_FLIGHT, *, max_body_bytes: int = MAX_BODY_BYTES
    ) -> None:
        self.max_body_bytes = max_body_bytes
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
