"""`flatbed scan` into one PDF, looked at by qpdf and poppler."""

from __future__ import annotations

import ctypes.util
import shutil
import subprocess
from pathlib import Path

import pikepdf
import pytest

from .home import Home

LIMIT_S = 60


def checked(path: Path) -> None:
    """Let qpdf find nothing wrong with a file."""
    if shutil.which("qpdf") is None:
        pytest.skip("qpdf is not installed (scripts/setup installs it)")
    done = subprocess.run(
        ["qpdf", "--check", str(path)], capture_output=True, timeout=LIMIT_S, check=False
    )
    assert done.returncode == 0, done.stderr


def pictures(path: Path) -> list[tuple[int, int, int, int]]:
    """Width and height in pixels, and horizontal and vertical dpi, of each picture of a file."""
    if shutil.which("pdfimages") is None:
        pytest.skip("pdfimages is not installed (scripts/setup installs poppler-utils)")
    listed = subprocess.check_output(["pdfimages", "-list", str(path)], text=True, timeout=LIMIT_S)
    rows = [line.split() for line in listed.splitlines()[2:]]
    return [(int(row[3]), int(row[4]), int(row[12]), int(row[13])) for row in rows]


def sizes_pt(path: Path) -> list[tuple[float, float]]:
    """Width and height of each page in points."""
    with pikepdf.open(path) as pdf:
        boxes = [[float(side) for side in page.mediabox.as_list()] for page in pdf.pages]
    return [(round(box[2] - box[0], 1), round(box[3] - box[1], 1)) for box in boxes]


def test_scan_of_the_virtual_feeder_makes_one_pdf(home: Home) -> None:
    """Ten A4 pages in their resolution."""
    home.set(ADDONS__PDF__ENABLED=True, ADDONS__VIRTUAL__SHEETS=10)
    done = home.flatbed("scan", "--source", "feeder", "--dpi", "150", "-o", "out.pdf")
    assert (done.code, done.out) == (0, "Saved 10 pages as out.pdf.\n")
    path = home.work / "out.pdf"
    checked(path)
    assert sizes_pt(path) == [(595.2, 841.9)] * 10
    assert pictures(path) == [(1240, 1754, 150, 150)] * 10


def test_black_and_white_goes_into_a_pdf_as_one_bit(home: Home) -> None:
    """By CCITT G4, which loses nothing."""
    home.set(ADDONS__PDF__ENABLED=True)
    scan = ("scan", "--source", "feeder", "--dpi", "200", "--color", "bw", "-o", "out.pdf")
    assert home.flatbed(*scan).code == 0
    with pikepdf.open(home.work / "out.pdf") as pdf:
        found = [image for page in pdf.pages for image in page.get_images().values()]
        assert [image.Filter for image in found] == [pikepdf.Name.CCITTFaxDecode] * 4
        assert [int(image.BitsPerComponent) for image in found] == [1] * 4


@pytest.mark.sane
@pytest.mark.skipif(not ctypes.util.find_library("sane"), reason="needs libsane")
def test_scan_of_a_sane_feeder_makes_one_pdf(home: Home) -> None:
    """Of libsane's test device, which has ten sheets."""
    backends = home.folder / "sane"
    backends.mkdir()
    (backends / "dll.conf").write_text("test\n")
    (backends / "test.conf").write_text("")
    home.environment["SANE_CONFIG_DIR"] = str(backends)
    home.set(ADDONS__VIRTUAL__ENABLED=False, ADDONS__SANE__ENABLED=True, ADDONS__PDF__ENABLED=True)
    scan = ("scan", "--device", "test:0", "--source", "feeder", "--dpi", "100")
    done = home.flatbed(*scan, "-o", "out.pdf")
    assert (done.code, done.out) == (0, "Saved 10 pages as out.pdf.\n")
    path = home.work / "out.pdf"
    checked(path)
    shapes = {(width, height): dpi for width, height, *dpi in pictures(path)}
    assert list(shapes.values()) == [[100, 100]]
    ((width, height),) = shapes
    assert sizes_pt(path) == [(round(width * 0.72, 1), round(height * 0.72, 1))] * 10
