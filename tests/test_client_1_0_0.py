"""The client of the older paths, unmodified from PyPI: only its host is another."""

from __future__ import annotations

from pathlib import Path

import pytest

from .support.bench import NAMES, SHEETS
from .support.foreign import assert_answers_fit, install, routes_of
from .support.pictures import read_picture
from .support.service import LiveService


def test_client_1_0_0_works_whole(
    bench: LiveService, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Every method that it has, on the older paths; it ends at 410 and not by an exception."""
    client = install(request, "1.0.0")
    found, answers = client.run("client_1_0_0", bench.url, tmp_path)
    assert set(NAMES) <= set(found["devices"])
    assert found["sane"] == len(found["devices"])
    assert found["twain"] == []
    files = [found["first_file"], *found["more_files"]]
    pictures = [read_picture((tmp_path / name).read_bytes()) for name in files]
    assert [(each.size_px, each.mode) for each in pictures] == [((310, 437), "RGB")] * SHEETS
    assert len(found["streams"]) == SHEETS
    assert found["streams_of_a_jam"] == 2
    assert found["job_for_nobody"] == ""
    assert_answers_fit(bench.document, answers)
    assert routes_of(bench.document, answers) == {
        ("GET", "/DWTAPI/Scanners"),
        ("POST", "/DWTAPI/ScanJobs"),
        ("GET", "/DWTAPI/ScanJobs/{jobuid}/NextDocument"),
        ("DELETE", "/DWTAPI/ScanJobs/{jobuid}"),
    }
    statuses = sorted({each.status for each in answers})
    assert statuses == [200, 201, 404, 410]
