"""F1: kill -9 of the main process at random moments of feeder scans; nothing lost or doubled."""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from pathlib import Path

from tests.faults.rig import JOBS, SCANNER, Rig, spread

_EARLY_S = (0.0, 0.02)


def run(rig: Rig, *, kills: int, sheets: int, seed: int) -> int:
    """Kill main again and again while sheets are fed; how many pages were checked.

    Args:
        rig: With a virtual scanner of that many sheets.
        kills: How many times in all.
        sheets: In the feeder for each scan.
        seed: Of the moments.
    """
    moments, pages = random.Random(seed), 0
    rig.start()
    while kills > 0:
        done, killed = _scan_once(rig, sheets, kills, moments)
        pages += done
        kills -= killed
    rig.stop()
    return pages


def _scan_once(rig: Rig, sheets: int, most: int, moments: random.Random) -> tuple[int, int]:
    ledger, killed = rig.ledger(), 0
    job = rig.scan(SCANNER)
    wait_s = moments.choice([*_EARLY_S, moments.uniform(0, 1)])
    while killed < most:
        time.sleep(wait_s)
        rig.kill()
        killed += 1
        rig.start()
        if rig.ask("GET", f"{JOBS}/{job}")["status"] != "running":
            break
        wait_s = moments.uniform(0, 0.5)
    state = rig.wait_for_end(job)
    assert state["status"] == "completed", state
    check(rig, job, sheets, ledger.fed(), ledger.delivered())
    rig.ask("DELETE", f"{JOBS}/{job}")
    return sheets, killed


def check(rig: Rig, job: str, sheets: int, fed: int, delivered: list[str]) -> None:
    """Every sheet that was fed is a page, once, in order, bit for bit."""
    pages = rig.digests(job)
    assert fed == sheets, (fed, sheets)
    assert pages == delivered, (len(pages), len(delivered))
    assert len(set(pages)) == sheets, "pages are doubled"


def main() -> None:
    """Run in full."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--sheets", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="flatbed-f1-") as folder:
        rig = Rig(Path(folder), {"FLATBED_ADDONS__VIRTUAL__SHEETS": str(options.sheets)})
        pages = run(rig, kills=options.kills, sheets=options.sheets, seed=options.seed)
    print(f"F1: {options.kills} kills, {pages} pages, each there once and bit for bit;")
    print(f"answers again after {spread(rig.restarts_s)}")


if __name__ == "__main__":
    main()
