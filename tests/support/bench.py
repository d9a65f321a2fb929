"""The service that most tests share: virtual scanners, each with a fault of its own."""

from __future__ import annotations

from typing import Any

from .client import ApiClient
from .pictures import Picture, read_picture

GRANTED = "https://shop.example"
OTHER = "https://office.example"
COMPAT = "https://old.example"

SHEETS = 4

# Name -> faults. The scripts say: at which page, and with `!` at every attempt.
_SCANNERS = {
    "Plain": [],
    "Second": [],
    "Slow": ["slow@1!", "slow@2!", "slow@3!", "slow@4!"],
    "Jam": ["jam@3"],
    "Jam at once": ["jam@1"],
    "Double feed": ["double_feed@2"],
    "Cover": ["cover_open@2"],
    "Empty": ["feeder_empty"],
    "Disk": ["disk@2"],
    "I/O": ["io_error@2"],
    "Little memory": ["no_memory@2"],
    "Picky": ["invalid@2"],
    "Unable": ["unsupported@2"],
    "Locked": ["transport_locked@2"],
    "Warming": ["warming_up@2"],
    "Blank": ["empty_page@2"],
    "Short": ["short_page@2"],
    "Crash": ["crash@2"],
    "Exit": ["exit@2"],
    "Hang": ["hang@2!"],
    "Hard hang": ["hang_hard!"],
    "Print": ["print@2"],
    "Memory": ["memory@2"],
    "Flood": ["flood@2"],
    "Denied": ["access_denied"],
    "Busy": ["busy"],
}

NAMES = list(_SCANNERS)

SETTINGS = {
    "ADDONS__VIRTUAL__NAMES": NAMES,
    "ADDONS__VIRTUAL__SHEETS": SHEETS,
    "ADDONS__VIRTUAL__PAPER_MM": [105, 148],
    "ADDONS__VIRTUAL__FAULTS": [
        f"{fault}#{number}" for number, name in enumerate(NAMES, 1) for fault in _SCANNERS[name]
    ],
    "ALLOWED_ORIGINS": f'["{GRANTED}", "{OTHER}", {{origin = "{COMPAT}", compat = true}}]',
    # What is said without it is looked at here; what it writes, where it is tested.
    "ADDONS__PDF__ENABLED": False,
    "SESSION_RELEASE_S": 0.5,
    # So that a driver that does not hear is ended soon.
    "CANCEL_ACK_S": 0.3,
    "CANCEL_TERM_S": 0.6,
    "CANCEL_KILL_S": 1.0,
}


def glass(**more: Any) -> dict[str, Any]:
    """The `config` of a job for the flatbed, small and quick."""
    return {"Resolution": 75, **more}


def feeder(**more: Any) -> dict[str, Any]:
    """The `config` of a job for the feeder, small and quick."""
    return glass(IfFeederEnabled=True, **more)


def number_of(name: str) -> int:
    """The number of a scanner in the virtual scanners' ledger, from 1."""
    return NAMES.index(name) + 1


def completed(api: ApiClient, pages: int = SHEETS, name: str = "Plain", **config: object) -> str:
    """A job that has its pages; its id."""
    uid = api.scan(name, config=feeder(XferCount=pages, **config))
    assert api.wait_for(uid, "completed")["pages"] == pages
    return uid


def scan_one(api: ApiClient, device: str = "Plain", **body: Any) -> Picture:
    """The one page of a job."""
    uid = api.scan(device, **body)
    (data,) = api.drain(uid)
    assert api.wait_for_end(uid)["warnings"] == []
    return read_picture(data)
