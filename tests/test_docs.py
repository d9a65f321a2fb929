"""The examples of the documents, run as they stand there."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import MakeService
from .support.service import LiveService

ROOT = Path(__file__).parents[1]
_BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_LIMIT_S = 60


def examples(document: str, heading: str) -> list[str]:
    """The shell examples of one chapter of a document."""
    text = (ROOT / document).read_text("utf-8")
    chapter = text.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    return [str(block) for block in _BLOCK.findall(chapter)]


def run(example: str, service: LiveService, folder: Path) -> str:
    """Run an example against a service, in an empty folder; what it printed."""
    own = example.replace(":18622", f":{service.port}").replace(".venv/bin/", "")
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "FLATBED_DATA_DIR": str(service.data),
    }
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", own],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=_LIMIT_S,
        check=False,
    )
    assert done.returncode == 0, (own, done.stdout, done.stderr)
    return done.stdout


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """An empty folder to scan into."""
    folder = tmp_path / "desk"
    folder.mkdir()
    return folder


def test_readme_scans_by_command_line(make_service: MakeService, desk: Path) -> None:
    """One page from the glass, every sheet of the feeder, all of them in one TIFF."""
    service = make_service(ADDONS__VIRTUAL__SHEETS=2)
    commands = examples("README.md", "A first scan")[0]
    assert "Flatbed virtual scanner" in run(commands, service, desk)
    assert sorted(path.name for path in desk.iterdir()) == [
        "all.tiff",
        "page.jpg",
        "sheet-001.jpg",
        "sheet-002.jpg",
    ]


def test_readme_scans_by_http(make_service: MakeService, desk: Path) -> None:
    """The list, a job, and its first page."""
    service = make_service(ADDONS__VIRTUAL__SHEETS=2)
    base, listing, creation, fetching = examples("README.md", "A first scan")[1].splitlines()
    assert "Flatbed virtual scanner" in run(f"{base}\n{listing}", service, desk)
    job = json.loads(run(f"{base}\n{creation}", service, desk))["jobuid"]
    run(f"{base}\n{fetching.replace('JOBUID', job)}", service, desk)
    assert (desk / "page.jpg").read_bytes().startswith(b"\xff\xd8")


def test_http_api_scans(make_service: MakeService, desk: Path) -> None:
    """The chapter's scan from its creation to its deletion."""
    service = make_service(ADDONS__VIRTUAL__SHEETS=3)
    (scan,) = examples("docs/http-api.md", "A scan")
    assert '"pages":' in run(scan, service, desk)
    assert (desk / "page-1.png").read_bytes().startswith(b"\x89PNG")
    assert (desk / "page-2.jpg").read_bytes().startswith(b"\xff\xd8")


def test_http_api_keeps_a_document(make_service: MakeService, desk: Path) -> None:
    """The chapter's document: a page in, out, in again, and out as a file."""
    service = make_service(ADDONS__VIRTUAL__SHEETS=1)
    (keeping,) = examples("docs/http-api.md", "Documents")
    assert '"canRedo":true' in run(keeping, service, desk).replace(" ", "")
    assert (desk / "letters.tiff").read_bytes()[:2] in (b"II", b"MM")


def test_http_api_names_every_path(make_service: MakeService) -> None:
    """No route of the interface is without a word in its document."""
    text = (ROOT / "docs/http-api.md").read_text("utf-8")
    last_parts = {path.rsplit("/", 1)[-1] for path in make_service().document["paths"]}
    assert [part for part in last_parts if "{" not in part and part not in text] == []
