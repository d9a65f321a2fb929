"""`Idempotency-Key`: a request that was sent again gets the first answer, and does nothing."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import msgspec
import structlog
from msgspec import Meta

from flatbed.errors import FlatbedError, InvalidInputError, KeyReusedError, StartUnfinishedError
from flatbed.storage.idempotency import Answer, Start, Started, Starts
from flatbed.storage.index import Also, Change, nothing_else

if TYPE_CHECKING:
    from flatbed.http.base import ApiHandler

log = structlog.get_logger("flatbed.http")

T = TypeVar("T")

KEY_HEADER = "Idempotency-Key"
REPLAYED_HEADER = "Idempotent-Replayed"

_PATTERN = "[!-~]([ -~]{0,198}[!-~])?"
_KEY = re.compile(_PATTERN)
_REFUSAL = (
    "An Idempotency-Key is 1 to 200 printable ASCII characters without spaces at its ends, sent"
    " once. Nothing was done."
)

KEY_ERRORS = (KeyReusedError, StartUnfinishedError)
"""What every operation raises that takes a key."""


class IdempotencyHeaders(msgspec.Struct, frozen=True, rename={"key": KEY_HEADER}):
    """The same key with the same body within 24 hours gets the first answer again, with the header
    `Idempotent-Replayed`, and nothing is done. Errors are not kept.
    """

    key: Annotated[str, Meta(min_length=1, max_length=200, pattern=f"^{_PATTERN}$")] | None = None


class Once:
    """What a request without a key does about it: nothing."""

    is_known = False

    def take(self, chunk: bytes) -> None:
        """Take the next piece of the body."""

    def note(self, _: Answer, /) -> Change:
        """What keeps an answer, in the transaction that makes what it tells of."""
        return nothing_else

    def noting(self, describe: Callable[[T], Answer]) -> Also[T]:
        """The same where only that transaction knows what it makes."""
        return lambda write, made: self.note(describe(made))(write)

    async def begin(self) -> None:
        """Note that something lasting is about to be made, in more than one transaction."""

    async def keep(self, answer: Answer, *, is_passing: bool = False) -> None:
        """Keep an answer, of what was begun or can do no harm twice; see `Starts.keep`."""


class KeyedOnce(Once):
    """A request with a key.

    Args:
        starts: Where answers are kept.
        owner: Who asks.
        address: Verb and path.
        query: As it came.
        key: Theirs.

    Attributes:
        is_known: Its answer is there; the body is needed only to see whether it is the same.
    """

    def __init__(self, starts: Starts, owner: str, *, address: str, query: str, key: str) -> None:
        self._starts, self._owner = starts, owner
        self._uid = starts.uid_of(owner, address=address, key=key)
        self._digest = starts.new_digest()
        self._digest.update(f"{query}\n".encode())
        self._found = starts.find(self._uid)
        self._is_begun = self._is_done = False
        self.is_known = self._found is not None and self._found.answer is not None

    @property
    def _start(self) -> Start:
        return Start(self._uid, self._owner, self._digest.digest())

    def take(self, chunk: bytes) -> None:
        """Take the next piece of the body."""
        self._digest.update(chunk)

    async def carry_out(
        self, handler: ApiHandler, work: Callable[..., Awaitable[None]], *args: str, **kwargs: str
    ) -> None:
        """Answer what was answered before; the first time, let the handler do its work.

        Raises:
            KeyReusedError: If the key came with something else before.
            StartUnfinishedError: If nobody knows what became of the first.
        """
        if self._found is not None and self.is_known:
            self._replay(handler, self._found)
            return
        async with self._starts.turn(self._start):
            found = self._starts.find(self._uid)
            if found is not None:
                self._replay(handler, found)
                return
            try:
                await work(*args, **kwargs)
            except FlatbedError:
                await self._forget()
                raise

    def note(self, answer: Answer, /) -> Change:
        """As above; from there on nothing is to be begun."""

        def change(write: sqlite3.Connection) -> None:
            self._starts.note(write, self._start, answer)
            self._is_done = True

        return change

    async def begin(self) -> None:
        """As above; nothing where the answer is kept already, as of a job."""
        if not self._is_done:
            self._is_begun = True
            await self._starts.begin(self._start)

    async def keep(self, answer: Answer, *, is_passing: bool = False) -> None:
        """As above; where it cannot be kept, the caller gets it all the same."""
        self._is_done = True
        try:
            await self._starts.keep(self._start, answer, is_passing=is_passing)
        except FlatbedError as error:
            log.warning("answer not kept", error=error.name)

    async def _forget(self) -> None:
        if not self._is_begun or self._is_done:
            return
        try:
            await self._starts.forget(self._start)
        except FlatbedError as error:
            # The caller hears of what went wrong first; with this key, that nobody knows more.
            log.warning("start not forgotten", error=error.name)

    def _replay(self, handler: ApiHandler, found: Started) -> None:
        found.check(self._start)
        if found.answer is None:
            raise StartUnfinishedError
        handler.set_header(REPLAYED_HEADER, "true")
        handler.write_answer(found.answer)


def read_once(handler: ApiHandler) -> Once:
    """What a request says of a key.

    Raises:
        InvalidInputError: If it is none, or is said more than once.
    """
    said = handler.request.headers.get_list(KEY_HEADER)
    if not said:
        return Once()
    if len(said) > 1 or not _KEY.fullmatch(said[0]):
        raise InvalidInputError(_REFUSAL)
    request, starts = handler.request, handler.services.starts
    address = f"{request.method} {request.path}"
    return KeyedOnce(
        starts, handler.caller.owner, address=address, query=request.query, key=said[0]
    )


def json_answer(value: Any, status: int = 200, **headers: str) -> Answer:
    """An answer in JSON; `Preference_Applied` stands for a header with a hyphen."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    body = msgspec.json.encode(value)
    return Answer(status, {"Content-Type": "application/json", **named}, body)
