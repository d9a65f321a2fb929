"""From wishes and capabilities to settings: what fits is kept, what does not gives way aloud."""

from __future__ import annotations

import base64
import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flatbed.addon.types import Capabilities, Range, ScanSettings
from flatbed.errors import InvalidInputError, UnsupportedSettingError
from flatbed.scan.request import JobConfig, JobRequest
from flatbed.scan.wishes import (
    Wishes,
    collect,
    fit,
    fit_dpi,
    pack_settings,
    read_color,
    read_page_size,
    unpack_settings,
)

OFFICE = Capabilities(
    sources=("flatbed", "feeder", "duplex"),
    colors=("gray", "color", "bw"),
    dpi=(75, 150, 300, 600),
    areas_mm={"flatbed": (215.9, 297.0), "feeder": (215.9, 355.6), "duplex": (215.9, 355.6)},
    bits=(8, 16),
    has_brightness=True,
    has_contrast=True,
    has_threshold=True,
)
PLAIN = Capabilities(sources=("flatbed",), colors=("color",), dpi=(200,))
SHEETS = Capabilities(sources=("feeder",))


def settings_of(capabilities: Capabilities, **wished: Any) -> ScanSettings:
    """The settings where nothing had to give way."""
    settings, warnings = fit(Wishes(**wished), capabilities)
    assert warnings == []
    return settings


def test_fit_of_no_wishes_is_what_the_device_does_by_itself() -> None:
    """Its first colour mode, 200 dpi or what is next to it, all of its bed."""
    assert settings_of(OFFICE) == ScanSettings(
        paper_source="flatbed", color="gray", dpi=150, area_mm=None, max_pages=0
    )


def test_fit_of_wishes_that_the_device_has_grants_them() -> None:
    """All of them."""
    found = settings_of(
        OFFICE,
        color="bw",
        dpi=300.0,
        uses_feeder=True,
        is_duplex=True,
        page_size=1,
        max_pages=7,
        brightness=-250.4,
        contrast=999.6,
        threshold=99,
        bits=16,
        options={"lamp": "on"},
    )
    assert found == ScanSettings(
        paper_source="duplex",
        color="bw",
        dpi=300,
        area_mm=(0, 0, 210, 297),
        max_pages=7,
        brightness=-250,
        contrast=1000,
        threshold=99,
        bits=16,
        options={"lamp": "on"},
    )


@pytest.mark.parametrize(
    ("capabilities", "feeder", "duplex", "source", "warning"),
    [
        (OFFICE, None, None, "flatbed", None),
        (OFFICE, False, None, "flatbed", None),
        (OFFICE, True, None, "feeder", None),
        (OFFICE, True, True, "duplex", None),
        (OFFICE, None, True, "duplex", None),
        (OFFICE, False, True, "feeder", None),
        (OFFICE, None, False, "flatbed", None),
        (SHEETS, None, None, "feeder", None),
        (SHEETS, False, None, "feeder", "The scanner has no flatbed; its feeder is used."),
        (SHEETS, True, True, "feeder", "The scanner has no duplex; only front sides are scanned."),
        (PLAIN, True, None, "flatbed", "The scanner has no feeder; its flatbed is used."),
        (Capabilities(sources=()), None, None, "flatbed", None),
    ],
)
def test_fit_of_the_paper_source(
    capabilities: Capabilities,
    feeder: bool | None,  # noqa: FBT001 - the wish itself
    duplex: bool | None,  # noqa: FBT001
    source: str,
    warning: str | None,
) -> None:
    """A duplex or feeder that the device lacks falls back and is named."""
    wishes = Wishes(uses_feeder=feeder, is_duplex=duplex)
    settings, warnings = fit(wishes, capabilities)
    assert settings.paper_source == source
    assert warnings[:1] == ([warning] if warning else [])


def test_fit_of_duplex_on_a_flatbed_says_what_became_of_it() -> None:
    """Two things gave way, both are told."""
    settings, warnings = fit(Wishes(is_duplex=True), PLAIN)
    assert settings.paper_source == "flatbed"
    assert warnings == [
        "The scanner has no duplex; only front sides are scanned.",
        "The scanner has no feeder; its flatbed is used.",
    ]


@pytest.mark.parametrize(
    ("wished", "field", "value", "warning"),
    [
        ({"color": "bw"}, "color", "color", "The scanner has no bw mode; color is used."),
        ({"brightness": 10}, "brightness", 0, "The scanner has no brightness; its own is used."),
        ({"contrast": -10}, "contrast", 0, "The scanner has no contrast; its own is used."),
        ({"bits": 16}, "bits", 8, "The scanner has no 16 bit samples; 8 bit are used."),
    ],
)
def test_fit_of_what_the_device_lacks_falls_back_and_says_so(
    wished: dict[str, Any], field: str, value: Any, warning: str
) -> None:
    """The scan goes on: the person reads it in the job's warnings."""
    settings, warnings = fit(Wishes(**wished), PLAIN)
    assert (getattr(settings, field), warnings) == (value, [warning])


@pytest.mark.parametrize("wished", [{"brightness": 0}, {"contrast": 0}, {"bits": 8}])
def test_fit_of_what_leaves_the_default_says_nothing(wished: dict[str, Any]) -> None:
    """Clients send all their fields."""
    assert settings_of(PLAIN, **wished) == settings_of(PLAIN)


def test_fit_keeps_the_threshold_from_devices_without_one() -> None:
    """It would be an error there."""
    assert settings_of(PLAIN, threshold=50).threshold is None


def test_fit_keeps_the_warnings_of_before() -> None:
    """Of capabilities that could not be set."""
    wishes = Wishes(bits=16, warnings=["Capability 1 was ignored."])
    _, warnings = fit(wishes, PLAIN)
    assert len(warnings) == 2
    assert wishes.warnings == ["Capability 1 was ignored."]


@pytest.mark.parametrize(
    ("page_size", "source", "area", "warning"),
    [
        (None, "flatbed", None, None),
        (0, "flatbed", None, None),
        (1, "flatbed", (0, 0, 210, 297), None),
        (5, "flatbed", (0, 0, 148, 210), None),
        (3, "flatbed", (0, 0, 215.9, 279.4), None),
        (4, "feeder", (0, 0, 215.9, 355.6), None),
        (4, "flatbed", None, "legal does not fit; the scanner's 215.9 x 297 mm are scanned."),
        (11, "feeder", None, "A3 does not fit; the scanner's 215.9 x 355.6 mm are scanned."),
    ],
)
def test_fit_of_the_page_size_to_the_bed_of_the_source(
    page_size: int | None, source: str, area: Any, warning: str | None
) -> None:
    """Legal paper fits the feeder and not the glass."""
    wishes = Wishes(page_size=page_size, uses_feeder=source == "feeder")
    settings, warnings = fit(wishes, OFFICE)
    assert (settings.area_mm, warnings) == (area, [warning] if warning else [])


def test_fit_of_a_size_a_little_above_the_bed_is_cut_to_it() -> None:
    """A bed of 215 mm is meant for letter paper of 215.9."""
    bed = Capabilities(areas_mm={"flatbed": (215.0, 296.0)})
    assert settings_of(bed, page_size=3).area_mm == (0, 0, 215, 279.4)
    assert settings_of(bed, page_size=1).area_mm == (0, 0, 210, 296)


def test_fit_of_a_size_to_an_unknown_bed_asks_for_it() -> None:
    """The device will say what it makes of it."""
    assert settings_of(PLAIN, page_size=1).area_mm == (0, 0, 210, 297)


@pytest.mark.parametrize(
    ("wanted", "available", "expected"),
    [
        (None, (75, 150, 300), 150),
        (None, (300, 600), 300),
        (None, (1200,), 1200),
        (None, Range(minimum=50, maximum=1200), 200),
        (None, Range(minimum=300, maximum=1200), 300),
        (None, Range(minimum=50, maximum=100), 100),
        (300, (75, 300), 300),
        (300.4, (75, 300), 300),
        (333.3, Range(minimum=50, maximum=1200), 333),
        (50, Range(minimum=50, maximum=1200), 50),
        (1200, Range(minimum=50, maximum=1200), 1200),
    ],
    ids=str,
)
def test_fit_dpi_is_a_resolution_of_the_device(
    wanted: float | None, available: Any, expected: int
) -> None:
    """Without a wish about 200 dpi."""
    assert fit_dpi(wanted, available) == expected


@pytest.mark.parametrize(
    ("wanted", "available", "words"),
    [
        (301, (300, 75), "The scanner has no 301 dpi. Choose from 75, 300."),
        (49, Range(minimum=50, maximum=1200), "The scanner has no 49 dpi. Choose from 50 to 1200."),
        (1201, Range(minimum=50, maximum=1200), "no 1201 dpi. Choose from 50 to 1200."),
    ],
    ids=str,
)
def test_fit_dpi_that_the_device_does_not_have_is_refused_with_a_choice(
    wanted: float, available: Any, words: str
) -> None:
    """400 / -1010: a picture of another size than asked for would be worse."""
    with pytest.raises(UnsupportedSettingError) as caught:
        fit_dpi(wanted, available)
    assert words in caught.value.message


@pytest.mark.parametrize(
    ("value", "color"),
    [
        (0, "bw"),
        (1, "gray"),
        (2, "color"),
        ("TWPT_BW", "bw"),
        ("TWPT_GRAY", "gray"),
        ("TWPT_RGB", "color"),
    ],
)
def test_read_color_by_number_or_name(value: Any, color: str) -> None:
    """As the contract has them."""
    assert read_color(value) == color


@pytest.mark.parametrize("value", [3, -1, "RGB", None, True, 1.0, [1], {}], ids=repr)
def test_read_color_of_anything_else_is_refused(value: Any) -> None:
    """400 / -2113."""
    with pytest.raises(InvalidInputError, match="none of 0, 1, 2"):
        read_color(value)


@pytest.mark.parametrize("value", [0, 1, 3, 4, 5, 11, 13])
def test_read_page_size_by_number(value: int) -> None:
    """Whole area, A4, letter, legal, A5, A3, A6."""
    assert read_page_size(value) == value


@pytest.mark.parametrize("value", [2, -1, 99, "A4", None, True, 1.0, []], ids=repr)
def test_read_page_size_of_anything_else_is_refused_with_a_choice(value: Any) -> None:
    """400 / -2113."""
    with pytest.raises(InvalidInputError, match="none of 0 whole area, 1 A4, 3 letter"):
        read_page_size(value)


def test_config_is_taken_into_the_wishes() -> None:
    """What it does not say stays as it was; -1 pages are all."""
    wishes = Wishes(dpi=75, contrast=5)
    wishes.take_config(
        JobConfig(PixelType="TWPT_BW", PageSize=1, XferCount=-1, IfFeederEnabled=True, Contrast=9)
    )
    assert wishes == Wishes(
        color="bw", dpi=75, uses_feeder=True, page_size=1, max_pages=0, contrast=9
    )


@given(
    wishes=st.builds(
        Wishes,
        color=st.sampled_from([None, "bw", "gray", "color"]),
        dpi=st.none() | st.floats(1, 19200),
        uses_feeder=st.none() | st.booleans(),
        is_duplex=st.none() | st.booleans(),
        page_size=st.sampled_from([None, 0, 1, 3, 4, 5, 11, 13]),
        max_pages=st.none() | st.integers(0, 100_000),
        brightness=st.none() | st.floats(-1000, 1000),
        contrast=st.none() | st.floats(-1000, 1000),
        threshold=st.none() | st.integers(0, 255),
        bits=st.sampled_from([None, 8, 16]),
        options=st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=5)),
        warnings=st.lists(st.text(max_size=5)),
    )
)
def test_snapshot_of_any_wishes_gives_them_back_without_their_warnings(wishes: Wishes) -> None:
    """`.../scanner/settings` of one job makes another like it."""
    found = collect(JobRequest(settings=pack_settings(wishes)))
    wishes.warnings.clear()
    assert found == wishes


def test_collect_of_a_request_without_a_snapshot_wishes_nothing() -> None:
    """`caps` and `config` come later, and win."""
    assert collect(JobRequest(config={"Resolution": 300})) == Wishes()


def packed(**wished: Any) -> str:
    """A snapshot of a caller's own making."""
    return base64.b64encode(json.dumps({"wishes": wished}).encode()).decode()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no base64!",
        base64.b64encode(b"no json").decode(),
        base64.b64encode(b"[]").decode(),
        base64.b64encode(b"\xff\xfe").decode(),
        packed(color="red"),
        packed(page_size=99),
        packed(page_size=-1),
        packed(dpi=-300),
        packed(dpi=1e9),
        packed(brightness=5000),
        packed(contrast=-1001),
        packed(threshold=256),
        packed(max_pages=-1),
        packed(bits=7),
        packed(options=[]),
    ],
)
def test_snapshot_that_is_none_of_ours_is_refused(text: str) -> None:
    """A page can make one up: nothing in it gets by what other ways check."""
    with pytest.raises(InvalidInputError, match="no snapshot"):
        unpack_settings(text)


def test_snapshot_is_opaque_text() -> None:
    """ASCII that callers hand back unchanged."""
    text = pack_settings(Wishes(dpi=300, options={"ü": 1}))
    assert text.isascii()
    assert msgspec.json.decode(base64.b64decode(text))["wishes"]["dpi"] == 300
