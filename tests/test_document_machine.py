"""Documents never lose anything: short here, and `make machines` as long as anybody wants."""

from __future__ import annotations

import os
import random

import pytest

from .conftest import MakeService
from .machines import deeds, documents
from .machines.wishes import Wish, pick
from .machines.workplace import Workplace

STEPS = int(os.environ.get("MACHINE_STEPS", "0"))
SEED = int(os.environ.get("MACHINE_SEED", "0"))
# Kind, page, and what else there is to choose; a page goes out from between two others.
TOUR = (
    ("load many", 0, 0),
    ("rotate", 0, 0),
    ("copy", 1, 0),
    ("edit a box", 1, 3),
    ("edit", 1, 1),
    ("edit", 1, 2),
    ("load", 0, 4),
    ("remove", 1, 0),
    ("reorder", 0, 5),
    ("edit", 0, 0),
    ("reset", 0, 0),
    ("rotate", 0, 1),
)
# Far more than a step takes; shrinking a failure has limits of its own.
LIMIT_S = 900 + STEPS


@pytest.mark.timeout(LIMIT_S)
def test_documents_agree_with_plain_lists(make_service: MakeService) -> None:
    """F13: steps, undo, redo, restarts, and kill -9 at rest and within requests."""
    service = make_service()
    seed = SEED or (random.randrange(1, 1 << 32) if STEPS else 1)
    print(f"documents: seed {seed}")
    if STEPS:
        tally = documents.run_long(service, steps=STEPS, seed=seed)
    else:
        tally = documents.run_short(service, seed=seed)
    print(dict(tally))
    assert tally["pages compared"]
    assert tally["kills, done"] + tally["kills, not done"] + tally["kills after the answer"]


def test_every_kind_of_step_leads_back_and_forth(make_service: MakeService) -> None:
    """Once each and through a kill, as chance may leave one out in a short run."""
    place = Workplace(make_service())
    place.do(deeds.create(has_password=False))
    for kind, page, more in TOUR:
        place.do(Wish(kind, 0, page, more, 2).deed(place.shelf))
    for way in (*["undo"] * 12, *["redo"] * 12, *["undo"] * 5, "reorder", "redo"):
        place.do(Wish(way, 0, 0, 5, 0).deed(place.shelf))
        place.compare_pictures(pick(place.shelf, 0))
    place.do(deeds.create(has_password=True))
    place.do(Wish("copy", 1, 0, 0, 1).deed(place.shelf))
    place.do(deeds.delete(pick(place.shelf, 0)))
    place.kill()
    place.clear()
