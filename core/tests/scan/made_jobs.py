"""Jobs that no caller asked for."""

from __future__ import annotations

from typing import Any

from flatbed.addon.types import ScanSettings
from flatbed.scan.jobs import JobOptions, ScanJob
from flatbed.scan.wishes import Wishes

ORIGIN = "https://scan.example"


def made_job(uid: str = "a" * 32, **changes: Any) -> ScanJob:
    """A pending job with the defaults of everything."""
    facts: dict[str, Any] = {
        "uid": uid,
        "origin": ORIGIN,
        "scanner_uid": "5" * 16,
        "scanner_name": "Office",
        "driver": "paper",
        "settings": ScanSettings(),
        "wishes": Wishes(),
        "options": JobOptions(),
        "key": bytes(range(32)),
    }
    return ScanJob(**(facts | changes))
