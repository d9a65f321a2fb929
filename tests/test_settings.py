"""The `config` of a job: what it makes of the page, what gives way, what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from .support.bench import SHEETS, feeder, glass, number_of, scan_one
from .support.client import JOBS, ApiClient
from .support.pictures import read_picture
from .support.service import LiveService


@pytest.mark.parametrize(
    ("pixel_type", "mode", "bits"),
    [(0, "1", 1), (1, "L", 8), (2, "RGB", 8), ("TWPT_BW", "1", 1), ("TWPT_GRAY", "L", 8),
     ("TWPT_RGB", "RGB", 8)],
)  # fmt: skip
def test_pixel_type_makes_the_mode_of_the_page(
    pixel_type: int | str, mode: str, bits: int, api: ApiClient
) -> None:
    """By its number and by its name."""
    page = scan_one(api, config=glass(PixelType=pixel_type))
    assert (page.mode, page.bits, page.dpi) == (mode, bits, 75)


@pytest.mark.parametrize(
    ("number", "size_px"),
    [(1, (620, 877)), (3, (638, 825)), (4, (638, 1050)), (5, (437, 620)), (13, (310, 437)),
     (0, (310, 437))],
    ids=["A4", "letter", "legal", "A5", "A6", "whole area"],
)  # fmt: skip
def test_page_size_makes_the_size_of_the_page(
    number: int, size_px: tuple[int, int], api: ApiClient
) -> None:
    """At 75 dpi; the whole area of this scanner is its paper, A6."""
    assert scan_one(api, config=glass(PageSize=number)).size_px == size_px


@pytest.mark.parametrize(("dpi", "width_px"), [(75, 310), (100, 413), (150, 620)])
def test_resolution_makes_the_size_and_stands_in_the_page(
    dpi: int, width_px: int, api: ApiClient
) -> None:
    """The scanner's paper is 105 mm wide."""
    page = scan_one(api, config={"Resolution": dpi})
    assert (page.size_px[0], page.dpi) == (width_px, dpi)


def test_config_without_resolution_scans_at_200_dpi(api: ApiClient) -> None:
    """The default, where the scanner has it."""
    assert scan_one(api).dpi == 200


def test_keys_of_config_are_matched_in_any_case(api: ApiClient) -> None:
    """Clients write them as they like."""
    page = scan_one(api, config={"pixeltype": 1, "RESOLUTION": 100, "pageSize": 13})
    assert (page.mode, page.dpi, page.size_px) == ("L", 100, (413, 583))


def test_keys_that_nobody_knows_are_ignored(api: ApiClient) -> None:
    """In the body and in its config; so are the ones that are accepted without an effect."""
    config = glass(IfShowUI=True, IfCloseSourceAfterAcquire=True, IfGetImageInfo=False, Bogus=[1])
    page = scan_one(
        api,
        config=config,
        license="LICENSE-KEY",
        requestFocusForScanningUI=True,
        bogus={"a": 1},
    )
    assert page.dpi == 75


@pytest.mark.parametrize(
    ("count", "pages"), [(1, 1), (2, 2), (-1, SHEETS)], ids=["one", "two", "all"]
)
def test_xfer_count_limits_the_pages(count: int, pages: int, api: ApiClient) -> None:
    """The rest of the sheets stays in the feeder."""
    uid = api.scan("Plain", config=feeder(XferCount=count))
    assert api.wait_for(uid, "completed")["pages"] == pages


def test_duplex_scans_both_sides_front_first(bench: LiveService, api: ApiClient) -> None:
    """Of every sheet, and each page is the side that it says it is."""
    mark = bench.ledger.mark()
    uid = api.scan("Plain", config=feeder(IfDuplexEnabled=True, XferCount=4))
    pages = [read_picture(data).sha256 for data in api.drain(uid)]
    delivered = bench.ledger.delivered(number_of("Plain"), since=mark)
    sides = [(each.sheet, each.side) for each in delivered]
    assert sides == [(1, "front"), (1, "back"), (2, "front"), (2, "back")]
    assert pages == [each.sha256 for each in delivered]


@pytest.mark.parametrize("name", ["Brightness", "Contrast"])
def test_tone_changes_the_page(name: str, api: ApiClient) -> None:
    """Fully bright is white; without any contrast all is one gray."""
    end = {"Brightness": 1000, "Contrast": -1000}[name]
    page = scan_one(api, config=glass(PixelType=1, **{name: end}))
    assert set(page.rows) == {{"Brightness": 255, "Contrast": 128}[name]}


@pytest.mark.parametrize(
    "config",
    [
        {"PixelType": 3},
        {"PixelType": -1},
        {"PixelType": "TWPT_CMYK"},
        {"PixelType": 1.5},
        {"Resolution": "high"},
        {"Resolution": 0},
        {"Resolution": -300},
        {"Resolution": 1e9},
        {"IfFeederEnabled": 1},
        {"IfFeederEnabled": "true"},
        {"IfDuplexEnabled": 0},
        {"PageSize": 2},
        {"PageSize": "A4"},
        {"XferCount": -2},
        {"XferCount": 1.5},
        {"Brightness": 1001},
        {"Brightness": "dark"},
        {"Contrast": -1001},
    ],
    ids=lambda config: "-".join(f"{key}={value}" for key, value in config.items()),
)
def test_config_with_a_wrong_value_is_refused(config: dict[str, Any], api: ApiClient) -> None:
    """Nothing is created, and the scanner stays free."""
    body = {"device": "Plain", "config": config}
    refusal = api.refusal("POST", JOBS, 400, json=body)
    assert (refusal["code"], refusal["error"]) == (-2113, "invalid_input")
    api.create("Plain", autoRun=False)


@pytest.mark.parametrize("dpi", [74, 76, 601, 10000])
def test_resolution_that_the_scanner_lacks_is_refused(dpi: int, api: ApiClient) -> None:
    """With the ones that it has."""
    body = {"device": "Plain", "config": {"Resolution": dpi}}
    refusal = api.refusal("POST", JOBS, 400, json=body)
    assert (refusal["code"], refusal["error"]) == (-1010, "unsupported_setting")
    assert "75, 100, 150, 200, 300, 400, 600" in refusal["message"]


@pytest.mark.sane
def test_resolution_out_of_a_range_is_refused(api: ApiClient) -> None:
    """SANE's test device has a range; any value of it will do."""
    body = {"device": "Noname frontend-tester", "config": {"Resolution": 1201}}
    refusal = api.refusal("POST", JOBS, 400, json=body)
    assert (refusal["code"], refusal["message"]) == (
        -1010,
        "The scanner has no 1201 dpi. Choose from 1 to 1200.",
    )
    assert scan_one(api, "Noname frontend-tester", config={"Resolution": 83}).dpi == 83


@pytest.mark.sane
def test_wishes_that_the_scanner_lacks_fall_back_and_are_named(api: ApiClient) -> None:
    """The job runs all the same; its answer and its status say what gave way."""
    created = api.create(
        "Noname frontend-tester",
        config=feeder(IfDuplexEnabled=True, PageSize=4, Brightness=100, XferCount=1),
    )
    done = api.wait_for(created["jobuid"], "completed")
    assert "The scanner has no duplex; only front sides are scanned." in created["warnings"]
    assert any(each.startswith("legal does not fit") for each in created["warnings"])
    assert any("brightness" in each for each in done["warnings"])
    assert set(created["warnings"]) <= set(done["warnings"])


def test_page_size_beyond_the_bed_falls_back_to_the_bed(api: ApiClient) -> None:
    """A3 on a bed of 216 x 356 mm."""
    created = api.create("Plain", autoRun=False, config=glass(PageSize=11))
    assert created["warnings"] == ["A3 does not fit; the scanner's 216 x 356 mm are scanned."]
    assert api.job(created["jobuid"])["warnings"] == created["warnings"]
