"""How a page's rows leave the scanner: in bands, at the scanner's pace, with faults among them."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass

from flatbed.addon.types import PageSink, PageWriter
from flatbed.builtin.virtual.exposure import Exposure
from flatbed.builtin.virtual.faults import PageFaults

_BAND_BYTES = 256 << 10
_FEWEST_BANDS = 4  # so that there is a middle for a fault, whatever the size
_LOOK_S = 0.05  # how soon a cancel is heard while a slow page takes its time
_SLOWER = 10
_SLOWER_FROM_S = 0.1  # what a slow page is slower than where pages take no time


@dataclass(frozen=True)
class Pace:
    """The time that one page takes.

    Attributes:
        seconds: From the first to the last row; 0 for as quick as can be.
        began: By `time.monotonic`.
    """

    seconds: float
    began: float

    @classmethod
    def from_now(cls, seconds: float, faults: PageFaults) -> Pace:
        """The pace of a page that begins now, slowed down if a fault says so."""
        if faults.take("slow"):
            seconds = _SLOWER * (seconds or _SLOWER_FROM_S)
        return cls(seconds, time.monotonic())

    def keep(self, part: float, out: PageSink) -> None:
        """Wait until this part of the page, 0 to 1, may be done.

        Raises:
            ScanCanceledError: If the job is cancelled meanwhile.
        """
        due = self.began + self.seconds * part
        out.check_canceled()
        while (left := due - time.monotonic()) > 0:
            time.sleep(min(left, _LOOK_S))
            out.check_canceled()


def deliver(
    exposure: Exposure, page: PageWriter, *, pace: Pace, faults: PageFaults, out: PageSink
) -> str:
    """Hand over the rows of one page.

    Args:
        exposure: The page.
        page: Takes the rows; what follows is the caller's.
        pace: When they come.
        faults: What is to happen meanwhile; may not return, or hand over fewer or endless rows.
        out: Asked for cancellation between bands.

    Returns:
        The SHA-256 of the rows, hexadecimal.

    Raises:
        DeviceFault: As the faults want, or as `page` and `out` raise.
    """
    digest = hashlib.sha256()
    bands = _rows_to_deliver(exposure, faults)
    for number, (top, bottom) in enumerate(bands):
        if number == len(bands) // 2:
            _strike_midway(exposure, page, faults)
        rows = exposure.rows(top, bottom)
        page.write_rows(rows)
        digest.update(rows)
        pace.keep((number + 1) / len(bands), out)
    return digest.hexdigest()


def _rows_to_deliver(exposure: Exposure, faults: PageFaults) -> list[tuple[int, int]]:
    height = exposure.image.height
    if faults.take("short_page"):
        height = (height + 1) // 2
    step = max(1, min(_BAND_BYTES // exposure.row_bytes, height // _FEWEST_BANDS))
    return [(top, min(top + step, height)) for top in range(0, height, step)]


def _strike_midway(exposure: Exposure, page: PageWriter, faults: PageFaults) -> None:
    faults.strike_midway()
    if faults.take("flood"):
        _flood(exposure, page)


def _flood(exposure: Exposure, page: PageWriter) -> None:
    # One row a call, and no end to them: only the sink can stop this.
    row = exposure.rows(0, 1)
    while True:
        page.write_rows(row)
