"""A gallery of a hundred JPEG pages: loading them, and their thumbnails, beside Pillow by hand.

Colour pages of A4 at 300 dpi from the virtual scanner, as JPEG. The service gets each as a file;
asked for thumbnails, it has those that were made while it loaded. Cold are thumbnails of 640 px,
which it makes of the stored pages when they are first asked for. By hand is what a script would do:
Pillow's `draft` and `thumbnail` over the JPEG files, in as many processes as there are cores.
"""

from __future__ import annotations

import argparse
import http.client
import io
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from pathlib import Path

from PIL import Image

from live import JOBS, LiveService, live_service

DOCUMENTS, PAGES = "/api/storage/documents", "/api/storage/pages"
SHEETS = 10
AT_ONCE = 4
"""Requests at the same time: of the six that a browser sends to one host."""


def main() -> None:
    """Load the files, ask for their thumbnails, and print one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=100, help="of the gallery (100)")
    parser.add_argument("--folder", type=Path, help="on the disk to measure (a temporary one)")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="flatbed-bench-", dir=options.folder))
    try:
        with live_service(folder, FLATBED_ADDONS__VIRTUAL__SHEETS=str(SHEETS)) as service:
            _run(service, options.pages)
    finally:
        shutil.rmtree(folder)


def _run(service: LiveService, count: int) -> None:
    sheets = _scan(service)
    files = [sheets[number % SHEETS] for number in range(count)]
    document = f"{DOCUMENTS}/{service.ask('POST', DOCUMENTS, {})['uid']}"
    peak_mb = service.peak_mb()
    _print("load", count, _time(lambda: _load(service, document, files)))
    uids = [page["uid"] for page in service.ask("GET", document)["pages"]]
    _print("thumbnails of 320 px", count, _time(lambda: _fetch(service, uids, 320)))
    cold_s = _time(lambda: _fetch(service, uids, 640))
    _print("thumbnails of 640 px, cold", count, cold_s)
    _print("the same, warm", count, _time(lambda: _fetch(service, uids, 640)))
    for size in (320, 640):
        with ProcessPoolExecutor(os.cpu_count()) as pool:
            list(pool.map(partial(_by_hand, size), files[:AT_ONCE]))  # started and warm
            by_hand_s = _time(lambda: list(pool.map(partial(_by_hand, size), files)))  # noqa: B023
        _print(f"Pillow by hand, {size} px", count, by_hand_s)
    print(f"cold thumbnails took {cold_s / by_hand_s:.2f} times as long as by hand")
    print(f"main's peak grew by {service.peak_mb() - peak_mb:.1f} MB")


def _scan(service: LiveService) -> list[bytes]:
    config = {"Resolution": 300, "IfFeederEnabled": True, "XferCount": SHEETS}
    job = service.start_job(service.scanner("virtual"), config=config)
    service.wait_for_pages(job)
    path = f"{JOBS}/{job}/content?type=image/jpeg&page="
    return [_get(service.connection, f"{path}{number}") for number in range(SHEETS)]


def _load(service: LiveService, document: str, files: Iterable[bytes]) -> None:
    def load(data: bytes) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", service.port)
        headers = {"Content-Type": "application/octet-stream"}
        connection.request("POST", f"{document}/pages", data, headers)
        answer = connection.getresponse()
        assert answer.status == 200, answer.read()
        connection.close()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(load, files))


def _fetch(service: LiveService, uids: Iterable[str], size: int) -> None:
    def fetch(uid: str) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", service.port)
        _get(connection, f"{PAGES}/{uid}/thumbnail?size={size}")
        connection.close()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(fetch, uids))


def _get(connection: http.client.HTTPConnection, path: str) -> bytes:
    connection.request("GET", path)
    answer = connection.getresponse()
    assert answer.status == 200, (path, answer.status)
    return answer.read()


def _by_hand(size: int, data: bytes) -> int:
    image = Image.open(io.BytesIO(data))
    image.draft("RGB", (size, size))
    image.thumbnail((size, size), Image.Resampling.LANCZOS)
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=85)
    return stream.tell()


def _time(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def _print(name: str, count: int, seconds: float) -> None:
    print(f"{name:<28} {seconds:7.2f} s {seconds / count * 1000:8.1f} ms a page")


if __name__ == "__main__":
    main()
