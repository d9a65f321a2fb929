"""The examples of the documents, run as they stand there."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import httpx
import pikepdf
import pytest
from PIL import Image

from flatbed.runtime.manifest import read_manifest

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


def test_readme_keeps_documents_and_converts_files(make_service: MakeService, desk: Path) -> None:
    """Listed, exported; a PDF as TIFF; and a look whether all is well."""
    api = (service := make_service()).client()
    letter = desk / "letter.pdf"
    with pikepdf.new() as pdf:
        pdf.add_blank_page(page_size=(144, 72))
        pdf.save(letter)
    api.load(api.make_document(name="NAME"), letter.read_bytes())
    assert "NAME" in run(examples("README.md", "A first scan")[2], service, desk)
    sizes = [Image.open(desk / name).size for name in ("letters.tiff", "letter.tiff")]
    assert sizes == [(400, 200), (400, 200)]


def test_readme_tells_of_add_ons(make_service: MakeService, desk: Path) -> None:
    """Those that are there, and one of them."""
    printed = run(examples("README.md", "A first scan")[3], make_service(), desk)
    assert "read-barcode" in printed


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


def test_http_api_edits_a_page(make_service: MakeService, desk: Path) -> None:
    """The chapter's page: out of a file, cut and turned, back and forth."""
    (editing,) = examples("docs/http-api.md", "Pages and edits")
    answers = run(editing, make_service(), desk).replace(" ", "")
    assert answers.endswith('"edits":[{"op":"crop","box":[0,0,16,8]},{"op":"rotate","angle":90}]}')
    with Image.open(desk / "turned.png") as turned:
        assert turned.size == (8, 16)
    assert (desk / "small.jpg").read_bytes().startswith(b"\xff\xd8")


def test_http_api_processes_a_page(make_service: MakeService, desk: Path) -> None:
    """The chapter's operations: one makes a page, one a file."""
    (processing,) = examples("docs/http-api.md", "Processing")
    answers = run(processing, make_service(), desk)
    assert '{"result":false}{"pages":[{' in answers
    with Image.open(desk / "small.png") as small:
        assert small.width == 200


def test_http_api_processes_pages_while_its_caller_waits(
    make_service: MakeService, desk: Path
) -> None:
    """The chapter's job: two pages, and their answer in order."""
    (processing,) = examples("docs/http-api.md", "Long operations")
    answer = json.loads(run(processing, make_service(ADDONS__VIRTUAL__SHEETS=2), desk))
    assert [each["result"] for each in answer["pages"]] == [{"result": False}] * 2


def test_http_api_starts_once(make_service: MakeService, desk: Path) -> None:
    """The chapter's scan, sent twice: one job, one sheet."""
    service = make_service(ADDONS__VIRTUAL__SHEETS=3)
    (starting,) = examples("docs/http-api.md", "Starting once")
    run(starting, service, desk)
    assert (desk / "page.png").read_bytes().startswith(b"\x89PNG")
    assert len(service.stored_jobs()) == 1


def test_http_api_lets_a_page_in(make_service: MakeService, desk: Path) -> None:
    """The chapter's page: it asks, is let in, scans, and is let in no more."""
    service = make_service()
    (asking,) = examples("docs/http-api.md", "Who may call")
    answers = run(asking, service, desk)
    assert answers.count('"status":"granted"') == 2
    assert '"name":"Flatbed virtual scanner"' in answers
    assert '"origin":"https://scan.example","state":"always","name":"Invoices"' in answers
    assert service.client().get("/api/origins").json() == []


def test_command_line_decides_about_websites(make_service: MakeService, desk: Path) -> None:
    """The chapter's websites: one is left that may scan, and one that may not."""
    service = make_service()
    (commands,) = examples("docs/command-line.md", "Websites")
    assert "https://scan.example has to ask again." in run(commands, service, desk)
    left = {each["origin"]: each["state"] for each in service.client().get("/api/origins").json()}
    assert left == {"http://localhost:8080": "always", "https://pushy.example": "blocked"}


def test_http_api_scans_into_a_document(make_service: MakeService, desk: Path) -> None:
    """The chapter's invoice: its first page is there as soon as it is scanned."""
    (scanning,) = examples("docs/http-api.md", "Scanning into a document")
    answer = json.loads(run(scanning, make_service(ADDONS__VIRTUAL__SHEETS=2), desk))
    assert answer["name"] == "Invoice"
    assert len(answer["pages"]) >= 1
    assert (desk / "first.png").read_bytes().startswith(b"\x89PNG")


def test_http_api_chooses_add_ons(make_service: MakeService, desk: Path) -> None:
    """The chapter's page, read twice: by a session's add-ons and by a header's."""
    (choosing,) = examples("docs/http-api.md", "Add-ons")
    answers = run(choosing, make_service(ADDONS__VIRTUAL__SHEETS=5), desk)
    assert answers.count('"barcodeText":"FLB0048221077359016"') == 2
    assert '"name":"barcode"' in answers


def test_command_line_keeps_documents(make_service: MakeService, desk: Path) -> None:
    """The chapter's letters: listed, shown, written to a file, deleted."""
    service = make_service(ADDONS__VIRTUAL__SHEETS=2)
    filling = examples("docs/http-api.md", "Scanning into a document")[0]
    run(filling.replace("Invoice", "Letters") + "sleep 2\n", service, desk)
    (commands,) = examples("docs/command-line.md", "Documents")
    assert "Letters" in run(commands, service, desk)
    with Image.open(desk / "letters.tiff") as letters:
        assert letters.n_frames == 2  # type: ignore[attr-defined]
    assert httpx.get(f"{service.url}/api/storage/documents").json() == []


def test_http_api_names_every_edit() -> None:
    """And every setting of each."""
    chapter = (ROOT / "docs/http-api.md").read_text("utf-8").split("## Pages and edits")[1]
    manifest = read_manifest(ROOT / "core/src/flatbed/builtin/imaging")
    names = {name for op, edit in manifest.edits.items() for name in (op, *edit.settings)}
    assert [name for name in sorted(names) if f"`{name}`" not in chapter] == []


def test_http_api_checks_what_is_stored(make_service: MakeService, desk: Path) -> None:
    """The chapter's check of an empty buffer."""
    (check,) = examples("docs/http-api.md", "Is everything there")
    report = json.loads(run(check, make_service(), desk))
    assert (report["isDeep"], report["pages"], report["damaged"]) == (True, 0, [])


def test_http_api_names_every_path(make_service: MakeService) -> None:
    """No route of the interface is without a word in its document."""
    text = (ROOT / "docs/http-api.md").read_text("utf-8")
    last_parts = {path.rsplit("/", 1)[-1] for path in make_service().document["paths"]}
    assert [part for part in last_parts if "{" not in part and part not in text] == []
