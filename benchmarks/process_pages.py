"""One operation on many pages: page by page, and as a job with one worker and with two.

Gray pages of A4 at 200 dpi from the virtual scanner. The operation decodes a page and filters it,
as much work as it is to look for barcodes. Page by page is a client that sends one request after
the other to the add-on with two workers. Beside the job with two workers somebody else calls the
same add-on again and again for one page: how long that takes tells whether others get their turns.
"""

from __future__ import annotations

import argparse
import http.client
import json
import shutil
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from flatbed.runtime.seal import write_seal
from live import JOBS, LiveService, live_service
from measuring import machine_line, print_table, rounds

OPERATION = "/api/process/filter-{workers}"
OWN = "/api/process/jobs"
SHEETS = 10

SOURCE = """
from flatbed.addon import hookimpl

@hookimpl
def process_page(page, settings):
    from PIL import ImageFilter
    picture = page.open().convert("L").filter(ImageFilter.MedianFilter(3))
    return {"darkest": picture.getextrema()[0]}
"""
MANIFEST = """
manifest_version = 1
name = "filter{workers}"
core_api = "1.0"
workers = {workers}
[operations.filter-{workers}]
hook = "process_page"
"""


def main() -> None:
    """Scan the pages, send them through, and print one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=24, help="of each job (24)")
    parser.add_argument("--runs", type=int, default=3, help="of each way, alternating (3)")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="flatbed-bench-"))
    try:
        for workers in (1, 2):
            _install(folder / "data", workers)
        sheets = {"FLATBED_ADDONS__VIRTUAL__SHEETS": str(SHEETS)}
        sheets["FLATBED_ADDONS__VIRTUAL__ENABLED"] = "true"
        with live_service(folder, **sheets) as service:
            _run(service, options.pages, options.runs)
    finally:
        shutil.rmtree(folder)


def _run(service: LiveService, count: int, runs: int) -> None:
    scanned = _scan(service)
    pages = [scanned[number % SHEETS] for number in range(count)]
    waits_ms: list[float] = []
    ways: dict[str, Callable[[], object]] = {
        "page by page": lambda: [_call(service, page) for page in pages],
        "a job, 1 worker": lambda: _work(service, pages, 1),
        "a job, 2 workers": lambda: _work(service, pages, 2),
        "the same, with another caller": lambda: _beside(
            lambda: _work(service, pages, 2), lambda: _call_alone(service.port, pages[0]), waits_ms
        ),
    }
    for way in ways.values():
        way()  # started and warm
    taken: dict[str, list[float]] = {name: [] for name in ways}
    waits_ms.clear()
    for _ in rounds(runs, until=time.monotonic() + 600):
        for name, way in ways.items():
            taken[name].append(_time(way))
    _print(count, runs, {name: median(each) for name, each in taken.items()})
    alone_ms = median(_time(lambda: _call(service, pages[0])) * 1e3 for _ in range(20))
    print(f"another caller's page: {median(waits_ms):.0f} ms in the median, {alone_ms:.0f} alone")
    print(f"main's peak: {service.peak_mb():.0f} MB")


def _print(count: int, runs: int, seconds: dict[str, float]) -> None:
    one = seconds["a job, 1 worker"]
    rows = [
        [name, f"{each:.2f}", f"{each / count * 1e3:.0f}", f"{one / each:.2f}"]
        for name, each in seconds.items()
    ]
    title = f"{count} pages, medians of {runs} runs; {machine_line()}"
    print_table(title, ["way", "s", "ms a page", "times 1 worker"], rows)


def _install(data: Path, workers: int) -> None:
    name = f"filter{workers}"
    folder = data / "addons" / name / "1.0"
    package, facts = folder / f"flatbed_{name}", folder / f"flatbed_{name}-1.0.dist-info"
    for each in (package, facts):
        each.mkdir(parents=True)
    (package / "__init__.py").write_text(SOURCE, "utf-8")
    (package / "addon.toml").write_text(MANIFEST.format(workers=workers), "utf-8")
    told = f"Metadata-Version: 2.1\nName: flatbed-{name}\nVersion: 1.0\n"
    (facts / "METADATA").write_text(told, "utf-8")
    (facts / "entry_points.txt").write_text(f"[flatbed.addons]\n{name} = flatbed_{name}\n", "utf-8")
    write_seal(folder)


def _scan(service: LiveService) -> list[str]:
    config = {"Resolution": 200, "PixelType": 1, "IfFeederEnabled": True, "XferCount": SHEETS}
    job = service.start_job(service.scanner("virtual"), config=config)
    service.wait_for_pages(job)
    return [f"{JOBS}/{job}/content?page={number}" for number in range(SHEETS)]


def _work(service: LiveService, pages: list[str], workers: int) -> None:
    path = OPERATION.format(workers=workers)
    job = _ask(service.connection, "POST", path, {"source": pages}, {"Prefer": "respond-async"})
    while (found := service.ask("GET", f"{OWN}/{job['jobuid']}"))["status"] == "running":
        time.sleep(0.02)
    assert found["status"] == "completed", found
    answer = service.ask("GET", f"{OWN}/{job['jobuid']}/result")
    assert all("result" in each for each in answer["pages"]), answer


def _call(service: LiveService, page: str) -> object:
    return service.ask("POST", OPERATION.format(workers=2), {"source": page})


def _call_alone(port: int, page: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    _ask(connection, "POST", OPERATION.format(workers=2), {"source": page}, {})
    connection.close()


def _beside(work: Callable[[], object], call: Callable[[], object], waits_ms: list[float]) -> None:
    has_ended = threading.Event()

    def call_again() -> None:
        while not has_ended.is_set():
            waits_ms.append(_time(call) * 1e3)

    caller = threading.Thread(target=call_again)
    caller.start()
    try:
        work()
    finally:
        has_ended.set()
        caller.join()


def _ask(
    connection: http.client.HTTPConnection,
    verb: str,
    path: str,
    body: Any,
    headers: dict[str, str],
) -> Any:
    connection.request(verb, path, json.dumps(body), headers)
    answer = connection.getresponse()
    data = answer.read()
    assert answer.status < 300, (verb, path, answer.status, data)
    return json.loads(data)


def _time(action: Callable[[], object]) -> float:
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
