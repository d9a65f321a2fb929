"""Tests of settings, on devices that nobody has here."""

from __future__ import annotations

from typing import Any

import pytest

from flatbed.addon import Range, ScanSettings
from flatbed.builtin.sane.settings import apply_settings
from flatbed.errors import UnsupportedSettingError

from .sane_bench import ImaginaryOptions

LISTED = {"resolution": (75, [75, 150, 300], "dpi")}


def _range(value: float, minimum: float, maximum: float, step: float = 1) -> tuple[Any, ...]:
    return (value, Range(minimum=minimum, maximum=maximum, step=step))


def ignore(_: str) -> None:
    """The warning is not what the test is about."""


@pytest.mark.parametrize(
    ("device", "written", "dpi"),
    [
        pytest.param(LISTED, [("resolution", 300)], (300.0, 300.0), id="one"),
        pytest.param(
            {"x-resolution": _range(75, 50, 600), "y-resolution": _range(150, 50, 600)},
            [("x-resolution", 300), ("y-resolution", 300)],
            (300.0, 300.0),
            id="two",
        ),
        pytest.param(
            {"scan-resolution": (300, [300])}, [], (300.0, 300.0), id="another-name-already"
        ),
    ],
)
def test_resolution_is_set_by(
    device: dict[str, Any],
    written: list[Any],
    dpi: tuple[float, float],
) -> None:
    """One option for both directions, or one for each."""
    options = ImaginaryOptions(device)

    applied = apply_settings(options, ScanSettings(dpi=300), warn=ignore)

    assert (options.written, applied.dpi) == (written, dpi)


@pytest.mark.parametrize(
    ("device", "sentence"),
    [
        pytest.param(LISTED, "does not have 200 dpi. Choose one of 75, 150, 300 dpi.", id="list"),
        pytest.param(
            {"resolution": _range(75, 75, 1200, 75)},
            "does not have 200 dpi. Choose 75 to 1200 in steps of 75 dpi.",
            id="steps",
        ),
        pytest.param(
            {"x-resolution": _range(75, 50, 600), "y-resolution": (75, [75, 300])},
            "does not have 200 dpi. Choose one of 75, 300 dpi.",
            id="down-only",
        ),
    ],
)
def test_impossible_resolution_is_refused(device: dict[str, Any], sentence: str) -> None:
    """The sentence says what the device has."""
    with pytest.raises(UnsupportedSettingError, match=sentence):
        apply_settings(ImaginaryOptions(device), ScanSettings(dpi=200), warn=ignore)


def test_resolution_without_an_option_is_said() -> None:
    """The page gets the resolution that was asked for."""
    said: list[str] = []

    applied = apply_settings(ImaginaryOptions({}), ScanSettings(dpi=200), warn=said.append)

    assert applied.dpi == (200.0, 200.0)
    assert said == ["The scanner does not let its resolution be chosen."]


@pytest.mark.parametrize(
    ("device", "thousandths", "written"),
    [
        pytest.param(_range(0, -100, 100), 500, [("brightness", 50.0)], id="up"),
        pytest.param(_range(0, -100, 100), -1000, [("brightness", -100.0)], id="down"),
        pytest.param(_range(128, 0, 255), 1000, [("brightness", 255.0)], id="default-128-up"),
        pytest.param(_range(128, 0, 255), -500, [("brightness", 64.0)], id="default-128-down"),
        pytest.param((0, [-2, -1, 0, 1, 2]), 400, [("brightness", 1.0)], id="list"),
        pytest.param(_range(10, -100, 100), 0, [], id="untouched"),
    ],
)
def test_brightness_goes_from_the_default_to_an_end(
    device: tuple[Any, ...], thousandths: int, written: list[Any]
) -> None:
    """0 is the device's own default, wherever that lies in its range."""
    options = ImaginaryOptions(LISTED | {"brightness": device})
    said: list[str] = []

    apply_settings(options, ScanSettings(dpi=75, brightness=thousandths), warn=said.append)

    assert (options.written, said) == (written, [])


@pytest.mark.parametrize(
    ("device", "color", "written"),
    [
        pytest.param(_range(50, 0, 100), "bw", [("threshold", 40.0)], id="percent"),
        pytest.param(_range(128, 0, 255), "bw", [("threshold", 102.0)], id="bytes"),
        pytest.param(_range(50, 0, 100), "gray", [], id="gray-has-none"),
    ],
)
def test_threshold_is_stretched_over_the_range(
    device: tuple[Any, ...], color: Any, written: list[Any]
) -> None:
    """102 of 255 is 40 percent."""
    options = ImaginaryOptions(
        LISTED | {"mode": ("Lineart", ["Lineart", "Gray"]), "threshold": device}
    )

    apply_settings(options, ScanSettings(dpi=75, color=color, threshold=102), warn=ignore)

    assert [entry for entry in options.written if entry[0] == "threshold"] == written


def test_settings_go_in_the_order_of_their_dependence() -> None:
    """Own options, source, mode, depth, those that the mode woke up, resolution, area, tone."""
    edge = _range(0, 0, 200)
    options = ImaginaryOptions(
        {
            "contrast": _range(0, -100, 100),
            "br-y": edge,
            "br-x": edge,
            "tl-y": edge,
            "tl-x": edge,
            "resolution": (75, [75, 300]),
            "depth": (8, [8, 16]),
            "mode": ("Gray", ["Gray", "Color"]),
            "source": ("Flatbed", ["Flatbed", "ADF"]),
            "lamp": (False, None),
            "gamma": (1.0, None),
        },
        active_when={"gamma": ("mode", "Color")},
    )
    settings = ScanSettings(
        paper_source="feeder",
        bits=16,
        dpi=300,
        area_mm=(1, 2, 3, 4),
        contrast=100,
        options={"gamma": 2.2, "lamp": True},
    )

    applied = apply_settings(options, settings, warn=ignore)

    names = list(dict.fromkeys(name for name, _ in options.written))
    assert names == [
        *("lamp", "source", "mode", "depth", "gamma", "resolution"),
        *("br-x", "tl-x", "br-y", "tl-y", "contrast"),
    ]
    assert applied.source == "feeder"
