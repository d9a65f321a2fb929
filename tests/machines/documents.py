"""F13: documents of a real service, through random steps, restarts and kills, agree with lists."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import cast

import hypothesis
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    rule,
    run_state_machine_as_test,
)
from tests.machines import deeds
from tests.machines.wishes import KINDS, Wish, pick
from tests.machines.workplace import Workplace
from tests.support.client import DOCUMENTS
from tests.support.service import LiveService

_STEPS_AN_EXAMPLE = 150
"""In the long form, on average; there may be more."""

_SETTINGS = settings(
    deadline=None,
    database=None,
    print_blob=True,
    suppress_health_check=list(HealthCheck),
    report_multiple_bugs=False,
)

NUMBERS = st.integers(0, 59)
# A step takes some ten milliseconds, and far longer where a worker starts for it.
MOMENTS_S = st.sampled_from([each / 1000 for each in (*range(13), 15, 20, 30, 50, 100, 300)])
WISHES = st.builds(Wish, st.sampled_from(KINDS), NUMBERS, NUMBERS, NUMBERS, NUMBERS)


class DocumentMachine(RuleBasedStateMachine):
    """Somebody at a few documents, beside lists of what they are to be."""

    def __init__(self, place: Workplace) -> None:
        super().__init__()
        self._place = place

    def teardown(self) -> None:
        """Nothing of it all stays."""
        self._place.clear()

    @initialize(drawing=NUMBERS)
    def begin(self, drawing: int) -> None:
        """There is always a document."""
        self._place.do(deeds.create(has_password=False))
        self._do(Wish("load", 0, 0, drawing, 0))

    @rule(which=NUMBERS, wishes=st.lists(WISHES, min_size=16, max_size=40))
    def change(self, which: int, wishes: list[Wish]) -> None:
        """Some steps, in one document as long as nobody deletes it."""
        for wish in wishes:
            self._do(wish._replace(which=which))
        self._place.compare_pictures(pick(self._place.shelf, which))

    @rule(which=NUMBERS, page=NUMBERS, pages=st.lists(NUMBERS, max_size=3))
    def look(self, which: int, page: int, pages: list[int]) -> None:
        """A page by itself, and a file of the document or of some of its pages."""
        document = pick(self._place.shelf, which)
        count = len(document.pages)
        if count:
            self._place.compare_page(document, page % count)
            self._place.compare_file(document, [each % count for each in pages])
        else:
            path = f"{DOCUMENTS}/{document.uid}/content?type=image/tiff"
            self._place.do(deeds.refused("GET", path, 404))

    @rule(how=st.sampled_from(["cut off", "kill", "cut off", "stop"]), wish=WISHES, at_s=MOMENTS_S)
    def interrupt(self, how: str, wish: Wish, at_s: float) -> None:
        """kill -9 within a step, which is done then or not; or an end while nobody asks."""
        if how == "cut off":
            self._place.fuse_s = at_s
            self._do(wish)
        elif how == "kill":
            self._place.kill()
        else:
            self._place.restart()

    def _do(self, wish: Wish) -> None:
        self._place.do(wish.deed(self._place.shelf))
        if not self._place.shelf:
            self._place.do(deeds.create(has_password=False))


class LongDocumentMachine(DocumentMachine):
    """The same with what takes longer: so many steps that the oldest are forgotten."""

    @rule(which=NUMBERS, count=st.sampled_from([20] * 9 + [520]), page=NUMBERS)
    def hurry(self, which: int, count: int, page: int) -> None:
        """Many steps in one document; the page that goes first can go for good."""
        self._do(Wish("remove", which, page, 0, 0))
        for _ in range(count):
            document = pick(self._place.shelf, which)
            self._place.do(deeds.reorder(document, range(len(document.pages))[::-1]))

    @rule(which=NUMBERS)
    def undo_all(self, which: int) -> None:
        """Back to the oldest state that is kept, and once more in vain."""
        while pick(self._place.shelf, which).past:
            self._do(Wish("undo", which, 0, 0, 0))
        self._do(Wish("undo", which, 0, 0, 0))


def run_short(service: LiveService, *, seed: int) -> Counter[str]:
    """Some hundred and fifty steps; see `run_long`."""
    place = Workplace(service)
    chosen = settings(_SETTINGS, max_examples=4, stateful_step_count=6, phases=(Phase.generate,))
    _run(lambda: DocumentMachine(place), chosen, seed)
    return place.tally


def run_long(service: LiveService, *, steps: int, seed: int) -> Counter[str]:
    """Let the machine run; how often it did what.

    Args:
        service: Started.
        steps: About so many, or more.
        seed: Of everything that is drawn; the moments of kills are never quite the same.

    Raises:
        DisagreementError: With all that was done, made as short as it can be within minutes; the
            rules that led there are printed, and how to have them again.
    """
    place = Workplace(service)
    examples = -(-steps // _STEPS_AN_EXAMPLE)
    phases = (Phase.generate, Phase.shrink)
    chosen = settings(_SETTINGS, max_examples=examples, stateful_step_count=30, phases=phases)
    _run(lambda: LongDocumentMachine(place), chosen, seed)
    return place.tally


def _run(begin: Callable[[], DocumentMachine], chosen: settings, seed: int) -> None:
    # Any callable will do, says its docstring; its annotation has it narrower.
    machine = cast("type[DocumentMachine]", hypothesis.seed(seed)(begin))
    run_state_machine_as_test(machine, settings=chosen)
