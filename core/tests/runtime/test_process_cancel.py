"""What a call says while it runs, and how it ends when nobody waits for it any more."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from flatbed.runtime.process import WorkerProcess

from ..made_addons import Gate
from .conftest import Workshop

HOOK = """
@hookimpl
def process_page(operation, page, settings, out):
    {code}
"""
LISTEN = """for _ in iter(int, 1):
        out.check_canceled()
        time.sleep(0.01)"""
PAGE = {"uid": "u", "size_px": [1, 1], "dpi": [1, 1], "mode": "L", "bits": 8}


async def process(worker: WorkerProcess, workshop: Workshop, **more: Any) -> Any:
    """Call the hook with a sink."""
    out = {"folder": str(workshop.folder), "key": "00" * 32}
    arguments = {"operation": "o", "page": PAGE, "settings": {}}
    return await worker.call("process_page", arguments, timeout_s=60, out=out, **more)


async def broken_off(worker: WorkerProcess, workshop: Workshop, gate: Gate) -> None:
    """Call the hook, and go away when it is at the gate."""
    call = asyncio.create_task(process(worker, workshop))
    await gate.reached()
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call


async def test_call_that_listens_ends_by_itself_and_its_worker_lives(
    workshop: Workshop, gate: Gate
) -> None:
    """The next call finds the libraries loaded."""
    worker = await workshop.worker(HOOK.format(code=f"{gate.visit}\n    {LISTEN}"))
    await broken_off(worker, workshop, gate)
    assert worker.is_alive
    await broken_off(worker, workshop, gate)
    assert worker.is_alive


async def test_call_that_ends_well_after_its_cancel_leaves_a_worker_for_the_next(
    workshop: Workshop, gate: Gate
) -> None:
    """It was nearly there; its result goes to nobody."""
    begun = str(workshop.folder / "begun")
    code = f"""is_first = not os.path.exists({begun!r})
    open({begun!r}, "a").close()
    {gate.visit}
    while is_first:
        try:
            {LISTEN.replace(chr(10), chr(10) + "        ")}
        except ScanCanceledError:
            break
    return 7"""
    worker = await workshop.worker(HOOK.format(code=code))
    await broken_off(worker, workshop, gate)
    assert worker.is_alive
    assert await process(worker, workshop) == 7


async def test_call_that_is_cancelled_again_loses_its_worker_at_once(
    workshop: Workshop, gate: Gate
) -> None:
    """Whoever waits for the end of the call may go away, too."""
    worker = await workshop.worker(HOOK.format(code=gate.stop))
    call = asyncio.create_task(process(worker, workshop))
    await gate.reached()
    call.cancel()
    await asyncio.sleep(0)  # so that the first one is heard
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert not worker.is_alive


async def test_progress_of_a_hook_reaches_its_caller(workshop: Workshop) -> None:
    """The first word and the last; what comes too often in between is left out."""
    code = "[out.progress(number, 300) for number in range(1, 301)]"
    worker = await workshop.worker(HOOK.format(code=code))
    told: list[tuple[int, int]] = []
    await process(worker, workshop, on_progress=lambda *step: told.append(step))
    assert (told[0], told[-1]) == ((1, 300), (300, 300))
    assert len(told) < 100
    assert told == sorted(told)


PIPE = "out._tell_progress.__closure__[0].cell_contents._pipe"
"""As a library finds it that looks for it."""

WRONG: dict[str, Any] = {
    "none": None,
    "one number": [1],
    "three numbers": [1, 2, 3],
    "texts": ["1", "2"],
    "fractions": [0.5, 2],
    "truths": [True, True],
    "below zero": [-1, 5],
    "beyond JSON": [1, 1 << 60],
    "an object": {"done": 1},
}


@pytest.mark.parametrize("value", WRONG.values(), ids=WRONG.keys())
async def test_progress_that_is_none_is_left_out(workshop: Workshop, value: object) -> None:
    """What a library of an add-on writes into the pipe ends no call."""
    code = f"{PIPE}.send(dict(type='progress', value={value!r}))"
    worker = await workshop.worker(HOOK.format(code=f"{code}; out.progress(2, 2); return 1"))
    told: list[tuple[int, int]] = []
    assert await process(worker, workshop, on_progress=lambda *step: told.append(step)) == 1
    assert told == [(2, 2)]
