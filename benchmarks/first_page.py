"""From the click on a page's own button to the event of the first scanned page, in Chromium.

A page of another origin, let in already, connected, with a service that has been idle: the click
starts `doc.scan` of the virtual feeder's A4 sheets, and the job's first `page` event ends the
time. Beside it the service alone: the same job by a program that waits for `next-page-info`. And
how large the client is, compressed.
"""

from __future__ import annotations

import argparse
import gzip
import statistics
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from live import JOBS, LiveService, live_service
from measuring import machine_line, print_table, timed

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.browser.rig import DIST, PAGES, PageServer, chromium  # noqa: E402

CLICK = """async dpi => {
  const began = performance.now();
  const doc = await flatbed.documents.open(crypto.randomUUID(), { create: true });
  const job = await doc.scan({ source: "feeder", dpi });
  let first;
  job.addEventListener("page", () => { first ??= performance.now(); });
  for await (const page of job.pages());
  return first - began;
}"""


def main() -> None:
    """Measure both ways in turn, and print one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=7, help="of each way (7)")
    parser.add_argument("--dpi", type=int, default=300, help="of the scans (300)")
    options = parser.parse_args()
    with _desk() as (service, page):
        scanner = service.scanner("virtual")
        ours, alone = [], []
        for _ in range(options.runs):
            ours.append(page.evaluate(CLICK, options.dpi) / 1000)
            alone.append(_scan_alone(service, scanner, options.dpi))
    rows = [
        [name, f"{statistics.median(found):.3f}", f"{min(found):.3f}", f"{max(found):.3f}"]
        for name, found in (("click to page event", ours), ("service alone", alone))
    ]
    print(machine_line())
    print_table("Seconds to the first page", ["way", "median", "least", "most"], rows)
    for file in sorted(DIST.glob("*.js")):
        print(f"{file.name}: {len(gzip.compress(file.read_bytes(), 9))} bytes compressed")


@contextmanager
def _desk() -> Iterator[tuple[LiveService, Page]]:
    folder = Path(tempfile.mkdtemp(prefix="flatbed-bench-"))
    author = PageServer([PAGES, DIST])
    environment = {"FLATBED_ALLOWED_ORIGINS": f'["{author.origin}"]'}
    with (
        live_service(folder, **environment) as service,
        sync_playwright() as playwright,
        chromium(playwright, folder / "profile") as browser,
    ):
        page = browser.new_page()
        page.goto(f"{author.origin}/?ports={service.port}")
        page.wait_for_function("window.flatbed?.state.name === 'ready'")
        yield service, page


def _scan_alone(service: LiveService, scanner: str, dpi: int) -> float:
    def begin() -> str:
        job = service.start_job(scanner, config={"Resolution": dpi, "IfFeederEnabled": True})
        service.ask("GET", f"{JOBS}/{job}/next-page-info")
        return job

    took_ms, job = timed(begin)
    service.wait_for_pages(job)
    return took_ms / 1000


if __name__ == "__main__":
    main()
