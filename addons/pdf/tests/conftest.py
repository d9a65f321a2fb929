"""Stored pages of every kind, and the hook with everything in memory."""

from __future__ import annotations

import io
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from PIL import Image

import flatbed_pdf
from flatbed.addon import PageFile, StoredFile
from flatbed.addon.frames import new_key
from flatbed.addon.testing import Answer, MakePage, MemorySink
from flatbed.addon.types import Bits, Mode
from flatbed.runtime.manifest import read_manifest
from flatbed.runtime.sink import Spool, SpoolSink
from flatbed.runtime.watch import CallWatch

Settings = dict[str, Any]


@pytest.fixture
def defaults() -> Settings:
    """What the core hands over where nothing was asked for."""
    documents = read_manifest(Path(flatbed_pdf.__file__).parent).documents
    assert documents is not None
    filled = {name: setting.default for name, setting in documents.settings.items()}
    return filled | {"media_type": "application/pdf"}


@pytest.fixture
def save(defaults: Settings) -> Callable[..., bytes]:
    """The file of pages, by settings."""

    def save(pages: Sequence[PageFile], **settings: Any) -> bytes:
        out = MemorySink()
        flatbed_pdf.save_document(pages=pages, settings=defaults | settings, out=out)
        ((media_type, data),) = out.files
        assert media_type == "application/pdf"
        return data

    return save


@pytest.fixture
def load(defaults: Settings, make_page: MakePage) -> Callable[..., MemorySink]:
    """What a file becomes, by settings."""

    def load(data: bytes, out: MemorySink | None = None, **settings: Any) -> MemorySink:
        out = out or MemorySink()
        file: StoredFile = make_page.file(data)
        flatbed_pdf.load_document(file=file, settings=defaults | settings, out=out)
        return out

    return load


@pytest.fixture
def open_pdf(save: Callable[..., bytes]) -> Iterator[Callable[..., pikepdf.Pdf]]:
    """The opened and checked file of pages, by settings."""
    opened: list[pikepdf.Pdf] = []

    def open_pdf(pages: Sequence[PageFile], **settings: Any) -> pikepdf.Pdf:
        data = save(pages, **settings)
        pdf = pikepdf.open(io.BytesIO(data), password=settings.get("password", ""))
        assert pdf.check_pdf_syntax() == []
        opened.append(pdf)
        return pdf

    yield open_pdf
    for each in opened:
        each.close()


@pytest.fixture
def store(tmp_path: Path) -> Callable[..., PageFile]:
    """A stored page of raw rows, by size, dpi, mode and bits."""
    folder, key = tmp_path / "stored", new_key()
    folder.mkdir()

    def store(
        rows: bytes, size_px: tuple[int, int], mode: Mode, bits: Bits, dpi: Any = (100, 100)
    ) -> PageFile:
        entries: list[dict[str, Any]] = []
        sink = SpoolSink(Spool(folder=folder, key=key), CallWatch(), entries.append)
        with sink.new_page(size_px=size_px, dpi=dpi, mode=mode, bits=bits) as page:
            page.write_rows(rows)
        sink.close()
        return Answer.of(None, entries, folder, key).page

    return store


@pytest.fixture
def store_image(store: Callable[..., PageFile]) -> Callable[..., PageFile]:
    """A stored page of a Pillow image."""

    def store_image(image: Image.Image, dpi: Any = (100, 100)) -> PageFile:
        bits = 1 if image.mode == "1" else 8
        return store(image.tobytes(), image.size, image.mode, bits, dpi)

    return store_image


@pytest.fixture
def run_tool() -> Callable[..., str]:
    """What a program of another maker prints; the test is skipped where it is not installed."""

    def run_tool(package: str, *command: str) -> str:
        if shutil.which(command[0]) is None:
            pytest.skip(f"{command[0]} is not installed (apt install {package})")
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run_tool
