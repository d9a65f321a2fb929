"""F2 and F3: kill -9 of the scan worker, alone or with the main process, at random moments.

All pages before the sheet in transport are there, once and bit for bit; the service says what
happened and which page it was, and the next scan works.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from tests.faults.rig import JOBS, SCANNER, Ledger, Rig, spread

LATEST_S = 1.0


@dataclass
class Report:
    """What was seen.

    Attributes:
        pages: Pages that were checked.
        lost: Rounds in which the sheet in transport was lost.
        finished: Rounds in which the scan had ended before the kill.
        told_s: How long it took until the service said so.
    """

    pages: int = 0
    lost: int = 0
    finished: int = 0
    told_s: list[float] = field(default_factory=list)


def run(rig: Rig, *, kills: int, seed: int, with_main: bool) -> Report:
    """Kill the worker of one scan after the other.

    Args:
        rig: With a virtual scanner.
        kills: How many scans.
        seed: Of the moments.
        with_main: Kill the main process at the same moment, and start it again.
    """
    report, moments = Report(), random.Random(seed)
    rig.start()
    for _ in range(kills):
        _kill_one(rig, moments.uniform(0, LATEST_S), report, with_main=with_main)
    rig.stop()
    return report


def _kill_one(rig: Rig, wait_s: float, report: Report, *, with_main: bool) -> None:
    ledger = rig.ledger()
    job = rig.scan(SCANNER)
    worker = rig.wait_for(rig.scan_worker)
    time.sleep(wait_s)
    _kill(worker)
    began = time.monotonic()
    if with_main:
        rig.kill()
        rig.start()
    state = rig.wait_for_end(job)
    report.told_s.append(time.monotonic() - began)
    if state["status"] == "completed":
        report.finished += 1
    else:
        _check_fault(rig, job, state, is_recovered=with_main)
    _check_pages(rig, job, ledger, report)
    rig.ask("DELETE", f"{JOBS}/{job}")


def _kill(worker: psutil.Process) -> None:
    try:
        worker.kill()
    except psutil.NoSuchProcess:
        return  # the scan was quicker


def _check_fault(rig: Rig, job: str, state: dict[str, object], *, is_recovered: bool) -> None:
    error = state["error"]
    assert isinstance(error, dict) and error["error"] == "driver_crashed", state
    assert f"Page {int(str(state['pages'])) + 1} may lie in the scanner" in error["message"], error
    recovered = [each["uid"] for each in rig.ask("GET", "/api/storage/recovered")]
    assert (job in recovered) == is_recovered, (job, recovered)


def _check_pages(rig: Rig, job: str, ledger: Ledger, report: Report) -> None:
    pages, delivered, fed = rig.digests(job), ledger.delivered(), ledger.fed()
    assert pages == delivered[: len(pages)], (len(pages), len(delivered))
    assert len(set(pages)) == len(pages), "pages are doubled"
    assert fed - len(pages) <= 1, (fed, len(pages))
    report.pages += len(pages)
    report.lost += fed - len(pages)


def main() -> None:
    """Run in full."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--sheets", type=int, default=50)
    parser.add_argument("--seed", type=int, default=2)
    parser.add_argument("--with-main", action="store_true", help="F3: kill both")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="flatbed-f2-") as folder:
        rig = Rig(Path(folder), {"FLATBED_ADDONS__VIRTUAL__SHEETS": str(options.sheets)})
        report = run(rig, kills=options.kills, seed=options.seed, with_main=options.with_main)
    print(f"{'F3' if options.with_main else 'F2'}: {options.kills} kills, {report.pages} pages,")
    print(f"{report.lost} sheets in transport lost and named, {report.finished} scans were done;")
    print(f"the job said so after {spread(report.told_s)}")


if __name__ == "__main__":
    main()
