"""`jobTimeout`: runs while a job is pending, stops while it runs, runs again when it is done."""

from __future__ import annotations

import time

import pytest

from .conftest import MakeService
from .support.bench import feeder, glass
from .support.client import JOBS, ApiClient

# A job is looked at every half second.
_LATE_S = 1.5


def wait_until_deleted(api: ApiClient, uid: str) -> float:
    """Wait until a job has been deleted; the time by then."""
    api.wait_for_event(uid, "job.status", "deleted")
    assert api.refusal("GET", f"{JOBS}/{uid}", 410)["code"] == -1034
    return time.monotonic()


def test_pending_job_is_deleted_when_its_time_is_up(api: ApiClient) -> None:
    """Nobody came to start it, and the scanner is free again."""
    began = time.monotonic()
    uid = api.scan("Plain", autoRun=False, jobTimeout=0.6)
    passed = wait_until_deleted(api, uid) - began
    assert 0.6 <= passed < 0.6 + _LATE_S
    api.create("Plain", autoRun=False)


def test_running_job_is_not_deleted_and_done_is_given_its_time_again(api: ApiClient) -> None:
    """However long the scan takes; then its pages stay for as long as the limit says."""
    began = time.monotonic()
    uid = api.scan("Slow", config=feeder(XferCount=2), jobTimeout=1)
    job = api.wait_for(uid, "completed")
    done = time.monotonic()
    assert done - began > 1.5
    assert job["pages"] == 2
    assert len(api.drain(uid)) == 2
    assert 0.9 <= wait_until_deleted(api, uid) - done < 1 + _LATE_S


@pytest.mark.parametrize("name", ["Jam at once", "Hard hang"], ids=["faulted", "canceled"])
def test_job_that_ended_badly_is_deleted_too(name: str, api: ApiClient) -> None:
    """A fault is an end as well, and so is a cancel."""
    uid = api.scan(name, config=feeder(), jobTimeout=0.3)
    if name == "Hard hang":
        api.change(uid, "canceled")
    api.wait_for(uid, "faulted", "canceled")
    wait_until_deleted(api, uid)


def test_job_without_a_limit_stays(api: ApiClient) -> None:
    """0 is never, and so is nothing; both are still there when another's time is up."""
    kept = [
        api.scan("Plain", autoRun=False),
        api.scan("Second", autoRun=False, jobTimeout=0),
    ]
    wait_until_deleted(api, api.scan("Slow", autoRun=False, jobTimeout=0.1))
    assert [api.job(uid)["status"] for uid in kept] == ["pending", "pending"]


@pytest.mark.parametrize("limit", [-1, "1", [], True])
def test_limit_that_is_no_time_is_refused(limit: object, api: ApiClient) -> None:
    """Seconds, none below zero."""
    body = {"device": "Plain", "jobTimeout": limit}
    assert api.refusal("POST", JOBS, 400, json=body)["code"] == -2113


def test_limit_goes_on_after_a_restart(make_service: MakeService) -> None:
    """A pending and a finished job of before are deleted when it is time."""
    service = make_service(ADDONS__VIRTUAL__NAMES=["One", "Two"])
    api = service.client()
    done = api.scan("One", config=glass(), jobTimeout=2)
    pending = api.scan("Two", autoRun=False, jobTimeout=2)
    api.wait_for(done, "completed")
    service.kill()
    service.restart()
    for uid in (done, pending):
        assert api.job(uid)["status"] in ("completed", "pending")
    for uid in (done, pending):
        wait_until_deleted(api, uid)
