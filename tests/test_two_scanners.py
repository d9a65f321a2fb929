"""Two jobs on two scanners at once: every page comes to its owner, bit for bit."""

from __future__ import annotations

import pytest

from .support.bench import GRANTED, OTHER, SHEETS, feeder, number_of
from .support.client import ApiClient, together
from .support.pictures import Picture, read_picture
from .support.service import LiveService

TEST_0, TEST_1 = "Noname frontend-tester", "Noname frontend-tester (2)"


def scan(api: ApiClient, device: str, **config: object) -> list[Picture]:
    """Every page of a job, fetched while it runs."""
    uid = api.scan(device, config=feeder(**config))
    return [read_picture(data) for data in api.drain(uid)]


def test_two_virtual_scanners_give_each_origin_its_pages(bench: LiveService) -> None:
    """Two pages of two origins scan the same sheets with other settings, side by side."""
    mark = bench.ledger.mark()
    mine, theirs = bench.client(GRANTED), bench.client(OTHER)
    found = together(
        lambda: scan(mine, "Plain", PixelType=1),
        lambda: scan(theirs, "Second", IfDuplexEnabled=True),
    )
    for pages, name, count in zip(found, ("Plain", "Second"), (SHEETS, 2 * SHEETS), strict=True):
        delivered = bench.ledger.delivered(number_of(name), since=mark)
        assert [each.sha256 for each in pages] == [each.sha256 for each in delivered]
        assert len(pages) == count


@pytest.mark.sane
def test_virtual_scanner_and_sane_scan_side_by_side(bench: LiveService, api: ApiClient) -> None:
    """Two drivers, each in a process of its own."""
    mark = bench.ledger.mark()
    virtual, sane = together(
        lambda: scan(api, "Plain"), lambda: scan(api, TEST_0, PixelType=1, XferCount=3)
    )
    delivered = bench.ledger.delivered(number_of("Plain"), since=mark)
    assert [each.sha256 for each in virtual] == [each.sha256 for each in delivered]
    assert [(each.size_px, each.mode) for each in sane] == [((590, 590), "L")] * 3


@pytest.mark.sane
def test_two_devices_of_sane_scan_side_by_side(api: ApiClient) -> None:
    """libsane's own feeder: ten sheets each, of the kind that was asked for."""
    gray, color = together(
        lambda: scan(api, TEST_0, PixelType=1), lambda: scan(api, TEST_1, PixelType=2)
    )
    assert [each.mode for each in gray] == ["L"] * 10
    assert [each.mode for each in color] == ["RGB"] * 10
