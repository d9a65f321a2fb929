"""Following a scan job: its pages into files, its faults to the person, its end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any, Literal, TypeAlias, TypeVar

from flatbed.cli.client import JobState, ServiceClient, Write
from flatbed.cli.failures import ServiceLostError
from flatbed.cli.page_files import PageFiles, PartFile
from flatbed.cli.reports import Outcome, PlainReport
from flatbed.cli.service_link import ServiceLink
from flatbed.cli.terminal_keys import TerminalKeys
from flatbed.errors import JobGoneError, WrongStateError

T = TypeVar("T")
Answer: TypeAlias = Literal["running", "canceled"]

_LOOK_S = 0.3
"""How often a job that may pause or wait is looked at: nothing wakes who waits for its pages."""


class JobFollower:
    """Follows one job to its end, also across a restart of the service.

    Args:
        link: To the service.
        job_uid: The job's.
        files: Where its pages go.
        report: Tells the person.
        asks_at_pauses: There is a terminal to ask at.
    """

    def __init__(
        self,
        link: ServiceLink,
        job_uid: str,
        *,
        files: PageFiles,
        report: PlainReport,
        asks_at_pauses: bool,
    ) -> None:
        self._link, self._uid = link, job_uid
        self._files, self._report = files, report
        self._asks_at_pauses = asks_at_pauses
        self._began = asyncio.get_running_loop().time()
        self._came = 0
        self._noted = 0
        self._is_waiting = False
        self._stopped_at: dict[str, Any] | None = None

    async def follow(self, interrupted: asyncio.Event) -> Outcome:
        """Save the pages as they come, until the job has ended.

        Args:
            interrupted: Cancels the job when it is set.

        Raises:
            FlatbedError: If that cannot be done; what was saved stays, the job is left as it is.
        """
        try:
            async with _beside(self._cancel_when(interrupted), self._watch()):
                state = await self._take_all()
        finally:
            for path in self._files.finish():
                self._report.file_saved(path)
        return self._outcome(state)

    async def _take_all(self) -> JobState:
        has_more = True
        self._note((await self._look()).warnings)
        while has_more:
            has_more = await self._wait_for_page()
            state = await self._look()
            self._note(state.warnings)
            # By their places and not as they are told: what a broken connection lost comes again.
            while self._came < state.pages:
                await self._take_page(self._came + 1)
        if self._files.target.holds_all_pages and state.pages:
            await self._save(self._save_document)
        return state

    def _note(self, warnings: list[str]) -> None:
        """Tell of what gave way, each once."""
        for text in warnings[self._noted :]:
            self._report.noted(text)
        self._noted = max(self._noted, len(warnings))

    async def _wait_for_page(self) -> bool:
        try:
            return await self._ask(lambda client: client.wait_for_page(self._uid))
        except JobGoneError:
            # Asked too often after its last page; one that was deleted is told by its state.
            return False

    async def _take_page(self, number: int) -> None:
        self._report.page_came(number)
        if not self._files.target.holds_all_pages:
            media_type = self._files.target.media_type
            await self._save(
                lambda client, write: client.save_page(self._uid, number, media_type, write)
            )
        self._came = number

    async def _save_document(self, client: ServiceClient, write: Write) -> None:
        self._report.waiting_for(f"Writing {self._files.target.path}")
        await client.save_document(self._uid, self._files.target.media_type, write)

    async def _save(self, stream: Callable[[ServiceClient, Write], Awaitable[None]]) -> None:
        part = self._files.begin()
        try:
            await self._ask(lambda client: _fill(part, client, stream))
            part.close()
            placed = self._files.add(part)
        except BaseException:
            part.discard()
            raise
        for path in placed:
            self._report.file_saved(path)

    async def _ask(self, question: Callable[[ServiceClient], Awaitable[T]]) -> T:
        """Ask the service, and ask again when it has been away."""
        while True:
            client = self._link.client
            try:
                return await question(client)
            except ServiceLostError:
                await self._link.renew(client)

    async def _cancel_when(self, interrupted: asyncio.Event) -> None:
        await interrupted.wait()
        self._report.canceling()
        self._stopped_at = None
        await self._change("canceled")

    async def _watch(self) -> None:
        while True:
            state = await self._look()
            self._tell_wait(state.waiting)
            if state.status == "paused" and self._asks_at_pauses:
                await self._ask_person(state.error or {})
            await asyncio.sleep(_LOOK_S)

    def _tell_wait(self, waiting: dict[str, Any] | None) -> None:
        """Tell of each wait once."""
        if waiting and not self._is_waiting:
            self._report.waiting(waiting)
        self._is_waiting = bool(waiting)

    async def _ask_person(self, fault: dict[str, Any]) -> None:
        """Ask what to do, until it is answered here or somewhere else."""
        with TerminalKeys() as keys:
            self._report.paused(fault)
            answer = asyncio.create_task(_read_answer(keys))
            try:
                while not answer.done() and await self._is_paused():
                    await asyncio.wait([answer], timeout=_LOOK_S)
            finally:
                answer.cancel()
                self._report.resumed()
        if answer.done() and not answer.cancelled():
            await self._obey(answer.result(), fault)

    async def _obey(self, answer: Answer, fault: dict[str, Any]) -> None:
        if answer == "canceled":
            self._stopped_at = fault
            self._report.canceling()
        await self._change(answer)

    async def _is_paused(self) -> bool:
        return (await self._look()).status == "paused"

    async def _look(self) -> JobState:
        return await self._ask(lambda client: client.job(self._uid))

    async def _change(self, status: Answer) -> None:
        # It may have ended by itself, or somebody else was quicker.
        with suppress(WrongStateError):
            await self._ask(lambda client: client.change_job(self._uid, status))

    def _outcome(self, state: JobState) -> Outcome:
        return Outcome(
            status=state.status,
            pages=self._came,
            files=self._files.saved,
            error=state.error,
            stopped_at=self._stopped_at if state.status == "canceled" else None,
            seconds=asyncio.get_running_loop().time() - self._began,
        )


async def _fill(
    part: PartFile,
    client: ServiceClient,
    stream: Callable[[ServiceClient, Write], Awaitable[None]],
) -> None:
    try:
        part.restart()
        await stream(client, part.write)
    except OSError as error:
        raise part.fault(error) from error


async def _read_answer(keys: TerminalKeys) -> Answer:
    while True:
        key = await keys.read()
        if key in ("\r", "\n"):
            return "running"
        # Empty: the terminal is gone, and with it whoever could answer.
        if key in ("", "c", "C", "\x04"):
            return "canceled"


@asynccontextmanager
async def _beside(*watchers: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Run the watchers as long as the block; what one raises ends the block."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(each) for each in watchers]
            yield
            for task in tasks:
                task.cancel()
    except BaseExceptionGroup as failures:
        raise failures.exceptions[0] from None
