"""What is deleted for its age, and what never is."""

from __future__ import annotations

from typing import Any

import pytest

from flatbed.errors import DocumentNotFoundError, PageNotFoundError
from flatbed.scan import age as age_module
from flatbed.scan import jobs as jobs_module
from flatbed.scan import module as module_module
from flatbed.scan.age import AgeCare, AgeLimits
from flatbed.scan.jobs import ScanJob
from flatbed.storage import document_rows
from flatbed.storage import documents as documents_module
from flatbed.storage.stored_page import StoredPage

from ..made_addons import Gate
from .desk import ScanDesk
from .made_jobs import ORIGIN

DAY_S = 86400
BEGIN = 1_000_000_000.0


class Calendar:
    """The time of day, moved by days."""

    def __init__(self) -> None:
        self.now = BEGIN

    def time(self) -> float:
        """Seconds of Unix time."""
        return self.now


@pytest.fixture
def calendar(monkeypatch: pytest.MonkeyPatch) -> Calendar:
    """The clock of all that has to do with age."""
    made = Calendar()
    modules = (age_module, jobs_module, module_module, document_rows, documents_module)
    for module in modules:
        monkeypatch.setattr(module, "time", made)
    return made


class Years:
    """A desk over which days go by."""

    def __init__(self, desk: ScanDesk, calendar: Calendar) -> None:
        self.desk, self.calendar = desk, calendar
        self.limits = AgeLimits()

    async def scan(self, *steps: list[str], **more: Any) -> ScanJob:
        """A job that has ended, or paused."""
        job = await self.desk.create([*steps] or [["page"]], **more)
        # Stamped by the clock of the machine, which the field has from its class.
        job.created_at = self.calendar.now
        await self.desk.until(job, lambda each: each.status in ("completed", "paused", "faulted"))
        await self.desk.stands(job, job.status)
        return job

    async def after(self, days: float) -> list[str]:
        """The jobs that are there after a look some days later."""
        self.calendar.now += days * DAY_S
        await self.look()
        return [job.uid for job in self.desk.module.jobs()]

    async def look(self) -> None:
        """A look, as the service takes one every hour."""
        care = AgeCare(self.desk.module, self.desk.documents, self.desk.index, self.limits)
        await care.look()

    def page(self, job: ScanJob) -> StoredPage:
        """The one page of a job."""
        (page,) = self.desk.buffer.pages_of(job.uid)
        return page


@pytest.fixture
def years(desk: ScanDesk, calendar: Calendar) -> Years:
    """A desk with a calendar."""
    return Years(desk, calendar)


async def test_ended_job_that_nobody_asks_for_is_deleted(years: Years) -> None:
    """After thirty days, with its page."""
    job = await years.scan()
    page = years.page(job)
    assert await years.after(30) == [job.uid]
    assert await years.after(0.1) == []
    with pytest.raises(PageNotFoundError):
        years.desk.buffer.get(page.uid, origin=None)
    assert list((years.desk.folder / "pages").rglob("*.page")) == []


async def test_page_that_a_document_has_outlives_its_job(years: Years) -> None:
    """Nobody's document loses a page by age."""
    job = await years.scan()
    documents = years.desk.documents
    document = await documents.create(ORIGIN)
    key = await documents.unlock(document, None)
    kept = await documents.insert(document, key, [years.page(job)])
    assert await years.after(31) == []
    found = documents.pages.get(kept, key, kept.order[0])
    with years.desk.buffer.open(found.original) as reader:
        assert b"".join(reader)[1:4] == b"PNG"


async def test_job_that_is_asked_for_now_and_then_is_kept(years: Years) -> None:
    """The count begins anew each time."""
    job = await years.scan()
    await years.after(20)
    years.desk.module.get(job.uid, origin=ORIGIN)
    assert await years.after(20) == [job.uid]
    assert await years.after(11) == []


async def test_job_that_a_stranger_asks_for_grows_older(years: Years) -> None:
    """To them it is not there."""
    job = await years.scan()
    await years.after(20)
    with pytest.raises(Exception, match="no such job"):
        years.desk.module.get(job.uid, origin="https://other.example")
    assert await years.after(11) == []


async def test_use_of_a_job_is_remembered_over_a_restart(years: Years) -> None:
    """It is written down at the next look, and only once."""
    job = await years.scan()
    await years.after(20)
    years.desk.module.get(job.uid, origin=ORIGIN)
    await years.look()
    assert years.desk.module.touched == {}
    await years.desk.restart()
    assert await years.after(20) == [job.uid]
    assert await years.after(11) == []
    assert years.desk.index.read("SELECT * FROM touched") == []


async def test_faulted_job_is_deleted_as_a_completed_one(years: Years) -> None:
    """It has ended, too."""
    job = await years.scan(["raise", "PaperJamError"])
    assert job.status == "faulted"
    assert await years.after(31) == []


async def test_job_that_has_not_ended_is_never_too_old(years: Years, gate: Gate) -> None:
    """Pending, running and paused ones have paper or a person waiting."""
    paused = await years.scan(["page"], ["raise", "PaperJamError"], onFault="pause")
    assert paused.status == "paused"
    assert await years.after(1000) == [paused.uid]
    await years.desk.module.delete(paused)
    running = await years.desk.create([["gate", str(gate.path)], ["page"]])
    await gate.reached()
    assert await years.after(1000) == [running.uid]
    gate.open()
    await years.desk.settled(running)
    await years.desk.module.delete(running)
    pending = await years.desk.create(autoRun=False)
    assert await years.after(1000) == [pending.uid]


async def test_jobs_are_kept_for_ever_where_that_is_set(years: Years) -> None:
    """0 means it."""
    years.limits = AgeLimits(jobs_s=0)
    job = await years.scan()
    assert await years.after(10_000) == [job.uid]


async def test_document_is_kept_for_ever(years: Years) -> None:
    """By default; whoever made it wanted to keep its pages."""
    document = await years.desk.documents.create(ORIGIN)
    await years.after(10_000)
    assert years.desk.documents.get(document.uid, origin=ORIGIN) == document


async def test_document_that_nobody_changes_is_deleted_where_that_is_set(years: Years) -> None:
    """From its last change, not from its making."""
    years.limits = AgeLimits(documents_s=365 * DAY_S)
    documents = years.desk.documents
    old, changed = await documents.create(ORIGIN), await documents.create(ORIGIN)
    await years.after(300)
    await documents.set_metadata(changed, "1")
    await years.after(66)
    documents.get(changed.uid, origin=ORIGIN)
    with pytest.raises(DocumentNotFoundError):
        documents.get(old.uid, origin=ORIGIN)
    told = years.desk.events.after(0, origin=ORIGIN)
    assert (told[-1].type, told[-1].subject) == ("document.deleted", old.uid)
