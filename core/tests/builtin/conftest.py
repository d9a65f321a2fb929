"""Fixtures of the tests of SANE's drivers."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from .sane_bench import SaneBench


@pytest.fixture
def sane_bench(tmp_path: Path) -> SaneBench:
    """SANE's test backend; the test is skipped where SANE is not installed."""
    if shutil.which("scanimage") is None:
        pytest.skip("scanimage and libsane are not installed (apt install sane-utils)")
    return SaneBench(tmp_path)
