"""A thousand pages in one document: time of each step, and memory of the main process.

Ten A4 pages of the virtual scanner are put into one document again and again, each time as a page
of its own. The first and the last hundred insertions stand side by side; there is no peer that
keeps documents in this way.
"""

from __future__ import annotations

import argparse
import random
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from live import JOBS, LiveService, live_service

DOCUMENTS = "/api/storage/documents"
SHEETS = 10
STEPS = 50


def main() -> None:
    """Fill a document, then work on it, and print one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=1000, help="of the document (1000)")
    parser.add_argument("--folder", type=Path, help="on the disk to measure (a temporary one)")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="flatbed-bench-", dir=options.folder))
    try:
        with live_service(folder, FLATBED_ADDONS__VIRTUAL__SHEETS=str(SHEETS)) as service:
            _run(service, options.pages)
    finally:
        shutil.rmtree(folder)


def _run(service: LiveService, count: int) -> None:
    config = {"Resolution": 75, "IfFeederEnabled": True, "XferCount": SHEETS}
    job = service.start_job(service.scanner("virtual"), config=config)
    service.wait_for_pages(job)
    document = f"{DOCUMENTS}/{service.ask('POST', DOCUMENTS, {})['uid']}"
    before_mb = service.peak_mb()
    inserting = [_time(partial(_insert, service, document, job, each)) for each in range(count)]
    _print("insert, first hundred", inserting[:100])
    _print("insert, last hundred", inserting[-100:])
    order = [page["uid"] for page in service.ask("GET", document)["pages"]]
    random.Random(1).shuffle(order)
    _print("read", [_time(lambda: service.ask("GET", document)) for _ in range(STEPS)])
    reordering = []
    for _ in range(STEPS):
        order.append(order.pop(0))
        reordering.append(
            _time(lambda: service.ask("PATCH", f"{document}/pages", {"order": order}))
        )
    _print("reorder", reordering)
    for step in ("undo", "redo"):
        act = partial(service.ask, "POST", f"{document}/{step}", {})
        times = [_time(act) for _ in range(STEPS)]
        _print(step, times)
    print(f"main's peak grew by {service.peak_mb() - before_mb:.1f} MB over {count} pages")


def _insert(service: LiveService, document: str, job: str, number: int) -> None:
    source = f"{JOBS}/{job}/content?page={number % SHEETS}"
    service.ask("POST", f"{document}/pages", {"source": source})


def _time(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1000


def _print(name: str, times_ms: list[float]) -> None:
    median, most = statistics.median(times_ms), max(times_ms)
    print(f"{name:<22} {median:8.2f} ms (median) {most:8.2f} ms (most)")


if __name__ == "__main__":
    main()
