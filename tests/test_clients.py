"""Clients in use, unmodified from PyPI, against the service: only their host is another."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from core.tests.http.openapi_check import assert_answer_fits, find_path

from .support.bench import NAMES, SHEETS
from .support.client import DOCUMENTS, JOBS
from .support.foreign import ForeignClient, Recorded, install_client
from .support.pictures import read_pages, read_picture
from .support.service import LiveService

NAME = "twain-wia-sane-scanner"

Found = dict[str, Any]


def install(request: pytest.FixtureRequest, version: str) -> ForeignClient:
    """The environment of one version, kept in pytest's cache."""
    assert request.config.cache is not None
    return install_client(request.config.cache.mkdir("clients"), f"{NAME}=={version}")


def assert_answers_fit(bench: LiveService, answers: list[Recorded]) -> None:
    """Hold what a client was answered to the service's own document."""
    for each in answers:
        assert_answer_fits(
            bench.document, each.verb, each.path, each.status, each.headers, each.body
        )


def routes_of(bench: LiveService, answers: list[Recorded]) -> set[tuple[str, str | None]]:
    """The routes that a client used."""
    return {(each.verb, find_path(bench.document, each.path.split("?")[0])) for each in answers}


def test_client_1_0_0_works_whole(
    bench: LiveService, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Every method that it has, on the older paths; it ends at 410 and not by an exception."""
    client = install(request, "1.0.0")
    found, answers = client.run("client_1_0_0.py", bench.url, tmp_path)
    assert set(NAMES) <= set(found["devices"])
    assert found["sane"] == len(found["devices"])
    assert found["twain"] == []
    files = [found["first_file"], *found["more_files"]]
    pictures = [read_picture((tmp_path / name).read_bytes()) for name in files]
    assert [(each.size_px, each.mode) for each in pictures] == [((310, 437), "RGB")] * SHEETS
    assert len(found["streams"]) == SHEETS
    assert found["streams_of_a_jam"] == 2
    assert found["job_for_nobody"] == ""
    assert_answers_fit(bench, answers)
    assert routes_of(bench, answers) == {
        ("GET", "/DWTAPI/Scanners"),
        ("POST", "/DWTAPI/ScanJobs"),
        ("GET", "/DWTAPI/ScanJobs/{jobuid}/NextDocument"),
        ("DELETE", "/DWTAPI/ScanJobs/{jobuid}"),
    }
    statuses = sorted({each.status for each in answers})
    assert statuses == [200, 201, 404, 410]


@pytest.fixture(scope="module")
def steps(
    shared_service: LiveService,
    tmp_path_factory: pytest.TempPathFactory,
    request: pytest.FixtureRequest,
) -> tuple[dict[str, Found], list[Recorded], Path]:
    """What every step of 2.0.3 returned, what it was answered, and where its files are."""
    folder = tmp_path_factory.mktemp("client")
    return *install(request, "2.0.3").run("client_2_0_3.py", shared_service.url, folder), folder


Steps = tuple[dict[str, Found], list[Recorded], Path]


def test_client_2_0_3_reads_and_changes_the_server(steps: Steps) -> None:
    """It asks whether the service is compatible."""
    found = steps[0]["server"]
    assert found["info"]["compatible"] is True
    assert found["info"]["version"] == "20261121"
    assert found["settings"] == {"logLevel": 30}
    assert found["updated"] == {"logLevel": 30}


def test_client_2_0_3_scans(steps: Steps) -> None:
    """From the list to the deletion, and a cancel."""
    found = steps[0]["scanning"]
    assert set(NAMES) <= set(found["devices"])
    assert found["twain"] == []
    assert (found["pending"]["status"], found["pending"]["code"]) == ("pending", 0)
    assert found["started"] == {"status": "running"}
    assert found["pages"] == SHEETS
    assert found["completed"]["status"] in ("running", "completed")
    assert found["completed"]["pages"] == SHEETS
    assert found["canceled"] == {"status": "canceled"}
    assert (found["deleted"], found["deleted_canceled"]) == (True, True)


def test_client_2_0_3_reads_capabilities_and_settings(steps: Steps) -> None:
    """By number and all of them, and a snapshot that makes the next job the same."""
    assert steps[0]["capabilities"] == {"some": [257, 4376], "all": 17, "is_same": True}


def test_client_2_0_3_fetches_pages(steps: Steps) -> None:
    """The object of `next-page-info`, its address, streams, files, and the end of both."""
    found, folder = steps[0]["pages"], steps[2]
    assert found["info"]["imageId"] == 0
    assert found["info"]["imageInfo"]["ImageWidth"] == 310
    assert found["is_first"] is True
    names = [found["file"], found["named"], *found["files"]]
    assert len(names) == SHEETS - 1
    assert found["named"] == "named.png"
    for name in names:
        assert read_picture((folder / name).read_bytes()).size_px == (310, 437)
    assert found["none"] is None
    assert [each.get("imageId") for each in found["infos"]] == [1, 2, 3, None]


def test_client_2_0_3_keeps_documents(steps: Steps) -> None:
    """With a password, as files, page by page, up to the deletion."""
    found, folder = steps[0]["documents"], steps[2]
    assert (found["made"], found["filled"], found["info"]) == ([], 2, 2)
    assert (found["locked"], found["locked_error"]["code"]) == ({}, -1043)
    pages = read_pages((folder / found["tiff"]).read_bytes())
    assert [page.size_px for page in pages] == [(310, 437)] * 2
    jpeg = read_picture((folder / found["jpeg"]).read_bytes())
    assert jpeg.size_px == (310, 437)
    assert (found["by_place"], found["by_uid"], found["emptied"]) == (True, True, [])
    assert found["deleted"] is True


def test_client_2_0_3_checks_for_blank_pages(steps: Steps) -> None:
    """By the page's address alone, with heights, and never by a foreign address."""
    found = steps[0]["processing"]
    assert found["plain"] == {"result": False}
    assert set(found["heights"]) == {"result"}
    assert (found["elsewhere"], found["elsewhere_error"]["code"]) == ({}, -2113)


def test_client_2_0_3_gets_errors_that_it_can_read(steps: Steps) -> None:
    """Status, number and name, raised where it was told to raise."""
    found = steps[0]["errors"]
    assert found["held"] == [423, -1004, "scanner_held"]
    assert found["nobody"] == [404, -1040, "scanner_not_found"]
    assert found["resolution"] == [400, -1010, "unsupported_setting"]
    assert found["state"] == [409, -1011, "wrong_state"]
    assert found["content"] == [404, -1034, "job_not_found"]
    assert found["log_level"] == [400, -2113, "invalid_input"]
    assert (found["deleted"], found["deleted_again"]) == (True, False)
    assert (found["last_error"]["statusCode"], found["last_error"]["code"]) == (410, -1034)
    assert found["gone"] == [410, -1034, "job_gone"]
    assert found["unknown"] == {}


def test_client_2_0_3_is_answered_as_the_document_says(bench: LiveService, steps: Steps) -> None:
    """Every answer, on every route that is there for it."""
    answers = steps[1]
    assert_answers_fit(bench, answers)
    assert routes_of(bench, answers) == {
        ("GET", "/api/server"),
        ("PATCH", "/api/server"),
        ("GET", "/api/server/version"),
        ("GET", "/api/device/scanners"),
        ("POST", JOBS),
        ("GET", f"{JOBS}/{{jobuid}}"),
        ("PATCH", f"{JOBS}/{{jobuid}}"),
        ("DELETE", f"{JOBS}/{{jobuid}}"),
        ("GET", f"{JOBS}/{{jobuid}}/next-page"),
        ("GET", f"{JOBS}/{{jobuid}}/next-page-info"),
        ("GET", f"{JOBS}/{{jobuid}}/scanner/capabilities"),
        ("GET", f"{JOBS}/{{jobuid}}/scanner/settings"),
        ("POST", DOCUMENTS),
        ("GET", f"{DOCUMENTS}/{{uid}}"),
        ("DELETE", f"{DOCUMENTS}/{{uid}}"),
        ("POST", f"{DOCUMENTS}/{{uid}}/pages"),
        ("DELETE", f"{DOCUMENTS}/{{uid}}/pages/{{page}}"),
        ("GET", f"{DOCUMENTS}/{{uid}}/content"),
        ("POST", "/api/process/{operation}"),
    }
    assert len(answers) > 50
