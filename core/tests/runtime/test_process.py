"""The parent's end of a worker: whatever a worker does, its caller hears, and nothing is left."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from flatbed.errors import (
    InternalError,
    PaperJamError,
    WorkerCrashedError,
    WorkerGarbledError,
    WorkerTimeoutError,
)
from flatbed.runtime import process
from flatbed.runtime.journal import JournalReader, lock_path
from flatbed.runtime.pool import SCAN_PRELOAD
from flatbed.runtime.process import WorkerProcess
from flatbed.system import is_locked

from ..made_addons import LIMIT_S, Gate, LifeLine, write_addon
from .conftest import Workshop

PARENT = Path(__file__).with_name("scanning_parent.py")
ANSWER = """
@hookimpl
def describe_environment():
    return "here"
"""


def listing(code: str) -> str:
    """An add-on that does something when it is asked for its scanners."""
    return f"@hookimpl\ndef list_scanners():\n    {code}\n"


async def list_scanners(worker: WorkerProcess, timeout_s: float = LIMIT_S) -> Any:
    """The answer of that add-on."""
    return await worker.call("list_scanners", {}, timeout_s=timeout_s)


async def is_here(worker: WorkerProcess) -> bool:
    """Whether a worker answers."""
    answer = await worker.call("describe_environment", {}, timeout_s=LIMIT_S)
    return bool(answer == "here")


@pytest.mark.parametrize(
    "before",
    ["pass", "signal.signal(signal.SIGTERM, signal.SIG_IGN)"],
    ids=["hangs", "ignores SIGTERM as well"],
)
async def test_call_past_its_limit_kills_the_worker_and_all_that_it_started(
    workshop: Workshop, life_line: LifeLine, before: str
) -> None:
    """The whole group: a grandchild would hold the scanner, or compute on."""
    start = f"(exec({before!r}), {life_line.child})"
    worker = await workshop.worker(
        f"@hookimpl\ndef describe_environment():\n    {start}; return 'here'\n",
        listing("threading.Event().wait()"),
    )
    assert await is_here(worker)
    await life_line.held()
    with pytest.raises(WorkerTimeoutError) as caught:
        await list_scanners(worker, timeout_s=0.05)
    assert caught.value.message == (
        "The add-on 'made' 1.2.3 took longer than 0.05 s and was stopped."
        " Your pages are safe; try again."
    )
    assert caught.value.details == {"addon": "made", "version": "1.2.3"}
    assert not worker.is_alive
    assert await life_line.released()
    assert await worker.wait(LIMIT_S)


DEATHS = {
    "segfault": "ctypes.string_at(0)",
    "abort": "os.abort()",
    "exit": "os._exit(0)",
    "sys.exit": "sys.exit(3)",
    "kill": "os.kill(os.getpid(), signal.SIGKILL)",
    "closed pipes": "os.closerange(0, 100); os._exit(0)",
}


@pytest.mark.parametrize("code", DEATHS.values(), ids=DEATHS.keys())
async def test_worker_that_dies_in_a_call_is_a_crash_with_the_addons_name(
    workshop: Workshop, code: str
) -> None:
    """However it dies; the next calls on it say so at once."""
    worker = await workshop.worker(listing(code))
    for _ in range(2):
        with pytest.raises(WorkerCrashedError) as caught:
            await list_scanners(worker)
        assert caught.value.message == (
            "The add-on 'made' 1.2.3 crashed. Your pages are safe; try again."
        )
        assert caught.value.details == {"addon": "made", "version": "1.2.3"}
    assert await worker.wait(LIMIT_S)
    assert not worker.is_alive
    assert worker.error is not None


async def test_worker_that_dies_takes_its_children_along(
    workshop: Workshop, life_line: LifeLine
) -> None:
    """They would go on without it, and hold its pipe open."""
    worker = await workshop.worker(
        f"@hookimpl\ndef describe_environment():\n    {life_line.child}; return 'here'\n",
        listing("os._exit(1)"),
    )
    assert await is_here(worker)
    await life_line.held()
    with pytest.raises(WorkerCrashedError):
        await list_scanners(worker)
    assert await life_line.released()


async def test_stop_takes_along_what_a_call_left_behind(
    workshop: Workshop, life_line: LifeLine
) -> None:
    """An add-on that forgets its children forgets them for the life of its worker only."""
    worker = await workshop.worker(
        f"@hookimpl\ndef describe_environment():\n    {life_line.child}; return 'here'\n"
    )
    assert await is_here(worker)
    await life_line.held()
    await worker.stop()
    assert await life_line.released()


async def test_worker_killed_from_outside_fails_the_call_that_runs(
    workshop: Workshop, gate: Gate
) -> None:
    """By the system short of memory, or by a person."""
    worker = await workshop.worker(listing(gate.stop))
    call = asyncio.create_task(list_scanners(worker))
    await gate.reached()
    os.kill(worker.identity.pid, signal.SIGKILL)
    with pytest.raises(WorkerCrashedError, match="crashed"):
        await call
    assert await worker.wait(LIMIT_S)
    assert list((workshop.folder / "dump").iterdir()) == []


async def test_call_whose_caller_is_gone_kills_the_worker(
    workshop: Workshop, gate: Gate, life_line: LifeLine
) -> None:
    """The result is of no use to anybody, and the place is."""
    worker = await workshop.worker(listing(f"{life_line.child}; {gate.stop}"))
    call = asyncio.create_task(list_scanners(worker))
    await gate.reached()
    await life_line.held()
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert not worker.is_alive
    assert await life_line.released()


SAY = """
import json, struct

def say(message):
    header = message if isinstance(message, bytes) else json.dumps(message).encode()
    data = struct.pack(">II", len(header), 0) + header
    for file in range(3, 30):
        try:
            name = os.readlink(f"/proc/self/fd/{file}")
            if name.startswith("pipe:"):
                os.write(file, data)
        except OSError:
            pass
"""
LIES: dict[str, Any] = {
    "nothing": {},
    "no kind": {"id": 1},
    "unknown kind": {"type": "applause", "id": 1},
    "kind of a wrong type": {"type": ["result"], "id": 1},
    "answer to another call": {"type": "result", "id": 99, "value": "lie"},
    "answer without a number": {"type": "result", "value": "lie"},
    "item without a value": {"type": "item"},
    "item of a wrong type": {"type": "item", "value": 7},
    "log without text": {"type": "log"},
    "journal": {"type": "journal"},
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES.keys())
async def test_message_that_is_none_of_ours_changes_nothing(workshop: Workshop, lie: Any) -> None:
    """A library that got at the pipe: the true answer comes through behind it."""
    worker = await workshop.worker(SAY, listing(f"say({lie!r}); return ['true']"))
    items: list[Any] = []
    answer = await worker.call("list_scanners", {}, timeout_s=LIMIT_S, on_item=items.append)
    assert (answer, items) == (["true"], [])


@pytest.mark.parametrize(
    ("lie", "words"),
    [
        ({"type": "error", "id": 1}, "unforeseen"),
        ({"type": "error", "id": 1, "error": 7, "details": [1]}, "unforeseen"),
        ({"type": "crash", "id": 1}, "failed (None)"),
        ({"type": "unloadable"}, "failed (None)"),
        (b"not json", "no message"),
        (b"[1, 2]", "no message"),
    ],
    ids=["bare error", "strange error", "bare crash", "unloadable", "garbage", "a list"],
)
async def test_message_that_says_something_wrong_fails_the_call_and_no_more(
    workshop: Workshop, lie: Any, words: str
) -> None:
    """Main is unharmed: the caller gets an error with a name."""
    worker = await workshop.worker(SAY, listing(f"say({lie!r}); threading.Event().wait()"))
    with pytest.raises(Exception, match=words.replace("(", r"\(").replace(")", r"\)")) as caught:
        await list_scanners(worker)
    assert type(caught.value).__module__ == "flatbed.errors"
    await worker.stop()


@pytest.mark.parametrize("end", ["os._exit(1)", "ctypes.string_at(0)", "os.kill(os.getpid(), 9)"])
async def test_worker_that_dies_takes_along_what_left_its_group(
    workshop: Workshop, life_line: LifeLine, end: str
) -> None:
    """Children in sessions of their own bear its mark."""
    start = life_line.child.replace("])", "], start_new_session=True)")
    worker = await workshop.worker(
        f"@hookimpl\ndef describe_environment():\n    {start}; return 'here'\n", listing(end)
    )
    assert await is_here(worker)
    await life_line.held()
    with pytest.raises(WorkerCrashedError):
        await list_scanners(worker)
    assert await life_line.released()


async def test_forked_child_in_a_session_of_its_own_goes_with_its_worker(
    workshop: Workshop, life_line: LifeLine
) -> None:
    """It has run no other program, so it has the environment of its worker."""
    worker = await workshop.worker(
        f"""
        @hookimpl
        def describe_environment():
            if os.fork() == 0:
                os.setsid()
                line = open({str(life_line.path)!r}, "wb", 0)
                line.write(b"x")
                signal.pause()
            return "here"
        """,
        listing("os._exit(1)"),
    )
    assert await is_here(worker)
    await life_line.held()
    with pytest.raises(WorkerCrashedError):
        await list_scanners(worker)
    assert await life_line.released()


async def test_prints_of_the_interpreter_before_the_worker_runs_are_left_out(
    workshop: Workshop,
) -> None:
    """A `.pth` file, or a module that customizes the site, prints into the pipe itself."""
    folder = workshop.folder / "site"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text("import os; os.write(1, b'welcome' * 9000)\n")
    workshop.site.environment["PYTHONPATH"] = str(folder)
    assert await is_here(await workshop.worker(ANSWER))


async def test_endless_prints_before_the_worker_runs_end_it(workshop: Workshop) -> None:
    """Main keeps no more of them than of any message."""
    folder = workshop.folder / "site"
    folder.mkdir()
    code = "import os\nwhile True: os.write(1, b'welcome' * 9000)\n"
    (folder / "sitecustomize.py").write_text(code)
    workshop.site.environment["PYTHONPATH"] = str(folder)
    worker = await workshop.worker(ANSWER)
    with pytest.raises(WorkerGarbledError):
        await is_here(worker)
    assert await worker.wait(LIMIT_S)


async def test_worker_that_floods_its_pipe_is_ended(workshop: Workshop) -> None:
    """With messages that are ours, only too many for main to do anything else."""
    lie = {"type": "journal"}
    worker = await workshop.worker(
        SAY, listing(f"[say({lie!r}) for _ in range(6000)]; threading.Event().wait()")
    )
    with pytest.raises(WorkerGarbledError, match=r"'made' 1\.2\.3 wrote something that is no"):
        await list_scanners(worker)
    assert await worker.wait(LIMIT_S)


async def test_fault_of_ours_in_taking_a_message_fails_the_call_at_once(
    workshop: Workshop,
) -> None:
    """And not at its deadline: nobody would read the answer any more."""
    progress = {"type": "progress", "value": [1, 2]}
    worker = await workshop.worker(SAY, listing(f"say({progress!r}); threading.Event().wait()"))

    def stumble(done: int, total: int) -> None:
        raise LookupError

    with pytest.raises(InternalError):
        await worker.call("list_scanners", {}, timeout_s=LIMIT_S, on_progress=stumble)
    assert not worker.is_alive


async def test_worker_that_writes_garbage_is_ended(workshop: Workshop) -> None:
    """Nothing that it says after that can be believed."""
    worker = await workshop.worker(SAY, listing("say(b'not json'); threading.Event().wait()"))
    with pytest.raises(WorkerGarbledError, match=r"'made' 1\.2\.3 wrote .* no message"):
        await list_scanners(worker)
    assert await worker.wait(LIMIT_S)


async def test_error_that_a_hook_raises_leaves_the_worker_usable(workshop: Workshop) -> None:
    """An empty feeder is no crash."""
    worker = await workshop.worker(listing("raise PaperJamError"), ANSWER)
    with pytest.raises(PaperJamError):
        await list_scanners(worker)
    assert worker.is_alive
    assert worker.error is None
    assert await is_here(worker)


async def test_stop_of_an_idle_worker_lets_it_end_by_itself(workshop: Workshop) -> None:
    """It is gone, reaped, and can be used no more."""
    worker = await workshop.worker(ANSWER)
    assert await is_here(worker)
    await worker.stop()
    assert not worker.is_alive
    assert not worker.identity.is_running()
    with pytest.raises(WorkerCrashedError):
        await is_here(worker)


@pytest.mark.parametrize(
    "before",
    ["", "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"],
    ids=["hangs", "ignores SIGTERM as well"],
)
async def test_stop_of_a_worker_that_does_not_end_kills_it(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch, before: str
) -> None:
    """Nobody waits for it longer than it may take."""
    monkeypatch.setattr(process, "STOP_S", 0.05)
    hanging = "@hookimpl\ndef stop():\n    threading.Event().wait()\n"
    worker = await workshop.worker(before, hanging, ANSWER)
    assert await is_here(worker)
    await worker.stop()
    assert await worker.wait(LIMIT_S)
    assert not worker.identity.is_running()


async def test_wait_for_a_worker_that_stays_gives_up(workshop: Workshop) -> None:
    """And says so."""
    worker = await workshop.worker(ANSWER)
    assert await is_here(worker)
    assert not await worker.wait(0)
    assert worker.is_alive


async def test_begin_runs_a_call_that_nobody_waits_for(workshop: Workshop, gate: Gate) -> None:
    """A scan: whether it has ended shows in `has_answered`."""
    worker = await workshop.worker(listing(gate.stop), ANSWER)
    worker.begin("list_scanners", {})
    await gate.reached()
    assert worker.calls == 1
    before = worker.has_answered
    gate.open()
    assert await is_here(worker)
    assert (before, worker.has_answered, worker.calls) == (False, True, 2)


SCANNING = """
@hookimpl
def acquire_pages(out):
    {hold}
    with out.new_page(size_px=(2, 1), dpi=(300, 300), mode="L", bits=8) as page:
        page.write_rows(b"ab")
    {wait}
    with out.new_page(size_px=(2, 1), dpi=(300, 300), mode="L", bits=8) as page:
        page.write_rows(b"cd")
"""


def scanning(gate: Gate, life_line: LifeLine) -> str:
    """A scan of two pages that waits between them, and holds the line while its process lives."""
    hold = f"global line; line = open({str(life_line.path)!r}, 'wb', 0)"
    return SCANNING.format(hold=hold, wait=gate.stop)


def written(folder: Path) -> list[str]:
    """The kinds of entries in the journal of a scan."""
    return [entry["type"] for entry in JournalReader(folder).read_new()]


def test_detached_scan_goes_on_when_the_loop_is_closed(
    tmp_path: Path, gate: Gate, life_line: LifeLine
) -> None:
    """An upgrade in the middle of a batch: main goes, the sheets go on."""
    spool = tmp_path / "spool"
    spool.mkdir()

    async def main() -> None:
        workshop = Workshop(tmp_path)
        worker = await workshop.worker(scanning(gate, life_line), preload=SCAN_PRELOAD)
        out = {"folder": str(spool), "key": bytes(32).hex(), "is_job": True}
        worker.begin("acquire_pages", {"scanner_id": "x", "settings": {}}, out=out)
        await gate.reached()
        worker.detach()

    asyncio.run(main())
    assert written(spool) == ["page"]
    assert is_locked(lock_path(spool, 1))
    gate.open()
    assert asyncio.run(life_line.released())
    assert written(spool) == ["page", "page", "end"]
    assert not is_locked(lock_path(spool, 1))
    assert list((tmp_path / "dump").iterdir()) == []


def test_detached_scan_takes_along_what_it_started(
    tmp_path: Path, gate: Gate, life_line: LifeLine
) -> None:
    """No main is there to do it; while the scan goes on, its children do."""
    spool = tmp_path / "spool"
    spool.mkdir()
    child = life_line.child.replace("])", "], start_new_session=True)")

    async def main() -> None:
        workshop = Workshop(tmp_path)
        worker = await workshop.worker(
            SCANNING.format(hold=child, wait=gate.stop), preload=SCAN_PRELOAD
        )
        out = {"folder": str(spool), "key": bytes(32).hex(), "is_job": True}
        worker.begin("acquire_pages", {"scanner_id": "x", "settings": {}}, out=out)
        await gate.reached()
        await life_line.held()
        worker.detach()

    asyncio.run(main())
    assert not life_line.is_free
    gate.open()
    assert asyncio.run(life_line.released())
    assert written(spool) == ["page", "page", "end"]


async def test_scan_goes_on_when_its_main_process_is_killed(
    tmp_path: Path, gate: Gate, life_line: LifeLine
) -> None:
    """kill -9 in the middle: the worker finishes its pages and its journal, and then ends."""
    spool = tmp_path / "spool"
    spool.mkdir()
    write_addon(tmp_path / "addon", scanning(gate, life_line))
    parent = subprocess.Popen(  # noqa: ASYNC220 - a process that is killed like one of the system
        [sys.executable, str(PARENT), str(tmp_path)], start_new_session=True
    )
    await gate.reached()
    parent.kill()
    parent.wait(LIMIT_S)
    gate.open()
    assert await life_line.released()
    assert written(spool) == ["page", "page", "end"]
    assert JournalReader(spool).read_new()[-1]["status"] == "completed"
    assert not is_locked(lock_path(spool, 1))


async def test_scan_whose_main_is_gone_hears_a_sigterm_as_a_cancel(
    tmp_path: Path, workshop: Workshop, gate: Gate, life_line: LifeLine
) -> None:
    """So cancel and delete reach an orphan: the page before stays, the end is written down."""
    spool = tmp_path / "spool"
    spool.mkdir()
    worker = await workshop.worker(scanning(gate, life_line), preload=SCAN_PRELOAD)
    out = {"folder": str(spool), "key": bytes(32).hex(), "is_job": True}
    worker.begin("acquire_pages", {"scanner_id": "x", "settings": {}}, out=out)
    await gate.reached()
    worker.detach()
    os.killpg(worker.identity.pid, signal.SIGTERM)
    gate.open()
    assert await life_line.released()
    assert written(spool) == ["page", "end"]
    assert JournalReader(spool).read_new()[-1]["status"] == "canceled"
