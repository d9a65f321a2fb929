"""The trial of an add-on: everything that it declares is called once, on samples."""

from __future__ import annotations

import re
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from flatbed.addon.testing.answer import Answer
from flatbed.addon.types import PageFile, Request
from flatbed.authoring import judges
from flatbed.authoring.bench import Bench
from flatbed.authoring.report import Row, failed, skipped
from flatbed.authoring.sample_settings import sample_settings
from flatbed.authoring.samples import PageMaker, SamplePages, sample_file
from flatbed.authoring.traces import Traces
from flatbed.errors import FlatbedError, InvalidInputError
from flatbed.runtime.manifest import Documents, Operation
from flatbed.runtime.operations import ONE_PAGE_HOOKS

_SERVER_ERROR = 500
_PARAMETER = re.compile(r"\{([a-z_]+)\}")
_SAMPLE_PARAMETER = "sample"
_WITHOUT_BODY = ("GET", "DELETE")

Call = Callable[[], Awaitable[Answer]]


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One thing to try.

    Attributes:
        calls: Each must go well.
        judge: Takes each answer.
        unknown: Settings without any value to try; a refusal is then nobody's fault.
        why_not: Why it cannot be tried at all.
    """

    kind: str
    name: str
    calls: Sequence[Call] = ()
    judge: judges.Judge = judges.any_result
    unknown: Sequence[str] = ()
    why_not: str = ""


class Trial:
    """What there is to try of one add-on.

    Args:
        bench: Its workers.
        maker: Makes the samples.
        there: The hooks that it implements.
    """

    def __init__(self, bench: Bench, maker: PageMaker, there: set[str]) -> None:
        self._bench, self._maker, self._there = bench, maker, there
        self._manifest = bench.addon.manifest
        self._pages = SamplePages(maker)
        self._saved: dict[str, bytes] = {}

    def attempts(self) -> Iterator[Attempt]:
        """Everything that the manifest declares, in its order of weight."""
        if "describe_environment" in self._there:
            yield self._environment()
        for name, operation in self._manifest.operations.items():
            yield self._operation("operation", name, operation)
        for name in self._manifest.edits:
            if (edit := self._manifest.find_operation(name)) is not None:
                yield self._operation("edit", name, edit)
        yield from map(self._save, self._manifest.saves)
        yield from map(self._load, self._manifest.loads)
        for path, route in self._manifest.routes.items():
            yield from (self._route(path, method) for method in route.methods)
        for table in ("scanners", "cameras", "destinations"):
            if getattr(self._manifest, table) is not None:
                yield Attempt(kind=table, name=table, why_not="needs what is not here to try it on")

    async def run(self, attempt: Attempt, traces: Traces) -> Row:
        """Try one thing; a row tells how it went."""
        if attempt.why_not:
            return skipped(attempt.kind, attempt.name, attempt.why_not)
        try:
            slowest_s, note = await _run_calls(attempt)
        except FlatbedError as error:
            trace = traces.take()
            if isinstance(error, InvalidInputError) and attempt.unknown:
                names = ", ".join(f"'{name}'" for name in attempt.unknown)
                return skipped(attempt.kind, attempt.name, f"needs {names}; give it an example")
            return failed(attempt.kind, attempt.name, error.message, trace)
        return Row(
            kind=attempt.kind,
            name=attempt.name,
            result="ok",
            note=note,
            ms=round(slowest_s * 1000, 1),
            memory_mb=self._bench.peak_memory_mb(),
        )

    def _environment(self) -> Attempt:
        return Attempt(
            kind="environment",
            name="describe_environment",
            calls=[lambda: self._bench.call("describe_environment", {})],
            judge=judges.environment,
        )

    def _operation(self, kind: str, name: str, operation: Operation) -> Attempt:
        settings, unknown = sample_settings(operation.settings)
        sheets = list(self._pages.values())
        groups = [[each] for each in sheets]
        if operation.hook not in ONE_PAGE_HOOKS:
            # Several pages, and one for those that take no more with their default settings.
            groups = [sheets, sheets[-1:]]
        return Attempt(
            kind=kind,
            name=name,
            calls=[self._process(name, group, settings) for group in groups],
            judge=judges.edited if kind == "edit" else judges.any_result,
            unknown=unknown,
        )

    def _process(self, name: str, pages: list[PageFile], settings: dict[str, Any]) -> Call:
        return lambda: self._bench.process(name, pages, settings)

    def _save(self, media_type: str) -> Attempt:
        settings, unknown = self._document_settings()

        async def save() -> Answer:
            answer = await self._bench.save([self._pages["RGB"]], media_type, settings)
            self._saved[media_type] = answer.file.data
            return answer

        return Attempt(
            kind="save", name=media_type, calls=[save], judge=judges.saved, unknown=unknown
        )

    def _load(self, media_type: str) -> Attempt:
        settings, unknown = self._document_settings()
        data = self._saved.get(media_type) or sample_file(media_type)
        if data is None:
            return Attempt(kind="load", name=media_type, why_not="no sample of this type is here")
        file = self._maker.make_file(data)
        return Attempt(
            kind="load",
            name=media_type,
            calls=[lambda: self._bench.load(file, media_type, settings)],
            judge=judges.loaded,
            unknown=unknown,
        )

    def _document_settings(self) -> tuple[dict[str, Any], list[str]]:
        return sample_settings((self._manifest.documents or Documents()).settings)

    def _route(self, path: str, method: str) -> Attempt:
        request = Request(
            method=method,
            route=path,
            parameters=dict.fromkeys(_PARAMETER.findall(path), _SAMPLE_PARAMETER),
            body=None if method in _WITHOUT_BODY else {},
        )

        async def ask() -> Answer:
            try:
                return await self._bench.request(request)
            except FlatbedError as error:
                # To refuse the sample is the add-on's good right.
                if error.status >= _SERVER_ERROR:
                    raise
                return Answer(value=error.message, status=error.status)

        return Attempt(kind="route", name=f"{method} {path}", calls=[ask], judge=judges.answered)


async def _run_calls(attempt: Attempt) -> tuple[float, str]:
    """The slowest of the calls in seconds, and the last note; refused ones are told in it.

    Raises:
        InvalidInputError: If all of them were refused.
        FlatbedError: If one failed.
    """
    slowest_s, notes = 0.0, dict[str, None]()
    refusal: InvalidInputError | None = None
    is_done = False
    for call in attempt.calls:
        begun = time.perf_counter()
        try:
            answer = await call()
        except InvalidInputError as error:
            refusal = error
            continue
        slowest_s = max(slowest_s, time.perf_counter() - begun)
        is_done, notes[attempt.judge(answer)] = True, None
    if refusal is not None and not is_done:
        raise refusal
    if refusal is not None:
        notes[f"refused once: {refusal.message}"] = None
    return slowest_s, "; ".join(note for note in notes if note)
