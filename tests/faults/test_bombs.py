"""F9, short; `make faults` adds what takes seconds by itself."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.faults import bombs
from tests.faults.bomb_edits import DENSE, REQUESTS
from tests.faults.rig import Rig

IS_FULL = os.environ.get("FAULTS") == "full"


@pytest.mark.timeout(0 if IS_FULL else 900)
def test_bombs_are_refused_by_name_and_cost_little(tmp_path: Path) -> None:
    """Main as small as before, every worker within its manifest, the document as it was."""
    files = bombs.FILES | (bombs.SLOW if IS_FULL else {})
    requests = {**REQUESTS, **(DENSE if IS_FULL else {})}
    seen = bombs.run(Rig(tmp_path), files, requests)
    assert len(seen) == len(files) + len(requests) >= 200
    assert [(each.name, each.wrong) for each in seen if each.wrong] == []
