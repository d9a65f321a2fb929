"""What is to be known of files that were read or made reaches whoever asked."""

from __future__ import annotations

import io
import json

import pikepdf
import pytest

from .support.client import DOCUMENTS, OCTETS, ApiClient
from .support.service import LiveService


@pytest.fixture
def api(plain_service: LiveService) -> ApiClient:
    """A native caller."""
    return plain_service.client()


@pytest.fixture
def document(api: ApiClient) -> str:
    """Where an empty document is."""
    return f"{DOCUMENTS}/{api.make_document()}"


def blank() -> bytes:
    """A PDF of one white page."""
    stream = io.BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page(page_size=(100, 100))
        pdf.save(stream)
    return stream.getvalue()


def test_load_tells_what_was_wrong_with_the_file(api: ApiClient, document: str) -> None:
    """In the answer; a whole file has no warnings there."""
    path = f"{document}/pages"
    whole = api.ask("POST", path, 200, headers=OCTETS, content=blank()).json()
    assert "warnings" not in whole
    cut = blank().rstrip().removesuffix(b"%%EOF")
    answer = api.ask("POST", path, 200, headers=OCTETS, content=cut).json()
    assert answer["warnings"] == [
        "The PDF has no end mark and may be cut short. Look whether all is there."
    ]
    assert len(answer["pages"]) == 2


def test_file_that_is_made_tells_what_it_is_not(
    api: ApiClient, document: str, plain_service: LiveService
) -> None:
    """In a header that web pages can read; a file without fault has none."""
    api.ask("POST", f"{document}/pages", 200, headers=OCTETS, content=blank())
    content = f"{document}/content"
    assert "Flatbed-Warnings" not in api.ask("GET", content, 200).headers
    for kept in plain_service.data.rglob("pages/*/*.file"):
        kept.write_bytes(bytes(kept.stat().st_size))
    answer = api.ask("GET", content, 200)
    assert json.loads(answer.headers["Flatbed-Warnings"]) == [
        "A PDF that pages came from is damaged: these pages are saved as pictures."
    ]
    with pikepdf.open(io.BytesIO(answer.content)) as pdf:
        assert len(pdf.pages) == 1
