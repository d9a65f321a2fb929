"""Where scanned pages go in a document, and what is done to them."""

from __future__ import annotations

import pytest

from flatbed.scan.placing import Placing, Treatment
from flatbed.storage.history import DocumentState


def placed(placing: Placing, before: str, pages: str, *, taken_out: str = "") -> str:
    """A document of pages with names of one letter, after a scan put others into it."""
    state, done = DocumentState(list(before)), list[str]()
    for page in pages:
        step = placing.make_step(tuple(state.order), page, placed=done)
        step.apply(state)
        done.append(page)
        for gone in taken_out:
            if gone in state.order:
                state.order.remove(gone)
    return "".join(state.order)


@pytest.mark.parametrize(
    ("placing", "after"),
    [
        (Placing(document="d"), "abcxyz"),
        (Placing(document="d", at=0), "xyzabc"),
        (Placing(document="d", at=1), "axyzbc"),
        (Placing(document="d", at=3), "abcxyz"),
        (Placing(document="d", at=4), "abcxyz"),
        (Placing(document="d", at=-1), "abcxyz"),
        (Placing(document="d", replaces="b"), "axyzc"),
        (Placing(document="d", replaces="gone"), "abcxyz"),
        (Placing(document="d", fronts=("a", "b", "c")), "azbycx"),
        (Placing(document="d", fronts=("b", "c")), "abycxz"),
    ],
    ids=[
        *("append", "first", "second", "at the end", "beyond", "before", "replace"),
        *("replace what is gone", "interleave", "more backs than fronts"),
    ],
)
def test_three_pages_go_where_they_are_wanted(placing: Placing, after: str) -> None:
    """Each behind the one before it; backs of a second pass in reverse."""
    assert placed(placing, "abc", "xyz") == after


def test_fewer_backs_than_fronts_begin_with_the_last() -> None:
    """The stack was turned over: what comes first is the last sheet."""
    assert placed(Placing(document="d", fronts=("a", "b", "c")), "abc", "x") == "abcx"


def test_pages_behind_one_that_was_taken_out_go_to_the_end() -> None:
    """Nothing says where else they belong."""
    assert placed(Placing(document="d", at=0), "abc", "xy", taken_out="x") == "abcy"
    backs = Placing(document="d", fronts=("a", "b"))
    assert placed(backs, "ab", "xy", taken_out="a") == "bxy"


@pytest.mark.parametrize(
    ("treatment", "found", "ops"),
    [
        (Treatment(), (True, True), []),
        (Treatment(crops=True), (True, True), ["auto-crop"]),
        (Treatment(deskews=True), (True, True), ["deskew"]),
        (Treatment(crops=True, deskews=True), (True, True), ["auto-crop", "deskew"]),
        (Treatment(crops=True, deskews=True), (False, True), ["deskew"]),
        (Treatment(crops=True, deskews=True), (False, False), []),
    ],
)
def test_only_what_there_is_to_mend_is_done(
    treatment: Treatment, found: tuple[bool, bool], ops: list[str]
) -> None:
    """The sheet is cut out first, as the bed's edge would lead the straightening astray."""
    has_sheet, is_skewed = found
    edits = treatment.choose_edits(has_sheet=has_sheet, is_skewed=is_skewed)
    assert [edit["op"] for edit in edits] == ops


def test_treatment_says_whether_there_is_anything_to_do() -> None:
    """A job without any hands its pages out as they come."""
    assert not Treatment().is_any
    assert Treatment(skips_blank=True).is_any
