"""The older paths under `/DWTAPI`, which clients in use still call."""

from __future__ import annotations

import pytest

from .support.bench import SHEETS, feeder, glass
from .support.client import JOBS, ApiClient, Json
from .support.pictures import read_picture

OLD = "/DWTAPI/ScanJobs"


def create(api: ApiClient, **body: object) -> str:
    """Create a job as clients in use do: JSON, said to be text."""
    headers = {"Content-Type": "application/text"}
    answer = api.ask("POST", OLD, 201, headers=headers, json=body)
    assert answer.headers["Content-Type"] == "text/plain"
    api.created.append(answer.text)
    return answer.text


def test_old_list_is_the_new_one(api: ApiClient) -> None:
    """With the same types."""
    for query in ("", "?type=256", "?type=16"):
        old: list[Json] = api.get(f"/DWTAPI/Scanners{query}").json()
        assert old == api.get(f"/api/device/scanners{query}").json()
    assert api.refusal("GET", "/DWTAPI/Scanners?type=x", 400)["code"] == -2113


def test_old_job_hands_out_jpegs_and_then_410(api: ApiClient) -> None:
    """A client in use asks for ever on any other answer; the next one is refused at once."""
    uid = create(api, device="Plain", config=feeder(), license="KEY")
    for _ in range(SHEETS):
        answer = api.get(f"{OLD}/{uid}/NextDocument")
        assert answer.headers["Content-Type"] == "image/jpeg"
        assert read_picture(answer.content).size_px == (310, 437)
    for _ in range(3):
        refusal = api.refusal("GET", f"{OLD}/{uid}/NextDocument", 410)
        assert (refusal["code"], refusal["error"]) == (-1034, "job_gone")
    answer = api.ask("DELETE", f"{OLD}/{uid}", 200)
    assert answer.content == b""
    assert api.refusal("DELETE", f"{OLD}/{uid}", 410)["code"] == -1034
    assert api.refusal("GET", f"{OLD}/{uid}/NextDocument", 410)["code"] == -1034


def test_old_job_says_410_after_a_fault(api: ApiClient) -> None:
    """The pages before it come first."""
    uid = create(api, device="Jam", config=feeder())
    for _ in range(2):
        api.get(f"{OLD}/{uid}/NextDocument")
    assert api.refusal("GET", f"{OLD}/{uid}/NextDocument", 410)["code"] == -1034
    # The newer path tells why: it is one and the same job.
    assert api.wait_for(uid, "faulted")["code"] == -1020


def test_old_job_that_is_running_is_deleted(api: ApiClient) -> None:
    """It is cancelled first, and its scanner is free."""
    uid = create(api, device="Slow", config=feeder())
    api.get(f"{OLD}/{uid}/NextDocument")
    api.ask("DELETE", f"{OLD}/{uid}", 200)
    api.create("Slow", autoRun=False)


def test_old_job_without_auto_run_is_started_on_the_newer_path(api: ApiClient) -> None:
    """The older paths have no way to do it."""
    uid = create(api, device="Plain", config=glass(), autoRun=False)
    assert api.refusal("POST", OLD, 423, json={"device": "Plain"})["code"] == -1004
    api.change(uid, "running")
    api.get(f"{OLD}/{uid}/NextDocument")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"device": "nobody"}, 404, -1040),
        ({"device": "Plain", "config": {"Resolution": 76}}, 400, -1010),
        ({"device": "Plain", "config": {"PixelType": 9}}, 400, -2113),
        ([], 400, -2113),
    ],
)
def test_old_job_is_refused_as_a_new_one(
    body: object, status: int, code: int, api: ApiClient
) -> None:
    """The same numbers, on both paths."""
    assert api.refusal("POST", OLD, status, json=body)["code"] == code
    assert api.refusal("POST", JOBS, status, json=body)["code"] == code


@pytest.mark.parametrize(("verb", "part"), [("GET", "/NextDocument"), ("DELETE", "")])
def test_old_job_that_nobody_knows_is_not_found(verb: str, part: str, api: ApiClient) -> None:
    """As everywhere."""
    refusal = api.refusal(verb, f"{OLD}/0123456789abcdef{part}", 404)
    assert (refusal["code"], refusal["error"]) == (-1034, "job_not_found")
