"""The way of scanned pages to where their job wants them, also where it is cut off."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import pytest
from PIL import Image

from flatbed.errors import (
    DiskFullError,
    DocumentNotFoundError,
    PageNotFoundError,
    ScannerHeldError,
)
from flatbed.scan.jobs import ScanJob
from flatbed.storage.document import Document

from .desk import ScanDesk
from .made_jobs import ORIGIN


def pages(*values: int) -> list[list[Any]]:
    """Steps that feed sheets of these values."""
    return [["page", value] for value in values]


async def filled(desk: ScanDesk, document: Document, *, password: str | None = None) -> list[int]:
    """The values of the pages of a document."""
    document = desk.documents.get(document.uid, origin=ORIGIN)
    key = await desk.documents.unlock(document, password)
    found = []
    for uid in document.order:
        page = desk.documents.pages.get(document, key, uid)
        with desk.buffer.open(page.original) as reader:
            found.append(Image.open(io.BytesIO(b"".join(reader))).tobytes()[0])
    return found


def full(patch: pytest.MonkeyPatch, desk: ScanDesk) -> None:
    """Let the disk be full whenever a page is put into a document."""

    async def place(*_: object, **__: object) -> None:
        raise DiskFullError

    patch.setattr(desk.documents, "place", place)


async def in_events(desk: ScanDesk, job: ScanJob) -> Sequence[str]:
    """The pages of a job that were told."""
    told = desk.events.after(0, origin=ORIGIN)
    return [each.data["page"] for each in told if each.type == "page.added"]


async def test_pages_are_told_once_they_are_where_they_belong(desk: ScanDesk) -> None:
    """Not when they are in the buffer, and each once."""
    document = await desk.documents.create(ORIGIN)
    job = await desk.create(pages(10, 20, 30), document=document.uid)
    assert await desk.settled(job) == "completed"
    assert await filled(desk, document) == [10, 20, 30]
    assert len(await in_events(desk, job)) == 3
    assert job.warnings == []


async def test_page_that_nobody_can_look_at_stays_as_it_was_scanned(desk: ScanDesk) -> None:
    """No add-on is here that could: the job says so, and hands its pages out."""
    job = await desk.create(pages(10, 20), config={"SkipBlankPages": True})
    assert await desk.settled(job) == "completed"
    assert desk.pixels(job) == [10, 20]
    assert len(job.warnings) == 2
    assert job.warnings[0].startswith(
        "Page 1 stays as it was scanned: No installed add-on does 'inspect-page'."
    )


async def test_full_disk_on_the_way_loses_and_doubles_nothing(
    desk: ScanDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pages are safe in the buffer, unseen; with room again they are put in."""
    document = await desk.documents.create(ORIGIN)
    with monkeypatch.context() as patch:
        full(patch, desk)
        job = await desk.create(pages(10, 20), document=document.uid)
        assert await desk.settled(job) == "faulted"
        assert job.error is not None
        assert job.error["error"] == "disk_full"
        await desk.module.catch_up()
        assert (desk.pixels(job), await filled(desk, document)) == ([], [])
    await desk.module.catch_up()
    scanned = len(desk.paper.notes("fed"))
    assert await filled(desk, document) == [10, 20][:scanned]
    assert desk.pixels(job) == [10, 20][:scanned]
    await desk.module.catch_up()
    assert len(await in_events(desk, job)) == scanned


async def test_service_that_ended_on_the_way_goes_on_after_its_restart(
    desk: ScanDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was in the buffer and in no document yet is put in, once."""
    document = await desk.documents.create(ORIGIN)
    with monkeypatch.context() as patch:
        full(patch, desk)
        job = await desk.create(pages(10, 20), pages(30), document=document.uid, onFault="pause")
        await desk.stands(job, "paused")
    await desk.restart()
    job = desk.module.get(job.uid, origin=ORIGIN)
    await desk.module.change_status(job, "running")
    assert await desk.settled(job) == "completed"
    scanned = len(desk.paper.notes("fed"))
    assert await filled(desk, document) == [*[10, 20][: scanned - 1], 30]


async def test_pages_for_a_locked_document_stay_with_the_job_after_a_restart(
    desk: ScanDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The password was with the main process that is gone; the pages are not lost."""
    document = await desk.documents.create(ORIGIN, password="secret")
    with monkeypatch.context() as patch:
        full(patch, desk)
        job = await desk.module.create(
            desk.request(pages(10), [], document=document.uid, onFault="pause"),
            origin=ORIGIN,
            password="secret",
        )
        await desk.stands(job, "paused")
    await desk.restart()
    job = desk.module.get(job.uid, origin=ORIGIN)
    await desk.module.change_status(job, "running")
    await desk.settled(job)
    assert desk.pixels(job) == [10]
    assert await filled(desk, document, password="secret") == []
    assert "The document has a password" in job.warnings[0]


async def test_document_that_was_made_for_a_job_goes_with_it(desk: ScanDesk) -> None:
    """Also when the job never comes to be."""
    job = await desk.create(pages(10), config={"Deskew": True})
    await desk.settled(job)
    assert job.document is not None
    assert desk.documents.has(job.document)
    with pytest.raises(ScannerHeldError):
        held = await desk.create(pages(20), autoRun=False)
        await desk.create(pages(10), config={"Deskew": True})
    assert len(desk.documents.list(ORIGIN)) == 1
    await desk.module.delete(held)
    await desk.module.delete(job)
    assert desk.documents.list(ORIGIN) == []
    with pytest.raises(DocumentNotFoundError):
        desk.documents.get(job.document, origin=ORIGIN)


async def test_key_of_a_document_goes_with_the_last_job_that_scans_into_it(desk: ScanDesk) -> None:
    """Not before: the jobs hand their pages out by it; and a refused job leaves none."""
    document = await desk.documents.create(ORIGIN, password="word")
    into: dict[str, Any] = {"document": document.uid}
    jobs = []
    for value in (10, 20):
        request = desk.request(pages(value), **into)
        job = await desk.module.create(request, origin=ORIGIN, password="word")
        await desk.settled(job)
        jobs.append(job)
    bad = desk.request(pages(30), **into, replace="none")
    with pytest.raises(PageNotFoundError):
        await desk.module.create(bad, origin=ORIGIN, password="word")
    await desk.module.delete(jobs[0])
    assert set(desk.module.finisher._keys) == {document.uid}
    await desk.module.delete(jobs[1])
    assert desk.module.finisher._keys == {}
