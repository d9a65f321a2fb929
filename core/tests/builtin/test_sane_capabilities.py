"""Tests of what devices can do: SANE's test backend, and one that nobody has here."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flatbed.addon import Range
from flatbed.builtin.sane.capabilities import read_capabilities
from flatbed.builtin.sane.options import Option

from .sane_bench import ImaginaryOptions, SaneBench


@pytest.mark.sane
def test_capabilities_of_the_test_backend(sane_bench: SaneBench) -> None:
    """All that the device says, with the area of its configuration."""
    sane_bench.configure("geometry_max 300.0", "resolution 75.0", "enable-test-options true")

    found = sane_bench.ask("get_capabilities")

    own = {option.pop("name"): option for option in found.pop("options")}
    assert found == {
        "sources": ["flatbed", "feeder"],
        "colors": ["gray", "color", "bw"],
        "dpi": {"minimum": 1.0, "maximum": 1200.0, "step": 1.0},
        "areas_mm": {"flatbed": [300.0, 300.0], "feeder": [300.0, 300.0]},
        "bits": [8, 16],
        "has_brightness": False,
        "has_contrast": False,
        "has_threshold": False,
        "is_feeder_loaded": None,
    }
    assert own["ppl-loss"] == {
        "title": "Loss of pixels per line",
        "value": 0,
        "choices": {"minimum": 0, "maximum": 128, "step": 1},
        "unit": "px",
    }
    assert own["test-picture"]["choices"] == [
        *("Solid black", "Solid white", "Color pattern", "Grid"),
    ]
    assert own["string-constraint-string-list"]["value"] == "First entry"
    assert own["int-constraint-word-list"]["unit"] == "bit"
    handled = {"mode", "depth", "source", "resolution", "tl-x", "br-y"}
    inactive, arrays = {"three-pass"}, {"int-constraint-array", "gamma-table"}
    assert not own.keys() & (handled | inactive | arrays | {"button", "bool-soft-detect"})


def test_capabilities_of_an_office_scanner() -> None:
    """Areas differ by source, a threshold exists in black and white only, a sheet is loaded."""

    class OfficeOptions(ImaginaryOptions):
        def find(self, *names: str) -> Option | None:
            option = super().find(*names)
            if option and option.name == "br-y" and self.read("source") != "Flatbed":
                return replace(option, choices=Range(minimum=0, maximum=355.6))
            return option

    edge = (0.0, Range(minimum=0, maximum=215.9), "mm")
    options = OfficeOptions(
        {
            "source": ("Flatbed", ["Flatbed", "ADF", "ADF Duplex"]),
            "mode": ("Color", ["Lineart", "Gray", "Color"]),
            "resolution": (300, [100, 300, 600], "dpi"),
            "tl-x": edge,
            "br-x": edge,
            "tl-y": (0.0, Range(minimum=0, maximum=297), "mm"),
            "br-y": (297.0, Range(minimum=0, maximum=297), "mm"),
            "brightness": (0, Range(minimum=-100, maximum=100, step=1)),
            "threshold": (50, Range(minimum=0, maximum=100, step=1)),
            "page-loaded": (True, None),
        },
        active_when={"threshold": ("mode", "Lineart"), "mode": ("source", "Flatbed")},
    )

    found = read_capabilities(options)

    assert (found.sources, found.colors) == (
        ["flatbed", "feeder", "duplex"],
        ["color", "gray", "bw"],
    )
    assert found.areas_mm == {
        "flatbed": (215.9, 297),
        "feeder": (215.9, 355.6),
        "duplex": (215.9, 355.6),
    }
    assert (found.dpi, found.bits) == ([100, 300, 600], [8])
    assert (found.has_brightness, found.has_contrast, found.has_threshold) == (True, False, True)
    assert found.is_feeder_loaded is True
