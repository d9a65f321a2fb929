"""Scanning with virtual devices: the order of sheets and sides, over attempts, in the ledger."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import ImageChops

from flatbed.addon import ScanSettings
from flatbed.addon.testing import MemorySink, MemoryWriter
from flatbed.addon.types import Bits, Color
from flatbed.builtin.virtual.samples.album import SampleAlbum
from flatbed.errors import DeviceFault, FeederEmptyError, ScanCanceledError

from .virtual_bench import (
    DUPLEX,
    FLATBED,
    SMALL,
    VirtualBench,
    config_of,
    digests_of,
    image_of,
)


@pytest.fixture
def bench(tmp_path: Path) -> VirtualBench:
    """Three sheets, no faults."""
    return VirtualBench(tmp_path, config_of(tmp_path, sheets=3))


def _with_faults(bench: VirtualBench, *faults: str, **changes: Any) -> VirtualBench:
    return VirtualBench(bench.state_dir, bench.config | {"faults": list(faults)} | changes)


def test_feeder_gives_every_sheet_once_and_is_then_empty(bench: VirtualBench) -> None:
    """The end of the paper is for the core to judge."""
    sink = MemorySink()
    assert bench.scan_to_fault(sink) == "feeder_empty"
    assert bench.fed() == [1, 2, 3]
    assert bench.delivered() == [(1, "front"), (2, "front"), (3, "front")]
    assert len(set(digests_of(sink.finished))) == 3


def test_feeder_pages_are_the_sheets_that_were_asked_for(bench: VirtualBench) -> None:
    """Sheet 3 is what the album draws as sheet 3."""
    sink = MemorySink()
    bench.scan_to_fault(sink)
    third = SampleAlbum((210, 297)).page(3, "front", dpi=40, mode="L")
    assert ImageChops.difference(image_of(sink.finished[2]), third).getbbox() is None


def test_feeder_without_sheets_is_empty_at_once(bench: VirtualBench) -> None:
    """The device was opened all the same."""
    sink = MemorySink()
    assert _with_faults(bench, sheets=0).scan_to_fault(sink) == "feeder_empty"
    assert (sink.pages, sink.is_open, bench.fed()) == (0, True, [])


def test_flatbed_gives_one_page_and_moves_no_paper(bench: VirtualBench) -> None:
    """Whatever lies in the feeder, and however many pages were asked for."""
    sink = bench.scan(MemorySink(), replace(FLATBED, max_pages=5))
    assert sink.pages == 1
    assert (bench.fed(), bench.delivered()) == ([], [(1, "front")])


def test_flatbed_works_with_an_empty_feeder(bench: VirtualBench) -> None:
    """A page lies on the glass, not in the tray."""
    assert _with_faults(bench, sheets=0).scan(MemorySink(), FLATBED).pages == 1


def test_duplex_gives_front_then_back_of_each_sheet(bench: VirtualBench) -> None:
    """One sheet is fed for two pages."""
    sink = MemorySink()
    assert bench.scan_to_fault(sink, DUPLEX) == "feeder_empty"
    assert bench.fed() == [1, 2, 3]
    sides = [(sheet, side) for sheet in (1, 2, 3) for side in ("front", "back")]
    assert bench.delivered() == sides
    assert len(set(digests_of(sink.finished))) == 6


@pytest.mark.parametrize(
    ("settings", "pages", "fed"),
    [
        (replace(SMALL, max_pages=2), 2, [1, 2]),
        (replace(DUPLEX, max_pages=1), 1, [1]),
        (replace(DUPLEX, max_pages=3), 3, [1, 2]),
        (replace(DUPLEX, max_pages=4), 4, [1, 2]),
    ],
    ids=["simplex", "only a front", "between two sides", "whole sheets"],
)
def test_max_pages_counts_pages_and_feeds_no_further_sheet(
    bench: VirtualBench, settings: ScanSettings, pages: int, fed: list[int]
) -> None:
    """The end is a normal one, also between front and back."""
    assert bench.scan(MemorySink(), settings).pages == pages
    assert bench.fed() == fed


@pytest.mark.parametrize(
    ("color", "bits", "mode", "row_bytes"),
    [
        ("bw", 1, "1", 42),
        ("gray", 8, "L", 331),
        ("color", 8, "RGB", 993),
        ("color", 16, "RGB", 1986),
    ],
)
def test_page_has_the_mode_that_was_asked_for(
    bench: VirtualBench, color: Any, bits: Any, mode: str, row_bytes: int
) -> None:
    """A4 at 40 dpi: 331 x 468 pixels."""
    settings = ScanSettings(dpi=40, color=color, bits=bits)
    (page,) = bench.scan(MemorySink(), settings).finished
    assert (page.size_px, page.dpi, page.mode, page.bits) == ((331, 468), (40.0, 40.0), mode, bits)
    assert len(page.rows) == 468 * row_bytes


def test_page_of_an_area_has_its_size(bench: VirtualBench) -> None:
    """Two inches by one at 40 dpi."""
    settings = replace(FLATBED, area_mm=(10, 10, 50.8, 25.4))
    (page,) = bench.scan(MemorySink(), settings).finished
    assert page.size_px == (80, 40)


def test_ledger_has_the_hash_of_what_the_sink_took(bench: VirtualBench) -> None:
    """Bit for bit, in every mode."""
    taken = []
    modes: list[tuple[Color, Bits]] = [("bw", 8), ("gray", 8), ("gray", 16), ("color", 16)]
    for color, bits in modes:
        settings = ScanSettings(dpi=40, color=color, bits=bits)
        taken += digests_of(bench.scan(MemorySink(), settings).finished)
    assert bench.digests() == taken


def test_ledger_names_device_and_attempt(bench: VirtualBench) -> None:
    """One file for all of them."""
    bench.scan_to_fault(MemorySink(), replace(SMALL, max_pages=1))
    fed, page = bench.ledger()
    assert fed == {"device": "virtual:1", "attempt": 1, "fed": 1}
    assert page == {
        "device": "virtual:1",
        "attempt": 1,
        "sheet": 1,
        "side": "front",
        "sha256": page["sha256"],
    }


class _OrderSink(MemorySink):
    """Notes how long the ledger is whenever a page has become safe."""

    def __init__(self, bench: VirtualBench) -> None:
        super().__init__()
        self.lines_when_safe: list[int] = []
        self._bench = bench

    def new_page(self, **about: Any) -> MemoryWriter:
        sink, bench = self, self._bench

        class Writer(MemoryWriter):
            def __exit__(self, *error: Any) -> None:
                super().__exit__(*error)
                sink.lines_when_safe.append(len(bench.ledger()))

        return Writer(self, about["size_px"], about["dpi"], about["mode"], about["bits"])


def test_sheet_is_fed_only_after_the_page_before_is_safe(bench: VirtualBench) -> None:
    """When page n is safe, the ledger ends with page n, not with the feeding of sheet n + 1."""
    sink = _OrderSink(bench)
    bench.scan_to_fault(sink)
    assert sink.lines_when_safe == [2, 4, 6]


def test_jammed_sheet_is_the_next_page_of_the_next_attempt(bench: VirtualBench) -> None:
    """Nothing doubled, nothing lost, and the fault is over."""
    jamming, sink = _with_faults(bench, "jam@2"), MemorySink()
    assert jamming.scan_to_fault(sink) == "paper_jam"
    assert (sink.pages, sink.discarded) == (1, 1)
    sink.attempt = 2
    assert jamming.scan_to_fault(sink) == "feeder_empty"
    assert jamming.fed() == [1, 2, 2, 3]
    assert jamming.delivered() == [(1, "front"), (2, "front"), (3, "front")]
    assert jamming.digests() == digests_of(sink.finished)


def test_faults_one_after_the_other_end_one_attempt_each(bench: VirtualBench) -> None:
    """Also two of them on the same page, and the same one twice."""
    script = _with_faults(bench, "jam@2", "jam@2", "cover_open@2", "double_feed@3")
    sink, ends = MemorySink(), []
    for attempt in range(1, 6):
        sink.attempt = attempt
        ends.append(script.scan_to_fault(sink))
    assert ends == ["cover_open", "paper_jam", "paper_jam", "double_feed", "feeder_empty"]
    assert script.delivered() == [(1, "front"), (2, "front"), (3, "front")]


def test_repeated_fault_strikes_at_every_attempt(bench: VirtualBench) -> None:
    """An exclamation mark, and the pages before are safe for ever."""
    script, sink, ends = _with_faults(bench, "jam@2!"), MemorySink(), []
    for attempt in (1, 2, 3):
        sink.attempt = attempt
        ends.append(script.scan_to_fault(sink))
    assert (ends, sink.pages) == (["paper_jam"] * 3, 1)


def test_fault_strikes_again_in_a_new_job(bench: VirtualBench) -> None:
    """Once for each job, and the tray is full again."""
    script = _with_faults(bench, "jam@3")
    first, second = MemorySink(), MemorySink()
    assert script.scan_to_fault(first) == script.scan_to_fault(second) == "paper_jam"
    assert script.fed() == [1, 2, 3, 1, 2, 3]


def test_jam_on_a_back_leaves_the_front_and_brings_the_back(bench: VirtualBench) -> None:
    """Page 4 is the back of sheet 2; its front was safe."""
    script, sink = _with_faults(bench, "jam@4"), MemorySink()
    assert script.scan_to_fault(sink, DUPLEX) == "paper_jam"
    sink.attempt = 2
    assert script.scan_to_fault(sink, DUPLEX) == "feeder_empty"
    assert script.fed() == [1, 2, 2, 3]
    sides = [(sheet, side) for sheet in (1, 2, 3) for side in ("front", "back")]
    assert script.delivered() == sides


def test_refusal_before_feeding_moves_no_paper(bench: VirtualBench) -> None:
    """An open cover is noticed before the motor starts."""
    script = _with_faults(bench, "cover_open@2")
    assert script.scan_to_fault(MemorySink()) == "cover_open"
    assert script.fed() == [1]


class _LosingSink(MemorySink):
    """Finishes page 2, and the process dies before the driver hears of it."""

    def new_page(self, **about: Any) -> MemoryWriter:
        sink = self

        class Writer(MemoryWriter):
            def __exit__(self, *error: Any) -> None:
                super().__exit__(*error)
                if sink.pages == 2 and sink.attempt == 1:
                    raise KeyboardInterrupt

        return Writer(self, about["size_px"], about["dpi"], about["mode"], about["bits"])


@pytest.mark.parametrize("settings", [SMALL, DUPLEX], ids=["feeder", "duplex"])
def test_page_that_became_safe_in_the_last_moment_is_not_doubled(
    bench: VirtualBench, settings: ScanSettings
) -> None:
    """The job's own count decides, not what the driver lived to write down."""
    sink = _LosingSink()
    with pytest.raises(KeyboardInterrupt):
        bench.scan(sink, settings)
    sink.attempt = 2
    assert bench.scan_to_fault(sink, settings) == "feeder_empty"
    assert len(set(bench.delivered())) == len(bench.delivered()) == len(sink.finished)
    assert bench.digests() == digests_of(sink.finished)


def test_job_that_has_its_pages_already_scans_none(bench: VirtualBench) -> None:
    """An attempt after the last page: the worker died before it could say so."""
    sink = bench.scan(MemorySink(), replace(SMALL, max_pages=2))
    sink.attempt = 2
    assert bench.scan(sink, replace(SMALL, max_pages=2)).pages == 2
    flat = bench.scan(MemorySink(), FLATBED)
    flat.attempt = 2
    assert bench.scan(flat, FLATBED).pages == 1


class _CanceledSink(MemorySink):
    """Is cancelled as soon as a page is safe."""

    def new_page(self, **about: Any) -> MemoryWriter:
        sink = self

        class Writer(MemoryWriter):
            def __exit__(self, *error: Any) -> None:
                super().__exit__(*error)
                sink.is_canceled = True

        return Writer(self, about["size_px"], about["dpi"], about["mode"], about["bits"])


def test_cancel_between_sheets_feeds_no_other(bench: VirtualBench) -> None:
    """The page stays, and the paper too."""
    sink = _CanceledSink()
    assert bench.scan_to_fault(sink) == "canceled"
    assert (sink.pages, bench.fed()) == (1, [1])


def test_cancel_within_a_page_throws_it_away(bench: VirtualBench) -> None:
    """Half a page is no page, and none is in the ledger."""
    sink = MemorySink(cancel_after_rows=100)
    with pytest.raises(ScanCanceledError):
        bench.scan(sink)
    assert (sink.pages, sink.discarded, bench.delivered()) == (0, 1, [])


def test_tray_that_cannot_be_read_is_named(bench: VirtualBench) -> None:
    """Better no page than one twice."""
    (bench.state_dir / "tray-1.json").write_text('{"sheet": ')
    with pytest.raises(DeviceFault, match="state of the virtual feeder"):
        bench.scan(MemorySink(attempt=2))


def test_tray_that_was_lost_is_a_full_one(bench: VirtualBench) -> None:
    """Somebody emptied the folder of the state between two attempts."""
    with pytest.raises(FeederEmptyError):
        bench.scan(MemorySink(attempt=2))
    assert bench.fed() == [1, 2, 3]


def test_hundreds_of_pages_are_quick(bench: VirtualBench) -> None:
    """Each page is drawn once; 200 of them in well under two seconds."""
    plenty = _with_faults(bench, sheets=200)
    sink = MemorySink()
    assert plenty.scan_to_fault(sink) == "feeder_empty"
    assert len(set(plenty.digests())) == sink.pages == 200
