"""The check of what is stored, at a service that goes on working."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path

from .conftest import MakeService
from .support.bench import GRANTED
from .support.service import LIMIT_S, LiveService

CHECK = "/api/storage/check"
SCANNER = "Flatbed virtual scanner"


def scan(service: LiveService) -> list[Path]:
    """Scan three sheets; the files of their pages."""
    api = service.client()
    job = api.scan(SCANNER, config={"Resolution": 75, "IfFeederEnabled": True})
    assert api.wait_for_end(job)["pages"] == 3
    return sorted((service.data / "cache" / "pages").rglob("*.page"))


def test_check_counts_what_is_there(make_service: MakeService) -> None:
    """Pages and bytes; a body may be left out."""
    service = make_service(ADDONS__VIRTUAL__SHEETS=3)
    scan(service)
    stored = service.data / "cache" / "pages"
    report = service.client().ask("POST", CHECK, 200).json()
    assert report == {
        "isDeep": False,
        "isComplete": True,
        "indexFault": None,
        "pages": 3,
        "documents": 0,
        "bytes": sum(path.stat().st_size for path in stored.rglob("*.*")),
        "damaged": [],
        "locked": 0,
        "unknownFiles": 0,
        "unknownBytes": 0,
    }


def test_check_names_what_is_damaged(make_service: MakeService) -> None:
    """A bit only where every file is read; half a file always."""
    service = make_service(ADDONS__VIRTUAL__SHEETS=3)
    flipped, cut, _ = scan(service)
    data = bytearray(flipped.read_bytes())
    data[50] ^= 1
    flipped.write_bytes(data)
    os.truncate(cut, 50)
    api = service.client()
    fast = api.ask("POST", CHECK, 200, json={}).json()["damaged"]
    deep = api.ask("POST", CHECK, 200, json={"deep": True}).json()["damaged"]
    assert [(each["uid"], each["reason"]) for each in fast] == [(cut.stem, "wrong_size")]
    assert {each["uid"]: each["reason"] for each in deep} == {
        flipped.stem: "corrupt",
        cut.stem: "wrong_size",
    }


def test_check_is_for_the_user_s_own_programs(make_service: MakeService) -> None:
    """It tells of the pages of all origins."""
    service = make_service(ALLOWED_ORIGINS=[GRANTED])
    refusal = service.client(GRANTED).refusal("POST", CHECK, 403, json={"deep": True})
    assert refusal["error"] == "origin_blocked"


def test_check_leaves_the_service_answering(make_service: MakeService) -> None:
    """Deep ones by one caller after the other, and a scan beside them."""
    service = make_service(ADDONS__VIRTUAL__SHEETS=3)
    stop = threading.Event()
    statuses: set[int] = set()

    def check_until_stopped() -> None:
        api = service.client()
        while not stop.is_set():
            statuses.add(api.ask("POST", CHECK, json={"deep": True}).status_code)

    checking = [threading.Thread(target=check_until_stopped) for _ in "12"]
    for each in checking:
        each.start()
    assert len(scan(service)) == 3
    stop.set()
    for each in checking:
        each.join(LIMIT_S)
    # 409 where one met the other.
    assert 200 in statuses <= {200, 409}


def test_check_that_nobody_waits_for_does_no_harm(make_service: MakeService) -> None:
    """The caller hangs up; the next one is let in, and the log is quiet."""
    service = make_service(ADDONS__VIRTUAL__SHEETS=3)
    scan(service)
    body = b'{"deep": true}'
    head = f"POST {CHECK} HTTP/1.1\r\nHost: 127.0.0.1:{service.port}\r\n"
    for _ in range(5):
        with socket.create_connection(("127.0.0.1", service.port)) as caller:
            caller.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
    assert service.client().ask("POST", CHECK, 200).json()["pages"] == 3


def test_files_of_a_page_that_was_deleted_in_a_crash_go_at_the_next_start(
    make_service: MakeService,
) -> None:
    """Deleted in the index, still on the disk: its key is gone, so is the file then."""
    service = make_service(ADDONS__VIRTUAL__SHEETS=3)
    pages = scan(service)
    before = {path: path.read_bytes() for path in pages}
    service.close_clients()
    assert service.stored_pages() == set()
    service.kill()
    for path, data in before.items():
        path.write_bytes(data)
    service.restart()
    api = service.client()
    wait_until(lambda: api.ask("POST", CHECK, 200).json()["bytes"] == 0, service.stored_pages)


def wait_until(is_asked: Callable[[], bool], stored_pages: Callable[[], set[Path]]) -> None:
    """Go on asking until no page is stored."""
    deadline = time.monotonic() + LIMIT_S
    while stored_pages():
        assert is_asked()
        assert time.monotonic() < deadline, "the files are still there"
