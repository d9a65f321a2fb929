"""The audit of a real service: one line for each scan, however it ended."""

from __future__ import annotations

import json
from typing import Any

import pytest

from .conftest import MakeService
from .support.bench import GRANTED, completed, feeder
from .support.client import ApiClient
from .support.service import LiveService


def lines(service: LiveService) -> list[dict[str, Any]]:
    """The audit."""
    path = service.data / "log" / "audit.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()]


def ends(service: LiveService, uid: str) -> list[tuple[str, int]]:
    """How a job ended, and with how many pages, by each of its lines."""
    return [(line["status"], line["pages"]) for line in lines(service) if line["job"] == uid]


def test_scan_of_a_page_leaves_a_line(bench: LiveService) -> None:
    """Who, from where, on which scanner, how much, when; it is there when the job has ended."""
    page = bench.client(GRANTED, subject="anna@office.example")
    uid = completed(page, pages=2)
    (line,) = (each for each in lines(bench) if each["job"] == uid)
    assert list(line) == ["time", "user", "origin", "device", "pages", "status", "job"]
    assert (line["origin"], line["device"], line["pages"]) == (GRANTED, "Plain", 2)
    assert page.job(uid)["finishedAt"][:23] == line["time"][:23]
    path = bench.data / "log" / "audit.jsonl"
    assert path.stat().st_mode & 0o777 == 0o600
    page.delete(uid)
    assert ends(bench, uid) == [("completed", 2)]


def test_scan_that_faulted_leaves_a_line(bench: LiveService, api: ApiClient) -> None:
    """With the pages before the jam; `local` is whoever is no web page."""
    uid = api.scan("Jam", config=feeder())
    api.wait_for(uid, "faulted")
    assert ends(bench, uid) == [("faulted", 2)]
    assert {line["origin"] for line in lines(bench) if line["job"] == uid} == {"local"}


@pytest.mark.parametrize("how", ["canceled", "deleted", "finished"])
def test_scan_that_paused_leaves_its_line_when_it_ends(
    how: str, bench: LiveService, api: ApiClient
) -> None:
    """Not before; once, whichever way it goes."""
    uid = api.scan("Jam", config=feeder(), onFault="pause")
    api.wait_for(uid, "paused")
    assert ends(bench, uid) == []
    if how == "finished":
        api.change(uid, "running")
        assert api.wait_for(uid, "completed")["pages"] == 4
    elif how == "canceled":
        api.change(uid, "canceled")
    api.delete(uid)
    expected = {"finished": ("completed", 4)}.get(how, ("canceled", 2))
    assert ends(bench, uid) == [expected]


@pytest.mark.parametrize("how", ["canceled", "deleted"])
def test_scan_that_was_broken_off_leaves_a_line(
    how: str, bench: LiveService, api: ApiClient
) -> None:
    """With the pages that it had brought by then."""
    uid = api.scan("Slow", config=feeder())
    api.wait_for_page(uid)
    if how == "canceled":
        api.change(uid, "canceled")
    api.delete(uid)
    ((status, pages),) = ends(bench, uid)
    assert status == "canceled"
    assert 1 <= pages <= 4


def test_job_that_never_ran_leaves_no_line(bench: LiveService, api: ApiClient) -> None:
    """Nothing was scanned."""
    completed(api, pages=1, name="Second")
    uid = api.scan("Plain", autoRun=False)
    api.delete(uid)
    assert ends(bench, uid) == []


@pytest.mark.parametrize("worker_dies", [False, True], ids=["main", "main and worker"])
def test_scan_that_outlived_the_service_leaves_one_line(
    make_service: MakeService, *, worker_dies: bool
) -> None:
    """After the restart, when its end is known; and none more at the next restart."""
    service = make_service(ADDONS__VIRTUAL__SHEETS=6, ADDONS__VIRTUAL__SECONDS_PER_PAGE=0.3)
    api = service.client()
    uid = api.scan(config=feeder())
    api.wait_for_page(uid, 1)
    worker = service.scanning_worker(uid)
    service.kill()
    if worker_dies:
        worker.kill()
        worker.wait(20)
    service.restart()
    ended = api.wait_for_end(uid)
    assert ends(service, uid) == [(ended["status"], ended["pages"])]
    assert ended["status"] == ("faulted" if worker_dies else "completed")
    service.kill()
    service.restart()
    api.delete(uid)
    assert len(ends(service, uid)) == 1


def test_scan_goes_on_where_no_line_can_be_written(make_service: MakeService) -> None:
    """The log says that it waits; it comes with the next one that can be."""
    service = make_service()
    folder = service.data / "log" / "audit.jsonl"
    folder.mkdir()
    api = service.client()
    first = api.scan(config=feeder(XferCount=1))
    assert api.wait_for_end(first)["status"] == "completed"
    assert "audit line waits" in {line.event for line in service.read_log()}
    folder.rmdir()
    (name,) = api.scanners()
    second = api.scan_after(first, name)
    api.wait_for_end(second)
    assert [line["job"] for line in lines(service)] == [first, second]
