"""Scan jobs do what the contract says: short here, and `make machines` as long as anybody wants."""

from __future__ import annotations

import os
import random

import pytest

from .conftest import MakeService
from .machines import job_model, jobs

STEPS = int(os.environ.get("MACHINE_STEPS", "0"))
SEED = int(os.environ.get("MACHINE_SEED", "0"))
# Far more than a step takes; shrinking a failure has limits of its own.
LIMIT_S = 900 + STEPS


@pytest.mark.timeout(LIMIT_S)
def test_jobs_do_what_the_contract_says(make_service: MakeService) -> None:
    """F13: two scanners, pauses, cancels, cursors, bad requests, in any order."""
    service = make_service(**job_model.SETTINGS)
    seed = SEED or (random.randrange(1, 1 << 32) if STEPS else 1)
    print(f"jobs: seed {seed}")
    tally = jobs.run(service, steps=STEPS or 400, seed=seed, shrinks=bool(STEPS))
    print(dict(tally))
    # What else is drawn changes with the source; so much there always is.
    assert all(tally[each] for each in ("requests", "pages handed out", "completed"))
