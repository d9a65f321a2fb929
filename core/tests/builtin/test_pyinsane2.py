"""Tests of the pyinsane2 driver on SANE's test backend."""

from __future__ import annotations

import importlib.util
import sys
import tomllib
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from flatbed.addon import Range
from flatbed.builtin import pyinsane2
from flatbed.builtin.pyinsane2 import library
from flatbed.builtin.pyinsane2.options import PyinsaneOptions
from flatbed.errors import AddonMissingError

from .sane_bench import SaneBench

AREA = {"area_mm": (0, 0, 41, 30), "dpi": 127}
PATTERN = {"test-picture": "Color pattern"}
SIZE_PX = [205, 150]


@pytest.fixture
def ask(sane_bench: SaneBench) -> Any:
    """Asks the driver in a fresh process; the test is skipped where the library is missing."""
    if importlib.util.find_spec("pyinsane2") is None:
        pytest.skip("pyinsane2 is not installed (pip install flatbed[pyinsane2])")

    def ask_driver(action: str, **request: Any) -> Any:
        return sane_bench.ask(action, driver="pyinsane2", **request)

    return ask_driver


def test_manifest_is_off_and_says_its_limits() -> None:
    """Nobody gets this driver without asking for it, nor without knowing what it cannot do."""
    path = Path(pyinsane2.__file__).with_name("addon.toml")

    manifest = tomllib.loads(path.read_text("utf-8"))

    assert (manifest["name"], manifest["enabled"]) == ("pyinsane2", False)
    assert manifest["scanners"]["kind"] == "wia"
    assert any("16 bits are refused" in limit for limit in manifest["scanners"]["limits"])


def test_missing_library_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The add-on is there without its library, and says what is missing."""
    monkeypatch.setitem(sys.modules, "pyinsane2", None)

    with pytest.raises(AddonMissingError, match=r"pip install flatbed\[pyinsane2\]"):
        library.load()


@pytest.mark.sane
def test_list_scanners_lists_what_the_library_finds(ask: Any) -> None:
    """The same scanners as by SANE's own driver."""
    scanners = ask("list_scanners")["scanners"]

    assert [(each["id"], each["name"], each["fingerprint"], each["kind"]) for each in scanners] == [
        ("test:0", "Noname frontend-tester", "test:0", "sane"),
        ("test:1", "Noname frontend-tester (2)", "test:1", "sane"),
    ]


@pytest.mark.sane
def test_capabilities_have_eight_bits_only(ask: Any, sane_bench: SaneBench) -> None:
    """Numbers come in units, though the library hands out SANE's words."""
    sane_bench.configure("geometry_max 300.0", "resolution 75.0")

    found = ask("get_capabilities")

    assert found["bits"] == [8]
    assert found["dpi"] == {"minimum": 1.0, "maximum": 1200.0, "step": 1.0}
    assert found["areas_mm"] == {"flatbed": [300.0, 300.0], "feeder": [300.0, 300.0]}
    assert (found["sources"], found["colors"]) == (["flatbed", "feeder"], ["gray", "color", "bw"])


@pytest.mark.sane
def test_unknown_scanner_is_offline(ask: Any) -> None:
    """SANE answers INVAL for a device that is not there."""
    assert ask("get_capabilities", name="test:7")["error"]["error"] == "device_offline"


@pytest.mark.sane
@pytest.mark.parametrize(
    ("color", "mode", "depth", "page_mode", "bits"),
    [
        pytest.param("bw", "Gray", 1, "1", 1, id="bw"),
        pytest.param("gray", "Gray", 8, "L", 8, id="gray"),
        pytest.param("color", "Color", 8, "RGB", 8, id="color"),
    ],
)
def test_page_is_what_scanimage_scans(
    ask: Any, sane_bench: SaneBench, color: str, mode: str, depth: int, page_mode: str, bits: int
) -> None:
    """Every mode that the library does right, all bits of it."""
    expected = sane_bench.scanimage(
        mode=mode, depth=depth, resolution=127, test_picture="Color pattern", x=40, y=30
    )

    answer = ask(
        "scan", settings={"area_mm": (0, 0, 40, 30), "dpi": 127, "color": color, "options": PATTERN}
    )

    [page] = answer["pages"]
    assert (answer["error"], answer["warnings"], answer["is_open"]) == (None, [], True)
    assert (page["mode"], page["bits"], page["size_px"]) == (page_mode, bits, [200, 150])
    assert page["dpi"] == [127.0, 127.0]
    inverted = bytes(255 - value for value in expected.samples)
    assert page["rows"] == (inverted if bits == 1 else expected.samples)


@pytest.mark.sane
@pytest.mark.parametrize(
    ("settings", "error"),
    [
        pytest.param({"bits": 16}, "unsupported_setting", id="16-bit"),
        pytest.param({"dpi": 4800}, "unsupported_setting", id="resolution"),
        pytest.param({"options": {"test-picture": 7}}, "unsupported_setting", id="own-type"),
        pytest.param({"options": {"test-picture": "Mona"}}, "unsupported_setting", id="own-value"),
        pytest.param(
            {"options": {"mode": "Color", "three-pass": True}}, "unsupported", id="three-pass"
        ),
        pytest.param({"options": {"ppl-loss": 3}}, "unsupported", id="padded-lines"),
    ],
)
def test_what_the_library_makes_wrong_is_refused(
    ask: Any, settings: dict[str, Any], error: str
) -> None:
    """No page rather than a wrong one."""
    answer = ask("scan", settings=AREA | settings)

    assert (answer["error"]["error"], answer["pages"]) == (error, [])


@pytest.mark.sane
@pytest.mark.parametrize("source", ["flatbed", "feeder"])
@pytest.mark.parametrize(
    ("status", "error"),
    [
        ("UNSUPPORTED", "unsupported"),
        ("DEVICE_BUSY", "device_busy"),
        ("EOF", "empty_page"),
        ("JAMMED", "paper_jam"),
        ("NO_DOCS", "feeder_empty"),
        ("COVER_OPEN", "cover_open"),
        ("IO_ERROR", "io_error"),
        ("NO_MEM", "out_of_memory"),
        ("ACCESS_DENIED", "access_denied"),
    ],
)
def test_status_of_a_read_ends_the_job(ask: Any, source: str, status: str, error: str) -> None:
    """SANE's statuses come through the library."""
    options = {"read-return-value": f"SANE_STATUS_{status}"}

    answer = ask("scan", settings=AREA | {"paper_source": source, "options": options})

    assert (answer["error"]["error"], answer["pages"], answer["discarded"]) == (error, [], 0)


@pytest.mark.sane
@pytest.mark.parametrize(
    ("settings", "count", "error"),
    [
        pytest.param({"paper_source": "feeder"}, 10, "feeder_empty", id="feeder"),
        pytest.param({"paper_source": "feeder", "max_pages": 3}, 3, None, id="feeder-three"),
        pytest.param({"max_pages": 2}, 2, None, id="flatbed-two"),
        pytest.param({}, 1, None, id="flatbed"),
    ],
)
def test_job_ends_with_its_pages(
    ask: Any, settings: dict[str, Any], count: int, error: str | None
) -> None:
    """A feeder ends as the library says it, a flatbed after its pages."""
    answer = ask("scan", settings=AREA | settings | {"options": PATTERN})

    assert [page["size_px"] for page in answer["pages"]] == [SIZE_PX] * count
    assert all(page["rows"] == answer["pages"][0]["rows"] for page in answer["pages"])
    assert (answer["error"] and answer["error"]["error"]) == error


@pytest.mark.sane
def test_cancel_keeps_the_pages_before_it(ask: Any) -> None:
    """The next sheet is not fed."""
    answer = ask(
        "scan", settings=AREA | {"paper_source": "feeder"}, sink={"cancel_after_rows": 200}
    )

    assert (answer["error"]["error"], len(answer["pages"])) == ("canceled", 1)


@pytest.mark.sane
def test_sigterm_reaches_the_process_after_a_scan(ask: Any) -> None:
    """The backend's reader thread sets SIGTERM to its default, which would kill the worker."""
    answer = ask("scan_and_terminate", settings=AREA)

    assert (len(answer["pages"]), answer["heard"]) == (1, [15])


class _Flags:
    """What pyinsane2 says about an option that can be set and not be read."""

    def is_active(self) -> bool:
        return True

    def is_settable(self) -> bool:
        return True

    def __int__(self) -> int:
        return 1


class _RawOption:
    """An option as pyinsane2 has them; on Windows without a type and a unit."""

    idx, title, capabilities = -1, "", _Flags()

    def __init__(
        self, value: Any, constraint: Any, *, size: int = 4, val_type: int | None = None
    ) -> None:
        self.value, self.constraint = value, constraint
        self.size, self.val_type, self.unit = size, val_type, 0


class _RawScanner:
    def __init__(self, **options: _RawOption) -> None:
        self.options = {name.replace("_", "-"): option for name, option in options.items()}


class _Library(ModuleType):
    PyinsaneException = RuntimeError


def _options_of(scanner: _RawScanner) -> PyinsaneOptions:
    return PyinsaneOptions(_Library("pyinsane2"), lambda: scanner)


def test_options_of_windows_have_values_only() -> None:
    """Types are those of the values, and edges count in pixels."""
    scanner = _RawScanner(
        mode=_RawOption("Color", ["Color", "Gray", "BW"]), br_x=_RawOption(2550, (0, 2550))
    )
    options = _options_of(scanner)

    taken = options.write("mode", "BW")

    edge = options.find("br-x")
    assert (taken.value, scanner.options["mode"].value) == ("BW", "BW")
    assert edge is not None
    assert (edge.kind, edge.unit) == ("int", "px")
    assert edge.choices == Range(minimum=0, maximum=2550, step=0)


def test_strings_fill_the_room_of_their_option() -> None:
    """A backend may write as much as the option has room for, beyond what the library makes."""
    scanner = _RawScanner(mode=_RawOption("Gray", ["Gray", "Color"], size=12, val_type=3))

    _options_of(scanner).write("mode", "Color")

    assert scanner.options["mode"].value == b"Color\0\0\0\0\0\0\0"
