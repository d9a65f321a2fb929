"""A child process with pipes, which outlives the loop that started it."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from pathlib import Path

import pytest

from flatbed.runtime.child import Child

from ..made_addons import LIMIT_S, LifeLine

ECHO = "import sys; sys.stdout.write(sys.stdin.read().upper())"
HOLD = "import sys; line = open(sys.argv[1], 'wb', 0); line.write(b'x'); sys.stdin.read()"
HOLD_FOR_EVER = HOLD.replace("sys.stdin.read()", "sys.stdin.read(); import signal; signal.pause()")


async def start(code: str, *arguments: str) -> Child:
    """A child that runs some Python."""
    return await Child.start([sys.executable, "-c", code, *arguments], dict(os.environ))


async def test_child_hears_and_answers_until_its_input_is_closed() -> None:
    """By its pipes; then it is gone and reaped."""
    child = await start(ECHO)
    child.write(b"page ")
    child.write(b"one")
    child.close_input()
    async with asyncio.timeout(LIMIT_S):
        assert await child.output.read() == b"PAGE ONE"
    assert await child.wait(LIMIT_S)
    assert not child.identity.is_running()
    child.release()


async def test_child_gets_the_environment_it_is_given_and_no_other() -> None:
    """Workers see what is on their list."""
    code = "import os; print(sorted(n for n in os.environ if not n.startswith(('LC_', '__'))))"
    child = await Child.start([sys.executable, "-c", code], {"SANE_DEBUG_DLL": "1"})
    async with asyncio.timeout(LIMIT_S):
        assert await child.output.read() == b"['SANE_DEBUG_DLL']\n"
    child.release()


async def test_child_leads_a_session_of_its_own() -> None:
    """So that a signal reaches it with all that it starts, and none from the terminal does."""
    child = await start("import os; print(os.getsid(0) == os.getpgid(0) == os.getpid())")
    async with asyncio.timeout(LIMIT_S):
        assert await child.output.read() == b"True\n"
    child.release()


async def test_wait_for_a_child_that_stays_gives_up(life_line: LifeLine) -> None:
    """Without ending it."""
    child = await start(HOLD, str(life_line.path))
    assert not await child.wait(0)
    assert child.identity.is_running()
    child.kill()
    assert await child.wait(LIMIT_S)
    child.release()


async def test_kill_takes_the_childs_children_along(life_line: LifeLine) -> None:
    """A killed worker alone would leave its tesseract running."""
    code = (
        "import subprocess, sys\n"
        f"subprocess.Popen([sys.executable, '-c', {HOLD_FOR_EVER!r}, sys.argv[1]],"
        " stdin=subprocess.DEVNULL)\n"
        "sys.stdin.read()"
    )
    child = await start(code, str(life_line.path))
    await life_line.held()
    child.kill()
    assert await life_line.released()
    assert await child.wait(LIMIT_S)
    child.release()


async def test_write_to_a_child_that_is_gone_does_nothing() -> None:
    """Its end is noticed elsewhere."""
    child = await start("pass")
    assert await child.wait(LIMIT_S)
    child.release()
    child.write(b"late")


def test_child_goes_on_when_its_loop_is_closed(
    life_line: LifeLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A scan outlives main: asyncio's own children are killed with their loop."""
    started: list[Child] = []
    failed: list[object] = []
    monkeypatch.setattr(threading, "excepthook", failed.append)

    async def main() -> None:
        started.append(await start(HOLD_FOR_EVER, str(life_line.path)))
        await life_line.held()
        started[0].release()

    asyncio.run(main())
    (child,) = started
    assert child.identity.is_running()
    reapers = [thread for thread in threading.enumerate() if thread.name == "reaper"]
    child.kill()
    assert asyncio.run(life_line.released())
    for reaper in reapers:
        reaper.join(LIMIT_S)
    assert failed == []


async def test_start_of_a_program_that_is_not_there_says_so(tmp_path: Path) -> None:
    """As the system does."""
    with pytest.raises(FileNotFoundError) as caught:
        await Child.start([str(tmp_path / "none")], {})
    assert caught.value.filename == str(tmp_path / "none")
