"""What can be done to a document, each step with its way back.

A step says just what it changes, so a document of a thousand pages has as small a history as one of
two. The pages themselves are untouched by all of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import msgspec

Edit: TypeAlias = dict[str, Any]
"""An operation and its settings, as `{"op": "rotate", "angle": 90}`."""


@dataclass
class DocumentState:
    """How a document looks after some steps.

    Attributes:
        order: Uids of its pages.
        edits: Of each page that has any, in the order in which they are applied.
    """

    order: list[str] = field(default_factory=list)
    edits: dict[str, list[Edit]] = field(default_factory=dict)


class Insert(msgspec.Struct, frozen=True, tag="insert"):
    """Pages came in; the first of them stands at `at`."""

    at: int
    pages: tuple[str, ...]

    def apply(self, state: DocumentState) -> None:
        """Put them in."""
        state.order[self.at : self.at] = self.pages

    def revert(self, state: DocumentState) -> None:
        """Take them out."""
        del state.order[self.at : self.at + len(self.pages)]

    def names(self) -> tuple[str, ...]:
        """The pages that a way back or forth needs."""
        return self.pages


class Remove(msgspec.Struct, frozen=True, tag="remove"):
    """A page that stood at `at` went out."""

    at: int
    page: str

    def apply(self, state: DocumentState) -> None:
        """Take it out."""
        del state.order[self.at]

    def revert(self, state: DocumentState) -> None:
        """Put it back."""
        state.order.insert(self.at, self.page)

    def names(self) -> tuple[str, ...]:
        """See `Insert`."""
        return (self.page,)


class Reorder(msgspec.Struct, frozen=True, tag="reorder"):
    """The page that stood at `sources[n]` stands at n now."""

    sources: tuple[int, ...]

    def apply(self, state: DocumentState) -> None:
        """Put the pages in their new order."""
        state.order[:] = [state.order[source] for source in self.sources]

    def revert(self, state: DocumentState) -> None:
        """Put them in the order of before."""
        before = state.order.copy()
        for page, source in zip(state.order, self.sources, strict=True):
            before[source] = page
        state.order[:] = before

    def names(self) -> tuple[str, ...]:
        """See `Insert`: none that are not in the document anyway."""
        return ()


class Replace(msgspec.Struct, frozen=True, tag="replace"):
    """A page took the place of another."""

    at: int
    old: str
    new: str

    def apply(self, state: DocumentState) -> None:
        """Put the new one there."""
        state.order[self.at] = self.new

    def revert(self, state: DocumentState) -> None:
        """Put the old one back."""
        state.order[self.at] = self.old

    def names(self) -> tuple[str, ...]:
        """See `Insert`."""
        return (self.old, self.new)


class EditPage(msgspec.Struct, frozen=True, tag="edit"):
    """A page got one more edit."""

    page: str
    edit: Edit

    def apply(self, state: DocumentState) -> None:
        """Add it to the page's edits."""
        state.edits.setdefault(self.page, []).append(self.edit)

    def revert(self, state: DocumentState) -> None:
        """Take it off again."""
        state.edits[self.page].pop()

    def names(self) -> tuple[str, ...]:
        """See `Insert`."""
        return (self.page,)


class SetEdits(msgspec.Struct, frozen=True, tag="set_edits"):
    """A page got other edits in place of all that it had."""

    page: str
    before: tuple[Edit, ...]
    after: tuple[Edit, ...] = ()

    def apply(self, state: DocumentState) -> None:
        """Put the new ones there."""
        state.edits[self.page] = list(self.after)

    def revert(self, state: DocumentState) -> None:
        """Put those of before back."""
        state.edits[self.page] = list(self.before)

    def names(self) -> tuple[str, ...]:
        """See `Insert`."""
        return (self.page,)


Step: TypeAlias = Insert | Remove | Reorder | Replace | EditPage | SetEdits


def encode_step(step: Step) -> str:
    """A step as JSON."""
    return msgspec.json.encode(step).decode()


def decode_step(text: str) -> Step:
    """The step that `encode_step` wrote."""
    step: Step = msgspec.json.decode(text, type=Step)
    return step


def needed_pages(order: Iterable[str], steps: Iterable[Step]) -> set[str]:
    """The pages that are in a document, or can come back into it by undo or redo."""
    return {*order, *(page for step in steps for page in step.names())}
