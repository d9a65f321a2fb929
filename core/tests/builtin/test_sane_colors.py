"""Tests of colour modes and bits, on devices that nobody has here."""

from __future__ import annotations

from typing import Any

import pytest

from flatbed.addon.types import Color
from flatbed.builtin.sane.colors import choose_color, list_bits, list_colors

from .sane_bench import ImaginaryOptions

TEST = {"mode": ("Gray", ["Gray", "Color"]), "depth": (8, [1, 8, 16])}
FUJITSU = {"mode": ("Lineart", ["Lineart", "Halftone", "Gray", "Color"])}
PIXMA = {"mode": ("Color", ["Color", "Gray", "48 bits color", "16 bits gray", "Lineart"])}
FILM = {"mode": ("Color", ["Color", "Gray"]), "depth": (8, [8, 14])}
DEEP_ONLY = {"mode": ("Color", ["Color"]), "depth": (12, [12, 16])}
GRAY_ONLY = {"mode": ("Gray", ["Gray"])}


@pytest.mark.parametrize(
    ("device", "colors", "bits"),
    [
        pytest.param(TEST, ["gray", "color", "bw"], [8, 16], id="test"),
        pytest.param(FUJITSU, ["bw", "color", "gray"], [8], id="fujitsu"),
        pytest.param(PIXMA, ["color", "gray", "bw"], [8, 16], id="pixma"),
        pytest.param(FILM, ["color", "gray"], [8, 16], id="14-bits"),
        pytest.param(GRAY_ONLY, ["gray"], [8], id="gray-only"),
        pytest.param({}, ["color"], [8], id="no-choice"),
    ],
)
def test_colors_and_bits_are_those_of(
    device: dict[str, Any], colors: list[str], bits: list[int]
) -> None:
    """The present mode comes first; bits may be an option or a mode of their own."""
    assert list_bits(ImaginaryOptions(device)) == bits
    assert list_colors(ImaginaryOptions(device)) == colors


NO_BW = "The scanner has no black and white; the page comes in gray."
NO_COLOR = "The scanner has no colour; the page comes in gray."
NO_DEPTH = "The scanner has no 16 bits a sample; the page comes with 8."


@pytest.mark.parametrize(
    ("device", "color", "bits", "written", "warnings"),
    [
        pytest.param(TEST, "bw", 8, [("depth", 1)], [], id="bw-by-depth"),
        pytest.param(TEST, "color", 16, [("mode", "Color"), ("depth", 16)], [], id="color-16"),
        pytest.param(TEST, "gray", 8, [], [], id="already"),
        pytest.param(FUJITSU, "gray", 8, [("mode", "Gray")], [], id="mode"),
        pytest.param(FUJITSU, "gray", 16, [("mode", "Gray")], [NO_DEPTH], id="no-16"),
        pytest.param(PIXMA, "gray", 16, [("mode", "16 bits gray")], [], id="deep-mode"),
        pytest.param(FILM, "color", 16, [("depth", 14)], [], id="14-bits-come-as-16"),
        pytest.param(FILM, "bw", 8, [("mode", "Gray")], [NO_BW], id="no-bw"),
        pytest.param(DEEP_ONLY, "color", 8, [], [], id="no-8"),
        pytest.param(GRAY_ONLY, "color", 8, [], [NO_COLOR], id="no-color"),
        pytest.param({}, "color", 8, [], [], id="no-choice"),
    ],
)
def test_choose_color_sets(
    device: dict[str, Any],
    color: Color,
    bits: int,
    written: list[Any],
    warnings: list[str],
) -> None:
    """The nearest mode and depth are taken, and what is not what was wanted is said."""
    options = ImaginaryOptions(device)
    said: list[str] = []

    choose_color(options, color, bits, warn=said.append)

    assert (options.written, said) == (written, warnings)
