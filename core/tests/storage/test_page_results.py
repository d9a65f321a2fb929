"""What was found on a page: with the page, as secret as it, and gone with it."""

from __future__ import annotations

import pytest

from flatbed.errors import PageCorruptError
from flatbed.storage.documents import Documents
from flatbed.storage.index import Index
from flatbed.storage.page_results import Finding, PageResults

from .desk import ORIGIN, Desk, noise

CODE = Finding(operation="read-barcode", hook="read_barcodes", value=[{"text": "Geheim"}])
TEXT = Finding(operation="read-text", hook="recognize_text", value={"lines": []})


@pytest.fixture
def results(index: Index, desk: Desk) -> PageResults:
    """No findings."""
    return PageResults(index, desk.buffer)


async def test_findings_stand_with_their_page(desk: Desk, results: PageResults) -> None:
    """One of each operation, the last that was kept."""
    one, two = await desk.fill("job", noise(1), noise(2))
    await results.keep(one, TEXT)
    await results.keep(one, Finding(operation="read-barcode", hook="read_barcodes", value=[]))
    await results.keep(one, CODE)
    assert results.of(one) == [CODE, TEXT]
    assert results.of(two) == []


async def test_findings_are_written_in_no_clear(desk: Desk, results: PageResults) -> None:
    """Neither in the index nor in its log."""
    (page,) = await desk.fill("job", noise(1))
    await results.keep(page, CODE)
    written = b"".join(path.read_bytes() for path in desk.folder.glob("index.sqlite*"))
    assert b"read-barcode" in written
    assert b"Geheim" not in written


@pytest.mark.parametrize(
    "change",
    ["UPDATE page_results SET operation = 'read-text'", "UPDATE page_results SET page = '{other}'"],
    ids=["operation", "page"],
)
async def test_findings_of_another_page_do_not_open(
    desk: Desk, results: PageResults, index: Index, change: str
) -> None:
    """They cannot be moved from page to page, nor from operation to operation."""
    one, two = await desk.fill("job", noise(1), noise(2))
    await results.keep(one, CODE)
    await index.write(lambda write: write.execute(change.format(other=two.uid)))
    with pytest.raises(PageCorruptError):
        results.of(two if "page = " in change else one)


async def test_findings_go_when_nobody_has_the_page_any_more(
    desk: Desk, results: PageResults, index: Index
) -> None:
    """A document keeps them when the job is deleted."""
    documents = Documents(index, desk.events, desk.buffer, desk.master_key)
    kept, dropped = await desk.fill("job", noise(1), noise(2))
    for page in (kept, dropped):
        await results.keep(page, CODE)
    document = await documents.create(ORIGIN)
    key = await documents.unlock(document, None)
    document = await documents.insert(document, key, [kept])
    await desk.buffer.delete_job_pages("job")
    await results.drop_orphans()
    original = documents.pages.get(document, key, document.order[0]).original
    assert results.of(original) == [CODE]
    assert len(index.read("SELECT 1 FROM page_results")) == 1
    await documents.delete(document)
    await results.drop_orphans()
    assert index.read("SELECT 1 FROM page_results") == []
