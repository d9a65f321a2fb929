"""The hook, as the service calls it, and in a real worker."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from flatbed.addon.testing import AddonWorker, MakePage
from flatbed.errors import InvalidInputError
from flatbed.runtime.manifest import read_manifest
from flatbed_barcode import describe_environment, read_barcodes

from . import drawn

FOLDER = Path(__file__).parents[1] / "src" / "flatbed_barcode"


def test_settings_of_the_hook(make_page: MakePage) -> None:
    """Formats, a region, and how many."""
    page = drawn.put(drawn.sheet(), drawn.symbol("QRCode", "one"), (300, 300))
    page = drawn.put(page, drawn.symbol("Code128", "two"), (300, 900))
    stored = make_page(page, dpi=200)
    assert [each.text for each in read_barcodes(stored, {})] == ["one", "two"]
    assert [each.text for each in read_barcodes(stored, {"most": 1})] == ["one"]
    assert [each.text for each in read_barcodes(stored, {"formats": ["Code 128"]})] == ["two"]
    (found,) = read_barcodes(stored, {"region": [0, 800, 1600, 1400], "effort": "speed"})
    assert found.text == "two"
    assert 300 <= found.corners[0][0] <= 360
    assert 890 <= found.corners[0][1] <= 910


@pytest.mark.parametrize(
    "settings", [{"formats": ["EAN-99"]}, {"region": [1, 2]}, {"region": [9, 9, 9, 9]}]
)
def test_settings_that_mean_nothing_are_an_error(
    make_page: MakePage, settings: dict[str, list[str]]
) -> None:
    """With a sentence that says what would."""
    with pytest.raises(InvalidInputError):
        read_barcodes(make_page(drawn.sheet(50), dpi=50), settings)


def test_manifest_declares_both_operations() -> None:
    """Read without importing the add-on."""
    manifest = read_manifest(FOLDER)
    assert {name: each.hook for name, each in manifest.operations.items()} == {
        "read-barcode": "read_barcodes",
        "split-document": "find_separator",
    }
    assert manifest.operations["read-barcode"].shorthand == "effort"


def test_environment_names_both_readers() -> None:
    """Versions, or that one is missing."""
    found = describe_environment()
    assert set(found) == {"zxing-cpp", "zbar"}
    assert found["zxing-cpp"].startswith("3.")


def test_import_of_the_add_on_brings_no_reader() -> None:
    """A worker must start at once; what is slow comes with the first page."""
    code = "import sys, flatbed_barcode; print(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert not loaded & {"zxingcpp", "pyzbar", "PIL", "numpy", "cv2"}


def test_worker_reads_a_page(worker: AddonWorker, make_page: MakePage) -> None:
    """The whole way: an encrypted page, the manifest's settings, a process of its own."""
    page = drawn.put(drawn.text_sheet(), drawn.symbol("PDF417", "worker", 4), (300, 1950))
    (found,) = worker.process("read-barcode", make_page(page, dpi=200)).value
    assert (found["format"], found["text"]) == ("PDF417", "worker")
    assert found["raw"] == b"worker".hex()


def test_worker_answers_what_is_wrong(worker: AddonWorker, make_page: MakePage) -> None:
    """An error of the caller is no crash."""
    page = make_page(drawn.sheet(50), dpi=50)
    with pytest.raises(InvalidInputError, match="EAN-99"):
        worker.process("read-barcode", page, formats=["EAN-99"])
