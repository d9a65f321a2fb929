"""Which web origins may call: those of the configuration, and those that a person decided about."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from flatbed.config import AllowedOrigin
from flatbed.config.kinds import Unfit, check_spelling
from flatbed.errors import InvalidInputError, NotFoundError, WrongStateError
from flatbed.storage.grants import Grant, GrantStore, State

ListedState: TypeAlias = Literal["once", "always", "blocked", "configured"]

_LONGEST = 300
"""A host name has 253 characters at most; scheme and port come to it."""


class OriginNotFoundError(NotFoundError):
    """Nobody has decided anything about this origin."""

    name = "origin_not_found"
    sentence = "Nothing was decided about this origin. Look at the list for its exact spelling."


class OriginConfiguredError(WrongStateError):
    """The configuration grants this origin, and nothing else can change that."""

    name = "origin_configured"
    sentence = "The configuration lets this origin in. Nothing was changed; change it there."


@dataclass(frozen=True, kw_only=True)
class ListedOrigin:
    """One origin that something was decided about, by a person or the configuration.

    Attributes:
        origin: Exactly as browsers send it.
        state: The decision.
        name: What its page called itself.
        since: When it was decided, in seconds of the epoch.
        last_used: When it called last, the same way.
    """

    origin: str
    state: ListedState
    name: str | None = None
    since: float | None = None
    last_used: float | None = None


class OriginGrants:
    """The `Grants` of the guard; what stands in the configuration always wins.

    Args:
        configured: The origins that the configuration grants.
        store: What persons decided.
        place: Where in the configuration the granted ones stand, for people.
        on_change: Called after each change: open connections may have to be closed.
    """

    def __init__(
        self,
        configured: Mapping[str, AllowedOrigin],
        store: GrantStore,
        *,
        place: str,
        on_change: Callable[[], None],
    ) -> None:
        self._configured, self._store = configured, store
        self._place, self._on_change = place, on_change

    def is_granted(self, origin: str) -> bool:
        """Whether the configuration names it, or a person let it in."""
        if origin in self._configured:
            return True
        grant = self._store.get(origin)
        return grant is not None and grant.lets_in

    def is_compat(self, origin: str) -> bool:
        """Whether its pages may send JSON as text/plain; only the configuration says so."""
        return origin in self._configured and self._configured[origin].is_compat

    def is_blocked(self, origin: str) -> bool:
        """Whether a person wants to hear no more of it."""
        grant = self._store.get(origin)
        return grant is not None and not (grant.lets_in or origin in self._configured)

    def note_use(self, origin: str) -> None:
        """Remember that a granted origin has called now."""
        self._store.note_use(origin)

    def listed(self) -> list[ListedOrigin]:
        """Every origin that something was decided about, by its spelling."""
        decided = [self._describe(grant) for grant in self._store.all()]
        return sorted(
            [*map(self._describe_configured, self._configured)]
            + [each for each in decided if each.origin not in self._configured],
            key=lambda each: each.origin,
        )

    async def decide(self, origin: str, state: State, name: str | None = None) -> ListedOrigin:
        """Let an origin in, or block it.

        Raises:
            OriginConfiguredError: If the configuration grants it.
            FlatbedError: If it cannot be written; then it is as it was.
        """
        self._check_not_configured(origin)
        grant = await self._store.put(origin, state, name)
        self._on_change()
        return self._describe(grant)

    async def revoke(self, origin: str) -> None:
        """Forget what was decided: it is refused, and may ask again.

        Raises:
            OriginConfiguredError: If the configuration grants it.
            OriginNotFoundError: If nothing was decided about it.
            FlatbedError: If it cannot be written; then it is as it was.
        """
        self._check_not_configured(origin)
        if self._store.get(origin) is None:
            raise OriginNotFoundError
        await self._store.remove(origin)
        self._on_change()

    def _check_not_configured(self, origin: str) -> None:
        if origin in self._configured:
            raise OriginConfiguredError(
                f"{origin} is let in by allowed_origins in {self._place}. Nothing was changed;"
                " change it there, then start Flatbed again."
            )

    def _describe(self, grant: Grant) -> ListedOrigin:
        return ListedOrigin(
            origin=grant.origin,
            state=grant.state,
            name=grant.name,
            since=grant.since,
            last_used=self._store.last_use(grant.origin),
        )

    def _describe_configured(self, origin: str) -> ListedOrigin:
        used = self._store.last_use(origin)
        return ListedOrigin(origin=origin, state="configured", last_used=used)


def read_origin(text: str) -> str:
    """An origin that a caller names, by the same rules as those of the configuration.

    Raises:
        InvalidInputError: If no browser would send it so; says how to spell it.
    """
    if len(text) > _LONGEST:
        raise InvalidInputError(f"An origin has {_LONGEST} characters at most.")
    try:
        return check_spelling(text)
    except Unfit as unfit:
        raise InvalidInputError(f"{unfit}. Nothing was changed.") from unfit
