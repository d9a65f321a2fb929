"""Tests of paper sources, on devices that nobody has here."""

from __future__ import annotations

from typing import Any

import pytest

from flatbed.addon.types import PaperSource
from flatbed.builtin.sane.sources import choose_source, list_sources, read_paper_sensor

from .sane_bench import ImaginaryOptions

FUJITSU = {"source": ("ADF Front", ["ADF Front", "ADF Back", "ADF Duplex"])}
EPSON = {
    "source": ("Flatbed", ["Flatbed", "Automatic Document Feeder"]),
    "adf-mode": ("Simplex", ["Simplex", "Duplex"]),
}
FLATBED_ONLY = {"source": ("Flatbed", ["Flatbed", "Transparency Unit"])}
SHEETFED = {"page-loaded": (True, None), "duplex": (False, None)}
BARE = {"resolution": (300, [300])}
ADF_FIRST = {"source": ("ADF", ["Flatbed", "ADF", "ADF Duplex"])}
WHEN_FED = {"adf-mode": ("source", "Automatic Document Feeder")}


@pytest.mark.parametrize(
    ("device", "active_when", "sources"),
    [
        pytest.param(FUJITSU, None, ["feeder", "duplex"], id="fujitsu"),
        pytest.param(EPSON, WHEN_FED, ["flatbed", "feeder", "duplex"], id="epson"),
        pytest.param(FLATBED_ONLY, None, ["flatbed"], id="flatbed-and-film"),
        pytest.param(SHEETFED, None, ["feeder", "duplex"], id="sheetfed"),
        pytest.param(BARE, None, ["flatbed"], id="no-choice"),
        pytest.param(ADF_FIRST, None, ["feeder", "flatbed", "duplex"], id="present-first"),
    ],
)
def test_list_sources_finds_those_of(
    device: dict[str, Any], active_when: Any, sources: list[str]
) -> None:
    """The present source comes first; a duplex switch counts, though it sleeps until fed."""
    assert list_sources(ImaginaryOptions(device, active_when=active_when)) == sources


@pytest.mark.parametrize(
    ("device", "wanted", "chosen", "written", "warnings"),
    [
        pytest.param(
            EPSON,
            "duplex",
            "duplex",
            [("source", "Automatic Document Feeder"), ("adf-mode", "Duplex")],
            [],
            id="switch",
        ),
        pytest.param(
            EPSON | {"adf-mode": ("Duplex", ["Simplex", "Duplex"])},
            "feeder",
            "feeder",
            [("source", "Automatic Document Feeder"), ("adf-mode", "Simplex")],
            [],
            id="switch-back",
        ),
        pytest.param(EPSON, "flatbed", "flatbed", [], [], id="already"),
        pytest.param(FUJITSU, "duplex", "duplex", [("source", "ADF Duplex")], [], id="word"),
        pytest.param(
            FUJITSU,
            "flatbed",
            "feeder",
            [],
            ["The scanner has no flatbed; its feeder is used."],
            id="no-flatbed",
        ),
        pytest.param(
            FLATBED_ONLY,
            "duplex",
            "flatbed",
            [],
            ["The scanner has no duplex feeder; its flatbed is used."],
            id="no-feeder",
        ),
        pytest.param(
            BARE,
            "feeder",
            "flatbed",
            [],
            ["The scanner has no feeder; its flatbed is used."],
            id="no-choice",
        ),
        pytest.param(SHEETFED, "duplex", "duplex", [("duplex", True)], [], id="sheetfed"),
    ],
)
def test_choose_source_sets(
    device: dict[str, Any],
    wanted: PaperSource,
    chosen: str,
    written: list[Any],
    warnings: list[str],
) -> None:
    """The nearest source is taken, and what is not what was wanted is said."""
    options = ImaginaryOptions(device)
    said: list[str] = []

    assert choose_source(options, wanted, said.append) == chosen
    assert (options.written, said) == (written, warnings)


@pytest.mark.parametrize(
    ("device", "is_loaded"),
    [
        pytest.param({"page-loaded": (True, None)}, True, id="loaded"),
        pytest.param({"page-loaded": (False, None)}, False, id="empty"),
        pytest.param(BARE, None, id="no-sensor"),
    ],
)
def test_paper_sensor_tells(device: dict[str, Any], *, is_loaded: bool | None) -> None:
    """A device without a sensor does not say that its feeder is empty."""
    assert read_paper_sensor(ImaginaryOptions(device)) is is_loaded
