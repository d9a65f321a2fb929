"""The client in use, unmodified from PyPI, does its whole job: only its host is another."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .support.client import DOCUMENTS, JOBS
from .support.desk import FIRST, NAMES, SECOND, SHEETS, THIRD, Outcome, open_desk, take_steps
from .support.foreign import assert_answers_fit, install, routes_of
from .support.pictures import read_picture
from .support.service import LiveService
from .support.sheets import SIZE_PX, codes_of


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveService]:
    """A service with all add-ons; see `support.desk`."""
    with open_desk(tmp_path_factory.mktemp("desk")) as service:
        yield service


@pytest.fixture(scope="module")
def steps(
    desk: LiveService, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Outcome:
    """All that the client can do, done once."""
    client = install(request, "2.0.3")
    return take_steps(client, "client_2_0_3", desk, tmp_path_factory.mktemp("files"))


def test_client_is_called_by_all_that_it_has(steps: Outcome) -> None:
    """All 26 public methods, what makes it, and every parameter of each."""
    assert steps["called"] == steps["public"]
    assert len(steps["public"]) == 27


def test_client_reads_and_changes_the_server(steps: Outcome) -> None:
    """It asks whether the service is compatible, by whichever spelling of its host."""
    found = steps["server"]
    assert found["info"]["compatible"] is True
    assert found["info"]["version"] == "20261121"
    assert {"core", "barcode", "pdf"} <= found["info"]["moduleVersions"].keys()
    assert found["settings"] == found["updated"] == {"logLevel": 30}
    assert found["devices"] == [4, 4, 4]
    assert found["nowhere"] == [[], ["error"]]


def test_client_scans(steps: Outcome) -> None:
    """From the list to the deletion, and a cancel."""
    found = steps["scanning"]
    assert found["devices"] == found["both"] == NAMES
    assert found["twain"] == []
    assert (found["pending"]["status"], found["pending"]["code"]) == ("pending", 0)
    assert found["started"] == {"status": "running"}
    assert found["pages"] == SHEETS
    assert found["completed"]["status"] in ("running", "completed")
    assert found["completed"]["pages"] == SHEETS
    assert found["canceled"] == {"status": "canceled"}
    assert (found["deleted"], found["deleted_canceled"]) == (True, True)


def test_client_says_how_to_scan(steps: Outcome) -> None:
    """By numbers, by capabilities, and by words and in small letters."""
    assert steps["job_settings"] == ["set-0.png", "set-1.png", "set-2.png", "1"]
    pictures = [read_picture(steps.read(f"set-{number}.png")) for number in range(3)]
    assert [(each.mode, each.dpi) for each in pictures] == [("L", 100), ("1", 75), ("RGB", 200)]


def test_client_reads_capabilities_and_settings(steps: Outcome) -> None:
    """By number and all of them, and a snapshot that makes the next job the same."""
    assert steps["capabilities"] == {"some": [257, 4376], "all": 17, "is_same": True}


def test_client_fetches_pages(steps: Outcome) -> None:
    """The object of `next-page-info`, its address, streams, files, and the end of both."""
    found = steps["pages"]
    assert found["info"]["imageId"] == 0
    assert found["info"]["imageInfo"]["ImageWidth"] == SIZE_PX[0]
    assert found["is_first"] is True
    assert found["named"] == "named.png"
    names = [found["file"], found["named"], *found["files"]]
    assert [codes_of(steps.read(name)) for name in names] == [[SECOND], [THIRD], [[]], [[]]]
    assert (found["none"], found["no_file"], found["no_info"]) == (None, "", {})
    assert found["infos"] == [1, 2, 3, 4]


def test_client_fills_a_document(steps: Outcome) -> None:
    """By addresses and ids, in front, and at the end where there is no such place."""
    found = steps["documents"]
    assert (found["made"], found["counts"]) == ([], [1, 2, 3, 4, 5, 6])
    assert len(set(found["uids"])) == 6
    assert steps.pdf(found["order"]).codes == [THIRD, FIRST, SECOND, [], [], []]
    assert (found["copied"]["pages"], found["copied"]["deleted"]) == (1, True)
    assert codes_of(steps.read("copy.png")) == [FIRST]
    assert found["copied"]["bytes"] == len(steps.read("copy.png"))


def test_client_empties_and_deletes_a_document(steps: Outcome) -> None:
    """Page by page, by place and by id; then it is not there any more."""
    assert steps["documents"]["emptied"] == {
        "by_place": True,
        "by_uid": [True] * 5,
        "by_uid_again": [False, -1040],
        "left": [],
        "content": [None, -1040],
        "deleted": True,
        "info": [{}, -1040],
        "deleted_again": [False, -1040],
    }
    assert steps["documents"]["forgotten"] is True


def test_client_gets_nothing_without_the_password(steps: Outcome) -> None:
    """Nor for pages that are none; each refusal has the number of its reason."""
    assert steps["documents"]["refused"] == {
        "no_password": [{}, -1043],
        "wrong": [{}, -1043],
        "insert": [{}, -1043],
        "remove": [False, -1043],
        "content": [None, -1043],
        "file": ["", -1043],
        "long": [{}, -2113],
        "foreign": [{}, -2113],
        "gone": [{}, -1034],
        "place": [False, -1040],
    }


def test_client_checks_for_blank_pages(steps: Outcome) -> None:
    """One of them is; a speck counts unless it is lower than it asks for."""
    assert steps["blanks"] == {
        "plain": [False, False, False, True, False],
        "heights": [True, False],
        "elsewhere": [{}, -2113],
        "low": [{}, -2113],
    }


def test_client_reads_barcodes(steps: Outcome) -> None:
    """Of each page, by its address and its id, with settings of ours and without any."""
    found = steps["barcodes"]
    qr, code = "QR_CODE https://example.org/2", "CODE_128 SHEET-2"
    assert found["pages"] == [["CODE_128 SHEET-0"], ["CODE_128 SHEET-1"], [qr, code], [], []]
    assert found["uid"] == ["CODE_128 SHEET-0"]
    assert found["efforts"] == [[qr, code]] * 3
    assert (found["one"], found["most"]) == ([qr], [qr])
    (whole,) = found["whole"]
    assert (whole["barcodeText"], whole["barcodeFormat"], whole["BarcodeFormat"]) == (
        "SHEET-0",
        2,
        2,
    )
    assert bytes(whole["barcodeBytes"]) == bytes(whole["results"][0]["bytes"]) == b"SHEET-0"
    place = whole["localizationResult"]
    assert place == whole["LocalizationResult"]
    assert place["ResultPoints"][0] == f"{place['x1']}, {place['y1']}"
    assert 80 <= place["x1"] <= 100
    assert 555 <= place["y1"] <= 570


def test_client_is_refused_settings_of_another_reader(steps: Outcome) -> None:
    """Templates of theirs are not ours, and nothing is read by other settings than were asked."""
    assert steps["barcodes"]["refused"] == [[[], -2113]] * 3
    assert steps["barcodes"]["gone"] == [[], -1034]


def test_client_gets_errors_that_it_can_read(steps: Outcome) -> None:
    """Status, number and name, raised where it was told to raise."""
    found = steps["errors"]
    assert found["held"] == [423, -1004, "scanner_held"]
    assert found["nobody"] == [404, -1040, "scanner_not_found"]
    assert found["resolution"] == [400, -1010, "unsupported_setting"]
    assert found["state"] == [409, -1011, "wrong_state"]
    assert found["content"] == [404, -1034, "job_not_found"]
    assert found["log_level"] == [400, -2113, "invalid_input"]
    assert found["locked"] == [403, -1043, "wrong_password"]
    assert (found["deleted"], found["deleted_again"]) == (True, False)
    assert (found["last_error"]["statusCode"], found["last_error"]["code"]) == (410, -1034)
    assert found["gone"] == [410, -1034, "job_gone"]
    assert found["unknown"] == {}


def test_client_is_answered_as_the_document_says(desk: LiveService, steps: Outcome) -> None:
    """Every answer, on every route that is there for it."""
    assert_answers_fit(desk.document, steps.answers)
    assert routes_of(desk.document, steps.answers) == {
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
    assert len(steps.answers) > 130
