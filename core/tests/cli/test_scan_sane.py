"""`flatbed scan` with SANE's test device."""

from __future__ import annotations

import ctypes.util

import pytest
from PIL import Image

from .home import Home

pytestmark = [
    pytest.mark.sane,
    pytest.mark.skipif(not ctypes.util.find_library("sane"), reason="needs libsane"),
]


def test_scan_from_the_feeder_of_a_sane_device(home: Home) -> None:
    """By the name that SANE gives it; it has ten sheets."""
    backends = home.folder / "sane"
    backends.mkdir()
    (backends / "dll.conf").write_text("test\n")
    (backends / "test.conf").write_text("")
    home.environment["SANE_CONFIG_DIR"] = str(backends)
    home.set(ADDONS__VIRTUAL__ENABLED=False, ADDONS__SANE__ENABLED=True)
    scan = ("scan", "--device", "test:0", "--source", "feeder", "--dpi", "75")
    done = home.flatbed(*scan, "-o", "page.jpg")
    assert (done.code, done.out) == (0, "Saved 10 pages as page-001.jpg to page-010.jpg.\n")
    assert done.err.startswith("Scanning with Noname frontend-tester")
    with Image.open(home.work / "page-010.jpg") as image:
        assert (image.format, image.info["dpi"]) == ("JPEG", (75, 75))
