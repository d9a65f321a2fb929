"""What is to be carried out, on which pages, and what becomes of what was found."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import msgspec

from flatbed.errors import FlatbedError
from flatbed.runtime.choice import EVERYTHING, Choice
from flatbed.storage.made_file import MadeFile
from flatbed.storage.stored_page import StoredPage


@dataclass(frozen=True, kw_only=True)
class PageSource:
    """One page to work on.

    Attributes:
        uid: As its caller knows it.
        show: Gives it as it now looks, which takes a while where it has edits.
    """

    uid: str
    show: Callable[[], Awaitable[StoredPage]]


@dataclass(frozen=True, kw_only=True)
class PageResult:
    """What became of one page.

    Attributes:
        source: The page, as its caller knows it.
        found: What the add-on returned, as JSON.
        pages: What it made, kept for a while.
        error: Why there is nothing of that.
    """

    source: str
    found: bytes = field(default=b"null", repr=False)
    pages: Sequence[StoredPage] = ()
    error: FlatbedError | None = None

    @property
    def value(self) -> Any:
        """What the add-on returned."""
        return msgspec.json.decode(self.found)


Conclude: TypeAlias = Callable[[Sequence[PageResult]], Awaitable[Any]]
"""Makes the answer, for JSON, of the results in the order of the pages."""


@dataclass(frozen=True, kw_only=True)
class Order:
    """One operation that somebody wants.

    Attributes:
        operation: Its name.
        settings: From outside, checked when the order was made; a text is the shorthand.
        sources: The pages, in order.
        is_for_each: It is carried out for each of them, else once for all.
        owner: Who wants it, and has what it makes.
        conclude: See there; of an order that is not for each it gets one result.
        choice: The add-ons that may.
    """

    operation: str
    settings: Mapping[str, Any] | str
    sources: Sequence[PageSource]
    is_for_each: bool
    owner: str
    conclude: Conclude
    choice: Choice = EVERYTHING


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What an order came to: JSON, or a file that is there as long as the order's context is."""

    data: bytes = field(default=b"", repr=False)
    file: MadeFile | None = None
