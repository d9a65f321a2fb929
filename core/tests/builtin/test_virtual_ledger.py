"""The ledger of what was fed and delivered."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from flatbed.builtin.virtual.ledger import Ledger


def test_ledger_appends_whole_lines_to_what_others_wrote(tmp_path: Path) -> None:
    """Two devices share the file."""
    Ledger(tmp_path, "virtual:1", 1).write_fed(4)
    Ledger(tmp_path, "virtual:2", 3).write_page(sheet=7, side="back", sha256="ab" * 32)
    lines = (tmp_path / "ledger.jsonl").read_text().splitlines()
    assert [json.loads(line) for line in lines] == [
        {"device": "virtual:1", "attempt": 1, "fed": 4},
        {"device": "virtual:2", "attempt": 3, "sheet": 7, "side": "back", "sha256": "ab" * 32},
    ]


def test_ledger_is_for_its_owner_only(tmp_path: Path) -> None:
    """Hashes of pages are nobody else's business."""
    Ledger(tmp_path, "virtual:1", 1).write_fed(1)
    assert (tmp_path / "ledger.jsonl").stat().st_mode & 0o777 == 0o600


def test_ledger_that_grew_too_long_is_put_aside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One old file is kept, so that it never takes more than twice its limit."""
    monkeypatch.setattr("flatbed.builtin.virtual.ledger._LIMIT_BYTES", 10)
    ledger = Ledger(tmp_path, "virtual:1", 1)
    ledger.trim()
    ledger.write_fed(1)
    ledger.trim()
    ledger.write_fed(2)
    assert '"fed": 1' in (tmp_path / "ledger.old.jsonl").read_text()
    assert (tmp_path / "ledger.jsonl").read_text().count("\n") == 1
