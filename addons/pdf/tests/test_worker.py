"""The add-on as the service runs it: in a worker, with the limits of its manifest."""

from __future__ import annotations

import asyncio
import io
import random
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest
from PIL import Image

from flatbed.addon import PageFile
from flatbed.addon.testing import AddonWorker, LiveService, SamplePages
from flatbed.authoring.bench import Bench
from flatbed.authoring.project import read_project
from flatbed.errors import InvalidInputError, PageCorruptError

PDF = "application/pdf"


def test_file_comes_through_the_worker(worker: AddonWorker, pages: SamplePages) -> None:
    """As a document's content; names that core passes are the manifest's."""
    settings = {"quality": 50, "page_type": 2, "keywords": "a, b", "modified_date": "2026-01-31"}
    stored = worker.save(list(pages.values()), PDF, **settings).file
    assert stored.media_type == PDF
    with pikepdf.open(io.BytesIO(stored.data)) as pdf:
        assert (len(pdf.pages), str(pdf.docinfo["/Keywords"])) == (3, "a, b")


def test_operation_makes_the_same_file(worker: AddonWorker, pages: SamplePages) -> None:
    """`make-pdf`, with the same settings."""
    answer = worker.process("make-pdf", *pages.values(), password="secret", compression=2)
    with pikepdf.open(io.BytesIO(answer.file.data), password="secret") as pdf:
        assert len(pdf.pages) == 3


def test_operation_has_the_settings_of_writing_and_no_others(addon_folder: Path) -> None:
    """They are declared once, for documents; a resolution to read by would be without effect."""
    settings = read_project(addon_folder).addon.manifest.operations["make-pdf"].settings
    assert len(settings) == 18
    assert {"password", "owner_password", "permissions", "quality", "page_type"} <= set(settings)
    assert not {"dpi", "color", "page_range", "region", "forms", "annotations"} & set(settings)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("dpi", 100.0),
        ("permissions", ["read"]),
        ("quality", 101),
        ("compression", 4),
        ("page_type", 10),
        ("version", "3"),
        ("colour", "red"),
    ],
)
def test_operation_refuses_settings_that_cannot_be(
    worker: AddonWorker, pages: SamplePages, name: str, value: object
) -> None:
    """By the manifest, before anything runs."""
    with pytest.raises(InvalidInputError, match=name):
        worker.process("make-pdf", pages["L"], **{name: value})


def test_worker_goes_on_after_a_page_that_is_damaged(
    worker: AddonWorker, pages: SamplePages
) -> None:
    """The error is the page's own, not a crash of the add-on."""
    path = Path(pages["L"].path)
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(PageCorruptError):
        worker.save([pages["RGB"], pages["L"]], PDF)
    assert worker.save([pages["RGB"]], PDF).file.data.startswith(b"%PDF-1.7\n")


def test_environment_names_what_writes_and_reads(worker: AddonWorker) -> None:
    """It is shown on `GET /api/addons`."""
    names = ["pikepdf", "qpdf", "openjpeg", "pdfium"]
    assert list(worker.call("describe_environment")) == names


@pytest.fixture
def own_temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where workers that are started from now on keep temporary files."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    return folder


def test_memory_does_not_grow_with_the_file(
    own_temporary: Path, tmp_path: Path, addon_folder: Path, store_image: Callable[..., PageFile]
) -> None:
    """240 MB of pictures that cannot be made smaller, in less than half as much memory in all; the
    worker leaves no plain file, and nothing in the folder for temporary ones.
    """
    size_px = (2048, 1280)
    page = store_image(Image.frombytes("L", size_px, random.Random(1).randbytes(2048 * 1280)))
    peak_mb, size = asyncio.run(_measure(addon_folder, tmp_path / "worker", [page] * 96))
    assert size > 240 << 20
    assert peak_mb < 120
    assert list(own_temporary.iterdir()) == []


async def _measure(addon: Path, folder: Path, pages: list[PageFile]) -> tuple[float, int]:
    folder.mkdir()
    bench = Bench(read_project(addon).addon, folder)
    try:
        answer = await bench.save(pages, PDF, {"compression": 3})
        (path,) = folder.glob("*/*.file")
        assert b"%PDF" not in path.read_bytes()[:1024]
        return bench.peak_memory_mb() or 0.0, len(answer.file.data)
    finally:
        await bench.close()


def test_document_is_handed_out_as_pdf(service: LiveService) -> None:
    """All the way: scanned, put into a document, asked for over HTTP with the contract's names."""
    document = service.ask("POST", "/storage/documents", {})["uid"]
    source = {"source": service.scan_page()}
    service.ask("POST", f"/storage/documents/{document}/pages", source)
    query = "pageType=2&title=Minutes&keyWords=a&creationDate=D:20260131&password=secret"
    data = service.fetch(f"/storage/documents/{document}/content?{query}")
    with pikepdf.open(io.BytesIO(data), password="secret") as pdf:
        assert {name: str(value) for name, value in pdf.docinfo.items() if name != "/ModDate"} == {
            "/Title": "Minutes",
            "/Keywords": "a",
            "/CreationDate": "D:20260131000000",
            "/Producer": "Flatbed",
        }
        box = [round(float(each)) for each in pdf.pages[0].mediabox]
        assert box == [0, 0, 595, 842]
    kept = service.fetch(f"/storage/documents/{document}/content?standard=pdf/a-2b")
    with pikepdf.open(io.BytesIO(kept)) as pdf, pdf.open_metadata() as metadata:
        assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("2", "B")
