"""The audit: one line for each job at its end, whatever happens, and no harm to the scan."""

from __future__ import annotations

import asyncio
import errno
import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from flatbed import system
from flatbed.scan.audit import AuditLog
from flatbed.scan.jobs import ScanJob
from flatbed.scan.runner import ScanRun
from flatbed.storage.index import Change

from ..made_addons import LIMIT_S, Gate
from .desk import ScanDesk
from .made_jobs import made_job

END = 1_790_000_000.25


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the lines go."""
    return tmp_path / "audit.jsonl"


def ended_job(number: int = 0, **changes: Any) -> ScanJob:
    """A job that was scanned."""
    job = made_job(f"{number:032x}", **changes)
    job.move_to("running")
    job.move_to("completed")
    job.finished_at = END
    return job


def lines(path: Path) -> list[dict[str, Any]]:
    """What was written, each line whole."""
    text = path.read_text()
    assert text.endswith("\n")
    return [json.loads(line) for line in text.splitlines()]


def jobs(path: Path) -> list[int]:
    """The numbers of the jobs that have lines."""
    return [int(line["job"], 16) for line in lines(path)]


async def test_line_of_a_job_says_who_scanned_where_and_how_much(path: Path) -> None:
    """And nothing of what was scanned."""
    await AuditLog(path).note(ended_job(7), pages=3)
    assert lines(path) == [
        {
            "time": "2026-09-21T14:13:20.250+00:00",
            "user": system.own_user_name(),
            "origin": "https://scan.example",
            "device": "Office",
            "pages": 3,
            "status": "completed",
            "job": "00000000000000000000000000000007",
        }
    ]
    assert path.stat().st_mode & 0o777 == 0o600


async def test_line_of_a_subject_names_its_origin_alone(path: Path) -> None:
    """Who that is, is the website's business."""
    job = ended_job(origin="https://scan.example#c918378ba85af14187d64d1ce30255a6")
    await AuditLog(path).note(job, pages=1)
    assert lines(path)[0]["origin"] == "https://scan.example"
    assert b"c918" not in path.read_bytes()


async def test_job_has_one_line_however_often_it_is_noted(path: Path) -> None:
    """Cancelled, settled, deleted: it ends once."""
    audit, job = AuditLog(path), ended_job()
    await asyncio.gather(*(audit.note(job, pages=1) for _ in range(5)))
    assert jobs(path) == [0]


async def test_job_that_was_never_started_has_no_line(path: Path) -> None:
    """Nothing was scanned."""
    job = made_job()
    job.move_to("canceled")
    await AuditLog(path).note(job, pages=0)
    assert not path.exists()


async def test_job_of_a_killed_process_has_its_line_once(path: Path) -> None:
    """Whether that process came to write it or not."""
    written, missing = ended_job(1, created_at=1.0), ended_job(2, created_at=1.0)
    await AuditLog(path).note(written, pages=1)
    after = AuditLog(path)
    for job in (written, missing):
        await after.note(job, pages=1)
    assert jobs(path) == [1, 2]


async def test_line_that_was_set_aside_is_found_again(path: Path) -> None:
    """The line of a killed process can stand in any of the files."""
    jobs_of_before = [ended_job(number, created_at=1.0) for number in range(4)]
    before = AuditLog(path, file_bytes=300)
    for job in jobs_of_before:
        await before.note(job, pages=1)
    after = AuditLog(path, file_bytes=300)
    for job in jobs_of_before:
        await after.note(job, pages=1)
    assert [jobs(each) for each in sorted(path.parent.iterdir())] == [[3], [2], [1], [0]]


@pytest.mark.parametrize("torn", [b'{"time": "2026', b'{"job": "1"}\n{"ti', b"\0" * 70_000])
async def test_torn_line_is_cut_off(torn: bytes, path: Path) -> None:
    """Every line can be read, after a power cut too; those before it stay."""
    path.write_bytes(torn)
    await AuditLog(path).note(ended_job(5), pages=1)
    assert jobs(path)[-1:] == [5]
    assert len(lines(path)) == torn.count(b"\n") + 1


async def test_files_are_kept_small_and_few(path: Path, tmp_path: Path) -> None:
    """Five of them, the oldest lines go; each for its user alone."""
    await AuditLog(tmp_path / "one").note(ended_job(), pages=1)
    line = (tmp_path / "one").stat().st_size
    (tmp_path / "one").unlink()
    audit = AuditLog(path, file_bytes=2 * line + 1)
    for number in range(30):
        await audit.note(ended_job(number), pages=1)
    files = sorted(path.parent.iterdir())
    assert [each.name for each in files] == [
        "audit.jsonl",
        *(f"audit.jsonl.{number}" for number in (1, 2, 3, 4)),
    ]
    found = [number for each in reversed(files) for number in jobs(each)]
    assert found == list(range(20, 30))
    assert {each.stat().st_size for each in files} == {2 * line}
    assert {each.stat().st_mode & 0o777 for each in files} == {0o600}


async def test_line_is_on_the_disk_before_the_note_returns(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its bytes, and the name of a new file."""
    synced: list[str] = []
    real = os.fsync

    def fsync(file: int) -> None:
        synced.append(Path(f"/proc/self/fd/{file}").readlink().name)
        real(file)

    monkeypatch.setattr(os, "fsync", fsync)
    audit = AuditLog(path)
    for number in range(2):
        await audit.note(ended_job(number), pages=1)
    assert synced == ["audit.jsonl", path.parent.name, "audit.jsonl"]


async def test_lines_that_a_full_disk_does_not_take_come_later(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In their order, whole, and without a word to the scan."""
    audit = AuditLog(path)
    await audit.note(ended_job(1), pages=1)
    real = os.write

    def write(file: int, data: bytes) -> int:
        real(file, bytes(data[:20]))
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr(os, "write", write)
        await audit.note(ended_job(2), pages=1)
        await audit.note(ended_job(3), pages=1)
    assert jobs(path) == [1]
    await audit.note(ended_job(4), pages=1)
    assert jobs(path) == [1, 2, 3, 4]


async def test_line_that_cannot_be_written_is_told_in_the_log(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A link in the place of the file is not followed."""
    path.symlink_to(path.parent / "elsewhere")
    await AuditLog(path).note(ended_job(), pages=1)
    assert "audit line waits" in capsys.readouterr().out
    assert not (path.parent / "elsewhere").exists()


async def test_short_writes_make_whole_lines(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As where a quota is near."""
    real = os.write
    monkeypatch.setattr(os, "write", lambda file, data: real(file, bytes(data[:7])))
    await AuditLog(path).note(ended_job(9), pages=1)
    assert jobs(path) == [9]


async def test_job_whose_end_was_not_saved_has_one_line(
    desk: ScanDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cut off between its line and the index, it is taken up, and ends as it did."""
    is_at_its_end = asyncio.Event()
    real = desk.store.save

    async def save(job: ScanJob, *note: Change) -> None:
        if job.has_ended:
            is_at_its_end.set()
            await asyncio.Event().wait()
        await real(job, *note)

    monkeypatch.setattr(desk.store, "save", save)
    await desk.create([["page"]])
    async with asyncio.timeout(LIMIT_S):
        await is_at_its_end.wait()
    assert [line["status"] for line in lines(desk.folder / "audit.jsonl")] == ["completed"]
    await desk.restart()
    (again,) = desk.module.jobs()
    assert await desk.settled(again) == "completed"
    (line,) = lines(desk.folder / "audit.jsonl")
    assert (line["job"], line["pages"]) == (again.uid, 1)


async def test_job_that_had_no_time_for_its_line_gets_it_after_the_restart(
    desk: ScanDesk, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cancelled for everybody, while its driver went on; then main was killed."""
    desk.module._limits = replace(desk.limits, cancel_ack_s=0)
    job = await desk.create([["page"], ["visit", str(gate.path)], ["hang"]])
    await gate.reached()
    await desk.has_pages(job, 1)
    await desk.module.change_status(job, "canceled")
    path = desk.folder / "audit.jsonl"
    assert (job.status, path.exists()) == ("canceled", False)
    # As a main process that is killed, which waits for nobody.
    monkeypatch.setattr(ScanRun, "wait", _wait_for_nobody)
    monkeypatch.setattr(ScanRun, "_identity", lambda _: None)
    await desk.restart()
    monkeypatch.undo()
    assert [(line["status"], line["pages"]) for line in lines(path)] == [("canceled", 1)]
    await desk.restart()
    assert len(lines(path)) == 1


async def _wait_for_nobody(_: ScanRun, timeout_s: float | None = None) -> bool:
    return timeout_s is None
