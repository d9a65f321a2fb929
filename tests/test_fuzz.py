"""Everything that reads bytes from outside has a name for all that is wrong with them."""

from __future__ import annotations

import pytest

from .fuzz.mutation import mutations
from .fuzz.targets import TARGETS


@pytest.mark.parametrize("name", TARGETS)
def test_changed_bytes_raise_nothing_without_a_name(name: str) -> None:
    """F13, short: the same changes each time; `make fuzz` goes on from there."""
    read, seeds = TARGETS[name]
    for number, data in enumerate(mutations(seeds(), count=300, seed=1)):
        try:
            read(data)
        except Exception as error:
            error.add_note(f"change {number} of {name}: {data[:200]!r}")
            raise
