"""What a scan job may be by the contract: a few words of state, and the pages that it gave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

SHEETS, JAM_AT = 3, 2
DEVICES = ("One", "Jams")
SETTINGS: Mapping[str, Any] = {
    "ADDONS__VIRTUAL__NAMES": list(DEVICES),
    "ADDONS__VIRTUAL__SHEETS": SHEETS,
    "ADDONS__VIRTUAL__PAPER_MM": [50, 60],
    "ADDONS__VIRTUAL__SECONDS_PER_PAGE": 0.03,
    "ADDONS__VIRTUAL__FAULTS": [f"jam@{JAM_AT}#2"],
    "CANCEL_ACK_S": 0.3,
    "CANCEL_TERM_S": 0.6,
    "CANCEL_KILL_S": 1.0,
}

ENDED = frozenset({"completed", "faulted", "canceled"})
EMPTY_ANSWERS = 9
"""Of a cursor after its last page; then it is gone."""
NOBODY = "0" * 32
"""A job that never was."""

BAD_REQUESTS: tuple[tuple[str, str, dict[str, Any], int], ...] = (
    ("PATCH", "", {"json": {"status": "paused"}}, 400),
    ("PATCH", "", {"json": {"status": 7}}, 400),
    ("PATCH", "", {"content": b"{"}, 400),
    ("PATCH", "", {"content": b"\xff"}, 400),
    ("PUT", "", {"json": {}}, 405),
    ("GET", "/next-page?type=image/gif", {}, 400),
    ("GET", f"/next-page?page={NOBODY}", {}, 404),
    ("GET", "/next-page?depth=12", {}, 400),
    ("GET", "/content?page=-1", {}, 400),
    ("GET", "/content?page=first", {}, 400),
    ("GET", "/nothing", {}, 404),
    ("POST", "/next-page", {"json": {}}, 405),
)
"""Verb, path below the job, body, status; whatever the job is."""

BAD_BODIES: tuple[tuple[dict[str, Any], int], ...] = (
    ({"json": {"device": "nobody's scanner", "config": {}}}, 404),
    ({"json": {"device": 7}}, 400),
    ({"json": {"config": {"Resolution": 0}}}, 400),
    ({"json": {"config": {"Resolution": "many"}}}, 400),
    ({"json": {"config": []}}, 400),
    ({"json": {"onFault": "shout"}}, 400),
    ({"json": {"jobTimeout": -1}}, 400),
    ({"json": {"device": "One", "settings": "!"}}, 400),
    ({"content": b"["}, 400),
    ({"content": b"\xff\xfe"}, 400),
)
"""What creates no job, and the status."""


class Wish(NamedTuple):
    """What a job is asked to do.

    Attributes:
        device: Its name.
        runs_at_once: Whether it is started with its creation.
        sheets: How many to feed; 0 for one page from the glass.
        pauses: Whether a jam pauses it.
    """

    device: str
    runs_at_once: bool
    sheets: int
    pauses: bool

    @property
    def body(self) -> dict[str, Any]:
        """Of the request that creates it."""
        feeder = {"IfFeederEnabled": True, "XferCount": self.sheets} if self.sheets else {}
        return {
            "device": self.device,
            "autoRun": self.runs_at_once,
            "config": {"Resolution": 75, "PixelType": 1, **feeder},
            "onFault": "pause" if self.pauses else "fault",
        }

    @property
    def pages(self) -> int:
        """How many there are when all went well."""
        return self.sheets or 1

    @property
    def jams(self) -> bool:
        """Whether paper gets stuck at its first attempt."""
        return self.device == "Jams" and self.sheets >= JAM_AT


@dataclass
class PlainJob:
    """One job.

    Attributes:
        uid: Its id.
        wish: What it was asked to do.
        may: The states that it may be in now.
        looks: The digest of each page that was seen, by its place.
        handed_out: Digests that `next-page` gave, in order.
        told: Uids that `next-page-info` gave, in order.
        empty: How often either cursor has said that there is nothing left.
    """

    uid: str
    wish: Wish
    may: frozenset[str]
    looks: dict[int, str] = field(default_factory=dict)
    handed_out: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    empty: dict[str, int] = field(default_factory=lambda: {"next-page": 0, "next-page-info": 0})

    @property
    def may_hold(self) -> bool:
        """Whether it can have its scanner."""
        return not self.may <= ENDED

    @property
    def surely_holds(self) -> bool:
        """Whether nobody else can have its scanner."""
        return not self.may & (ENDED | {"running"})

    def start(self) -> None:
        """It was started, or goes on after a jam."""
        was_paused = self.may & {"paused"}
        if not self.wish.jams or was_paused:
            self.may = frozenset({"running", "completed"})
        else:
            self.may = frozenset({"running", "paused" if self.wish.pauses else "faulted"})

    def see(self, status: str, pages: int) -> str:
        """Take in what it says that it is; what is wrong with that, empty for nothing."""
        if status not in self.may:
            return f"is {status}, and may be {sorted(self.may)}"
        if status != "running":
            self.may = frozenset({status})
        fits = {
            "pending": pages == 0,
            "running": pages <= self.wish.pages,
            "paused": pages == JAM_AT - 1,
            "completed": pages == self.wish.pages,
            "faulted": pages == JAM_AT - 1,
            "canceled": pages <= self.wish.pages,
        }[status]
        return "" if fits else f"is {status} with {pages} pages"

    def look(self, place: int, digest: str) -> str:
        """Take in how a page looks; what is wrong with that."""
        known = self.looks.setdefault(place, digest)
        if known != digest:
            return f"page {place} is another than before"
        if list(self.looks.values()).count(digest) > 1:
            return f"page {place} is there twice"
        return ""
