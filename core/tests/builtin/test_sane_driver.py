"""Tests of the hooks on SANE's test backend, bit for bit beside scanimage."""

from __future__ import annotations

from typing import Any

import pytest

from flatbed.builtin import sane
from flatbed.builtin.sane import libsane

from .sane_bench import SaneBench

pytestmark = pytest.mark.sane

AREA = {"area_mm": (0, 0, 41, 30), "dpi": 127}
PATTERN = {"test-picture": "Color pattern"}
SIZE_PX = [205, 150]


def _swapped(samples: bytes) -> bytes:
    """PNM has the high byte first, SANE and our pages the machine's order."""
    pairs = bytearray(samples)
    pairs[0::2], pairs[1::2] = samples[1::2], samples[0::2]
    return bytes(pairs)


def _inverted(samples: bytes) -> bytes:
    return bytes(255 - value for value in samples)


@pytest.mark.parametrize("picture", ["Color pattern", "Grid", "Solid black", "Solid white"])
@pytest.mark.parametrize(
    ("settings", "mode", "depth", "magic", "page_mode", "bits"),
    [
        pytest.param({"color": "bw"}, "Gray", 1, "P4", "1", 1, id="bw"),
        pytest.param({"color": "gray"}, "Gray", 8, "P5", "L", 8, id="gray-8"),
        pytest.param({"color": "gray", "bits": 16}, "Gray", 16, "P5", "L", 16, id="gray-16"),
        pytest.param({"color": "color"}, "Color", 8, "P6", "RGB", 8, id="color-8"),
        pytest.param({"color": "color", "bits": 16}, "Color", 16, "P6", "RGB", 16, id="color-16"),
    ],
)
def test_page_is_what_scanimage_scans(
    sane_bench: SaneBench,
    settings: dict[str, Any],
    mode: str,
    depth: int,
    magic: str,
    page_mode: str,
    bits: int,
    picture: str,
) -> None:
    """Every mode, depth and picture of the device, all bits of them."""
    # The bits that pad a row of the grid are random, so its rows end with a byte: 200 px.
    width_mm = 40 if picture == "Grid" else 41
    expected = sane_bench.scanimage(
        mode=mode, depth=depth, resolution=127, test_picture=picture, x=width_mm, y=30
    )
    answer = sane_bench.ask(
        "scan",
        settings={
            "area_mm": (0, 0, width_mm, 30),
            "dpi": 127,
            "options": {"test-picture": picture},
        }
        | settings,
    )

    [page] = answer["pages"]
    assert (answer["error"], answer["warnings"], answer["is_open"]) == (None, [], True)
    assert (page["mode"], page["bits"], page["dpi"]) == (page_mode, bits, [127.0, 127.0])
    assert (expected.magic, expected.size_px) == (magic, tuple(page["size_px"]))
    convert = _inverted if bits == 1 else _swapped if bits == 16 else bytes
    assert page["rows"] == convert(expected.samples)
    assert expected.size_px == (width_mm * 5, 150)


@pytest.mark.parametrize("order", ["RGB", "RBG", "GBR", "GRB", "BRG", "BGR"])
@pytest.mark.parametrize("bits", [8, 16])
def test_three_passes_are_one_page(sane_bench: SaneBench, order: str, bits: int) -> None:
    """Whatever the order of the passes, the page is the one of a single pass."""
    expected = sane_bench.scanimage(
        mode="Color", depth=bits, resolution=127, test_picture="Color pattern", x=41, y=30
    )
    passes = {"three-pass": True, "three-pass-order": order}

    answer = sane_bench.ask(
        "scan", settings=AREA | {"bits": bits, "options": {"mode": "Color"} | passes | PATTERN}
    )

    [page] = answer["pages"]
    assert (page["mode"], page["bits"], page["size_px"]) == ("RGB", bits, SIZE_PX)
    assert page["rows"] == (expected.samples if bits == 8 else _swapped(expected.samples))
    assert (answer["error"], answer["warnings"]) == (None, [])


_STRIPES = [
    "000000", "0000ff", "00ff00", "00ffff", "ff0000", "ff00ff", "ffff00", "ffffff",
]  # fmt: skip
"""The colours of the device's pattern at 1 bit, each 16 px wide; backwards from line 16 on."""


@pytest.mark.parametrize("three_pass", [False, True], ids=["one-pass", "three-pass"])
def test_one_bit_color_becomes_eight_bits(sane_bench: SaneBench, *, three_pass: bool) -> None:
    """Eight colours, of bits that mean light where they are set, unlike those of a gray frame."""
    options = {"mode": "Color", "depth": 1, "three-pass": three_pass, "resolution": 127}
    answer = sane_bench.ask("scan_raw", options=options | {"br-x": 41, "br-y": 30} | PATTERN)

    [page] = answer["pages"]
    up = b"".join(bytes.fromhex(stripe) * 16 for stripe in _STRIPES)
    down = b"".join(bytes.fromhex(stripe) * 16 for stripe in reversed(_STRIPES))
    rows = [page["rows"][start : start + 615] for start in range(0, len(page["rows"]), 615)]
    assert (page["mode"], page["bits"], page["size_px"]) == ("RGB", 8, SIZE_PX)
    assert rows[:32] == [(up * 2)[:615]] * 16 + [(down * 2)[:615]] * 16
    assert len(rows) == 150


@pytest.mark.parametrize("color", ["bw", "gray", "color"])
def test_hand_scanner_tells_its_height_by_the_end(sane_bench: SaneBench, color: str) -> None:
    """The device says -1 lines, and an area cannot be chosen."""
    mode = {"bw": ("Gray", 1), "gray": ("Gray", 8), "color": ("Color", 8)}[color]
    expected = sane_bench.scanimage(
        mode=mode[0],
        depth=mode[1],
        resolution=127,
        test_picture="Color pattern",
        hand_scanner="yes",
    )

    answer = sane_bench.ask(
        "scan", settings=AREA | {"color": color, "options": {"hand-scanner": True} | PATTERN}
    )

    [page] = answer["pages"]
    assert page["size_px"] == list(expected.size_px) == [550, 850]
    assert page["rows"] == (_inverted(expected.samples) if color == "bw" else expected.samples)
    assert answer["warnings"] == [
        "The scanner does not let an area be chosen; it scans all that it reaches."
    ]


def test_fuzzy_parameters_do_not_reach_the_page(sane_bench: SaneBench) -> None:
    """Before its start the device lies about its size; what counts is what it says after it."""
    options = PATTERN | {"fuzzy-parameters": True}

    answers = [
        sane_bench.ask("scan", settings=AREA | {"color": "gray", "options": given})
        for given in (PATTERN, options)
    ]

    assert answers[0]["pages"] == answers[1]["pages"]
    assert answers[1]["pages"][0]["size_px"] == SIZE_PX


@pytest.mark.parametrize("size", [1, 7, 616])
def test_reads_of_any_length_make_the_same_page(sane_bench: SaneBench, size: int) -> None:
    """The device hands out a few bytes at a time, never whole rows."""
    limits = {"read-limit": True, "read-limit-size": size}
    small = AREA | {"area_mm": (0, 0, 41, 10)}

    answers = [
        sane_bench.ask("scan", settings=small | {"options": options})
        for options in (PATTERN, PATTERN | limits)
    ]

    assert answers[0]["pages"] == answers[1]["pages"]
    assert (answers[1]["pages"][0]["size_px"], answers[1]["warnings"]) == ([205, 50], [])


def test_padding_of_lines_is_left_out(sane_bench: SaneBench) -> None:
    """The device wastes pixels at the end of each line."""
    answers = [
        sane_bench.ask("scan", settings=AREA | {"options": PATTERN | {"ppl-loss": loss}})
        for loss in (0, 5)
    ]

    whole, cut = (answer["pages"][0] for answer in answers)
    assert (whole["size_px"], cut["size_px"]) == ([205, 150], [200, 150])
    assert cut["rows"] == b"".join(
        whole["rows"][start : start + 600] for start in range(0, len(whole["rows"]), 615)
    )


@pytest.mark.parametrize(
    ("status", "error"),
    [
        ("UNSUPPORTED", "unsupported"),
        ("CANCELLED", "canceled"),
        ("DEVICE_BUSY", "device_busy"),
        ("INVAL", "invalid_for_device"),
        ("EOF", "empty_page"),
        ("JAMMED", "paper_jam"),
        ("NO_DOCS", "feeder_empty"),
        ("COVER_OPEN", "cover_open"),
        ("IO_ERROR", "io_error"),
        ("NO_MEM", "out_of_memory"),
        ("ACCESS_DENIED", "access_denied"),
    ],
)
def test_status_of_a_read_ends_the_job(sane_bench: SaneBench, status: str, error: str) -> None:
    """Each status is its own error, no page comes, and EOF at once is an empty page."""
    options = {"read-return-value": f"SANE_STATUS_{status}"}

    answer = sane_bench.ask("scan", settings=AREA | {"paper_source": "feeder", "options": options})

    assert answer["error"]["error"] == error
    assert (answer["pages"], answer["discarded"], answer["is_open"]) == ([], 1, True)


def test_feeder_gives_its_ten_sheets(sane_bench: SaneBench) -> None:
    """The tenth sheet is the last; the end of the feed is said as it is."""
    answer = sane_bench.ask("scan", settings=AREA | {"paper_source": "feeder", "options": PATTERN})

    assert [page["size_px"] for page in answer["pages"]] == [SIZE_PX] * 10
    assert all(page["rows"] == answer["pages"][0]["rows"] for page in answer["pages"])
    assert (answer["error"]["error"], answer["discarded"]) == ("feeder_empty", 0)


@pytest.mark.parametrize(
    ("source", "max_pages", "done", "count"),
    [
        pytest.param("flatbed", 0, 0, 1, id="flatbed"),
        pytest.param("flatbed", 2, 0, 2, id="flatbed-two"),
        pytest.param("feeder", 3, 0, 3, id="feeder-three"),
        pytest.param("feeder", 5, 3, 2, id="feeder-goes-on"),
        pytest.param("feeder", 3, 3, 0, id="feeder-has-all"),
    ],
)
def test_job_ends_with_its_pages(
    sane_bench: SaneBench, source: str, max_pages: int, done: int, count: int
) -> None:
    """A job that goes on after a fault counts the pages that it has already."""
    answer = sane_bench.ask(
        "scan",
        settings=AREA | {"paper_source": source, "max_pages": max_pages},
        sink={"pages": done},
    )

    assert (len(answer["pages"]), answer["error"]) == (count, None)


@pytest.mark.parametrize(
    ("rows", "pages", "discarded"),
    [
        pytest.param(1, 0, 1, id="within-the-first-page"),
        pytest.param(160, 1, 1, id="within-the-second-page"),
        pytest.param(300, 1, 1, id="with-its-last-row"),
    ],
)
def test_cancel_keeps_the_pages_before_it(
    sane_bench: SaneBench, rows: int, pages: int, discarded: int
) -> None:
    """A cancel inside a page throws that one away and leaves the device closed."""
    options = {"read-limit": True, "read-limit-size": 60000}

    answer = sane_bench.ask(
        "scan",
        settings=AREA | {"paper_source": "feeder", "options": options},
        sink={"cancel_after_rows": rows},
    )

    assert answer["error"]["error"] == "canceled"
    assert (len(answer["pages"]), answer["discarded"]) == (pages, discarded)


def test_area_goes_to_the_corner_that_was_asked_for(sane_bench: SaneBench) -> None:
    """Left and top count from the corner of the bed."""
    expected = sane_bench.scanimage(
        mode="Gray", depth=8, resolution=127, test_picture="Grid", l=100, t=50, x=20, y=30
    )

    answer = sane_bench.ask(
        "scan",
        settings={
            "color": "gray",
            "dpi": 127,
            "area_mm": (100, 50, 20, 30),
            "options": {"test-picture": "Grid"},
        },
    )

    [page] = answer["pages"]
    assert page["size_px"] == list(expected.size_px) == [100, 150]
    assert page["rows"] == expected.samples


def test_whole_area_is_all_that_the_device_reaches(sane_bench: SaneBench) -> None:
    """No area means the whole bed, which is larger than the device's default."""
    sane_bench.configure("geometry_max 300.0")

    answer = sane_bench.ask("scan", settings={"color": "bw", "dpi": 127})

    assert answer["pages"][0]["size_px"] == [1500, 1500]


def test_impossible_resolution_is_refused(sane_bench: SaneBench) -> None:
    """Nothing is scanned, and the sentence says what there is."""
    answer = sane_bench.ask("scan", settings={"dpi": 4800})

    assert answer["error"]["error"] == "unsupported_setting"
    assert answer["error"]["message"] == (
        "The scanner does not have 4800 dpi. Choose 1 to 1200 dpi."
    )
    assert answer["pages"] == []


def test_what_the_device_lacks_is_said(sane_bench: SaneBench) -> None:
    """The page comes all the same."""
    answer = sane_bench.ask(
        "scan",
        settings={
            "paper_source": "duplex",
            "color": "bw",
            "dpi": 75,
            "area_mm": (0, 0, 300, 20),
            "brightness": 100,
            "contrast": -100,
            "threshold": 90,
            "max_pages": 1,
            "options": {"three-pass": True, "lamp": "on"},
        },
    )

    assert (len(answer["pages"]), answer["error"]) == (1, None)
    assert answer["warnings"] == [
        "The scanner has no duplex feeder; its feeder is used.",
        "The scanner has no option three-pass with these settings; it was left out.",
        "The scanner has no option lamp with these settings; it was left out.",
        "The area is larger than the scanner's; the page was cut to fit.",
        "The scanner has no brightness; it was left as it is.",
        "The scanner has no contrast; it was left as it is.",
        "The scanner has no threshold; it decides by itself what is black.",
    ]


def test_own_option_with_a_wrong_value_is_refused(sane_bench: SaneBench) -> None:
    """The sentence names the option and what it can be."""
    answer = sane_bench.ask("scan", settings={"options": {"test-picture": "Mona Lisa"}})

    assert answer["error"]["message"] == (
        "The scanner's option test-picture cannot be 'Mona Lisa'."
        " It can be Solid black, Solid white, Color pattern, Grid."
    )


def test_own_option_that_the_device_changes_is_said(sane_bench: SaneBench) -> None:
    """SANE_INFO_INEXACT: the device takes another value nearby."""
    options = {"enable-test-options": True, "int-constraint-range": 45}

    answer = sane_bench.ask("scan", settings=AREA | {"options": options})

    assert answer["warnings"] == [
        "The scanner made 46 of 45 for its option int-constraint-range.",
    ]


def test_start_passes_local_only_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Networks are searched unless the configuration says otherwise."""
    asked: list[bool] = []

    def list_devices(*, local_only: bool) -> list[libsane.ListedDevice]:
        asked.append(local_only)
        return []

    monkeypatch.setattr(libsane, "list_devices", list_devices)
    for config in ({}, {"local_only": True}, {"local_only": False}):
        sane.start(config=config)
        sane.list_scanners()

    assert asked == [False, True, False]
