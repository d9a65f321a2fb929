"""Steps of a document: each leads there and back, in any order of undo and redo."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import settings, strategies
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from flatbed.storage.history import (
    DocumentState,
    EditPage,
    Insert,
    Remove,
    Reorder,
    Replace,
    Step,
    decode_step,
    encode_step,
    needed_pages,
)

TURN = {"op": "rotate", "angle": 90}


def state(*order: str) -> DocumentState:
    """A document of these pages, without edits."""
    return DocumentState(list(order), {page: [] for page in order})


@pytest.mark.parametrize(
    ("step", "before", "after"),
    [
        (Insert(1, ("x", "y")), "abc", "axybc"),
        (Insert(3, ("x",)), "abc", "abcx"),
        (Insert(0, ("x",)), "", "x"),
        (Remove(1, "b"), "abc", "ac"),
        (Reorder((2, 0, 1)), "abc", "cab"),
        (Replace(1, "b", "x"), "abc", "axc"),
    ],
    ids=["insert", "append", "first", "remove", "reorder", "replace"],
)
def test_step_leads_there_and_back(step: Step, before: str, after: str) -> None:
    """And survives being written down."""
    step = decode_step(encode_step(step))
    document = state(*before)
    step.apply(document)
    assert "".join(document.order) == after
    step.revert(document)
    assert "".join(document.order) == before


def test_edits_of_a_page_are_a_list() -> None:
    """The last one goes first."""
    document = state("a")
    flip = {"op": "flip"}
    EditPage("a", TURN).apply(document)
    EditPage("a", flip).apply(document)
    assert document.edits == {"a": [TURN, flip]}
    EditPage("a", flip).revert(document)
    assert document.edits == {"a": [TURN]}


def test_needed_pages_are_those_that_can_come_back() -> None:
    """What was removed is needed as long as its step is there."""
    steps: list[Step] = [Insert(0, ("a", "b")), Remove(0, "a"), Replace(0, "b", "c")]
    assert needed_pages(["c"], steps) == {"a", "b", "c"}
    assert needed_pages(["c"], steps[2:]) == {"b", "c"}
    assert needed_pages(["c"], []) == {"c"}


class Editing(RuleBasedStateMachine):
    """Somebody at a document, against plain copies of all its states."""

    def __init__(self) -> None:
        super().__init__()
        self.document = DocumentState()
        self.past: list[tuple[Step, DocumentState]] = []
        self.future: list[Step] = []
        self.made = 0

    def do(self, step: Step) -> None:
        """Do a step, remembering how it looked before."""
        self.past.append((step, copy.deepcopy(self.document)))
        self.future.clear()
        step.apply(self.document)

    def new_page(self) -> str:
        """A page that there never was."""
        self.made += 1
        page = f"page {self.made}"
        self.document.edits[page] = []
        return page

    @rule(data=strategies.data(), count=strategies.integers(1, 3))
    def insert(self, data: Any, count: int) -> None:
        """Anywhere."""
        at = data.draw(strategies.integers(0, len(self.document.order)))
        self.do(Insert(at, tuple(self.new_page() for _ in range(count))))

    @rule(data=strategies.data(), what=strategies.sampled_from(["remove", "replace", "edit"]))
    def change_one(self, data: Any, what: str) -> None:
        """Any page that is there."""
        if not self.document.order:
            return
        at = data.draw(strategies.integers(0, len(self.document.order) - 1))
        page = self.document.order[at]
        if what == "remove":
            self.do(Remove(at, page))
        elif what == "replace":
            self.do(Replace(at, page, self.new_page()))
        else:
            self.do(EditPage(page, {"op": "rotate", "angle": data.draw(strategies.integers(1, 9))}))

    @rule(data=strategies.data())
    def reorder(self, data: Any) -> None:
        """Any order."""
        places = list(range(len(self.document.order)))
        self.do(Reorder(tuple(data.draw(strategies.permutations(places)))))

    @rule()
    def undo(self) -> None:
        """It looks as before the step, whatever the step was."""
        if not self.past:
            return
        step, before = self.past.pop()
        step.revert(self.document)
        self.future.append(step)
        assert self.document.order == before.order
        assert {page: self.document.edits[page] for page in before.edits} == before.edits

    @rule()
    def redo(self) -> None:
        """The step is done again."""
        if self.future:
            step = self.future.pop()
            self.past.append((step, copy.deepcopy(self.document)))
            step.apply(self.document)

    @invariant()
    def holds_every_page_once(self) -> None:
        """No step doubles one."""
        assert len(set(self.document.order)) == len(self.document.order)


TestEditing = Editing.TestCase
TestEditing.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
