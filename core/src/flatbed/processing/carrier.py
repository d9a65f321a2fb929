"""Carries orders out, and keeps the pages that operations make."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import msgspec

from flatbed.addon.types import PageFile
from flatbed.errors import FlatbedError, InvalidInputError, TooBigError
from flatbed.processing.order import Answer, Order, PageResult, PageSource
from flatbed.processing.undisturbed import beyond_cancel, undisturbed
from flatbed.runtime.operations import Operations
from flatbed.runtime.outcome import Outcome
from flatbed.runtime.process import OnProgress
from flatbed.storage.buffer import PageBuffer
from flatbed.storage.made_file import made_by
from flatbed.storage.results import Results
from flatbed.storage.stored_page import StoredPage

ANSWER_MOST_BYTES = 64 << 20
"""Of what was found on all pages together: it lies in memory until the last of them is done."""

_TOO_LONG = "What was found on the pages before is as much as one answer holds. Ask for fewer."
_FILE_EACH = "This makes a file of each page. Ask for one page at a time."


@dataclass
class _Run:
    """An order on its way.

    Attributes:
        kept: The holders of pages that were made.
        found_bytes: Of what was found so far.
    """

    order: Order
    on_progress: OnProgress
    results: dict[int, PageResult] = field(default_factory=dict)
    kept: list[str] = field(default_factory=list)
    found_bytes: int = 0

    def add(self, number: int, result: PageResult) -> None:
        self.results[number] = result
        self.on_progress(len(self.results), len(self.order.sources))


class Carrier:
    """Carries orders out."""

    def __init__(self, operations: Operations, buffer: PageBuffer, results: Results) -> None:
        self._operations, self._buffer, self._results = operations, buffer, results

    @asynccontextmanager
    async def carry_out(
        self, order: Order, on_progress: OnProgress = lambda *_: None
    ) -> AsyncIterator[Answer]:
        """Carry an order out; a file that it made is there as long as the context is.

        Pages that it made are kept for a while, but go where the order or its answer comes to
        nothing.

        Args:
            order: What is wanted.
            on_progress: Takes how many pages are done, of how many; where one call works on all
                of them, what the add-on says.

        Raises:
            FlatbedError: Why there is no answer. What is wrong with one page of an order for each
                stands in the answer.
        """
        run = _Run(order, on_progress)
        try:
            if order.is_for_each:
                yield await self._for_each(run)
            else:
                async with self._at_once(run) as answer:
                    yield answer
        except BaseException:
            for holder in run.kept:
                await self._results.drop(holder)
            raise

    async def _for_each(self, run: _Run) -> Answer:
        order = run.order

        async def take(number: int, outcome: Outcome | FlatbedError) -> None:
            source = order.sources[number].uid
            if isinstance(outcome, FlatbedError):
                run.add(number, PageResult(source=source, error=outcome))
            elif outcome.files:
                raise InvalidInputError(_FILE_EACH)
            else:
                run.add(number, await self._result(run, source, outcome))

        await self._operations.process_each(
            order.operation,
            [lambda each=each: self._file_of(each) for each in order.sources],  # type: ignore[misc]
            order.settings,
            take=take,
            choice=order.choice,
        )
        return await _conclude(order, [run.results[number] for number in sorted(run.results)])

    @asynccontextmanager
    async def _at_once(self, run: _Run) -> AsyncIterator[Answer]:
        order = run.order
        files = await asyncio.gather(*(self._file_of(each) for each in order.sources))
        async with self._operations.process(
            order.operation,
            files,
            order.settings,
            choice=order.choice,
            on_progress=run.on_progress,
        ) as outcome:
            if outcome.files:
                yield Answer(file=made_by(outcome))
                return
            result = await self._result(run, order.sources[0].uid, outcome)
            yield await _conclude(order, [result])

    async def _result(self, run: _Run, source: str, outcome: Outcome) -> PageResult:
        if outcome.pages:
            pages = await undisturbed(self._keep(run, outcome))
            return PageResult(source=source, pages=pages)
        found = msgspec.json.encode(outcome.value)
        if run.found_bytes + len(found) > ANSWER_MOST_BYTES:
            raise TooBigError(_TOO_LONG)
        run.found_bytes += len(found)
        return PageResult(source=source, found=found)

    async def _keep(self, run: _Run, outcome: Outcome) -> Sequence[StoredPage]:
        pages = await self._results.keep(run.order.owner, outcome)
        run.kept += {page.job_uid for page in pages}
        return pages

    async def _file_of(self, source: PageSource) -> PageFile:
        return self._buffer.for_worker(await undisturbed(_show(source)))


async def _show(source: PageSource) -> StoredPage:
    return await source.show()


async def _conclude(order: Order, results: Sequence[PageResult]) -> Answer:
    async def conclude() -> Answer:
        return Answer(data=msgspec.json.encode(await order.conclude(results)))

    # An answer can make documents: once it is begun, the order is carried out.
    return await beyond_cancel(conclude())
