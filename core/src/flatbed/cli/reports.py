"""How a scan tells how it is getting on: a live line, plain lines, or JSON lines."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from rich.live import Live
from rich.spinner import Spinner
from rich.text import Text

from flatbed.cli import output
from flatbed.cli.client import CreatedJob, JobStatus
from flatbed.errors import FlatbedError

_REFRESHES_A_SECOND = 8


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How a scan ended.

    Attributes:
        status: The job's last state.
        pages: How many pages were saved.
        files: Where they are, in order.
        error: The wire form of the fault that ended it.
        stopped_at: That of the fault at which the person ended it.
        seconds: How long it took.
    """

    status: JobStatus
    pages: int
    files: Sequence[Path]
    error: dict[str, Any] | None
    stopped_at: dict[str, Any] | None
    seconds: float


class PlainReport:
    """Lines for people, one an event; what was saved goes to the standard output."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        return

    def waiting_for(self, what: str) -> None:
        """Tell of what takes a while before there is a job; not worth a line."""

    def started(self, job: CreatedJob) -> None:
        """A job has a scanner."""
        output.remark(f"Scanning with {job.scanner.name}.")

    def page_came(self, number: int) -> None:
        """One more page is safe in the service's buffer."""
        output.remark(f"Page {number} scanned.")

    def file_saved(self, path: Path) -> None:
        """A file is in its place; told at the end, all together."""

    def noted(self, text: str) -> None:
        """Something gave way."""
        output.remark(f"Note: {text}", "dim")

    def waiting(self, reason: dict[str, Any]) -> None:
        """The job waits, and goes on by itself."""
        output.remark(str(reason["message"]), "yellow")

    def paused(self, error: dict[str, Any]) -> None:
        """The job waits for a person at the scanner."""
        output.remark(str(error["message"]), "yellow")
        output.remark("Press Enter to go on, c to stop.")

    def resumed(self) -> None:
        """The job waits no longer."""

    def canceling(self) -> None:
        """Somebody asked for the end."""
        output.remark("Canceling.")

    def ended(self, outcome: Outcome) -> None:
        """The scan is over."""
        if outcome.error is not None:
            output.remark(str(outcome.error["message"]), output.BAD)
        elif outcome.status == "canceled":
            output.remark("Canceled." if outcome.pages else "Canceled before the first page.")
        if outcome.files:
            output.say(_summary(outcome))

    def failed(self, error: FlatbedError) -> None:
        """The command could not do what it should."""
        output.remark(error.message, output.BAD)


class LiveReport(PlainReport):
    """One line at the terminal that changes; only what should stay gets lines of its own.

    Args:
        pages: How many were asked for; 0 for all there are.
    """

    def __init__(self, pages: int) -> None:
        self._pages = pages
        self._spinner = Spinner("dots")
        self._doing = ""
        self._began = time.monotonic()
        self._live = self._new_live()

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self._live.stop()

    def __rich__(self) -> Text:
        elapsed = time.monotonic() - self._began
        minutes, seconds = divmod(int(elapsed), 60)
        frame = self._spinner.render(elapsed)
        clock = (f"   {minutes}:{seconds:02d}", "dim")
        return Text.assemble(str(frame), " ", output.clean(self._doing), clock)

    def waiting_for(self, what: str) -> None:
        """Show it for as long as it takes."""
        self._show(what)

    def started(self, job: CreatedJob) -> None:
        """Keep the scanner's name, and count from here."""
        super().started(job)
        self._began = time.monotonic()
        self._expect(1)

    def page_came(self, number: int) -> None:
        """The next one is under way."""
        self._expect(number + 1)

    def paused(self, error: dict[str, Any]) -> None:
        """Make room for the question."""
        self._live.stop()
        super().paused(error)

    def resumed(self) -> None:
        """Go on with the line."""
        # One that was stopped has forgotten where it stood.
        self._live = self._new_live()
        self._live.start()

    def canceling(self) -> None:
        """Show that it was heard."""
        self._show("Canceling")

    def ended(self, outcome: Outcome) -> None:
        """Take the line away, and say what there is."""
        self._live.stop()
        super().ended(outcome)

    def failed(self, error: FlatbedError) -> None:
        """Take the line away, and say what went wrong."""
        self._live.stop()
        super().failed(error)

    def _expect(self, number: int) -> None:
        if number > self._pages > 0:
            self._show("Finishing")
        else:
            self._show(f"Scanning page {number}" + (f" of {self._pages}" if self._pages else ""))

    def _show(self, doing: str) -> None:
        self._doing = doing
        self._live.refresh()

    def _new_live(self) -> Live:
        return Live(
            self,
            console=output.remarks(),
            transient=True,
            refresh_per_second=_REFRESHES_A_SECOND,
            redirect_stdout=False,
            redirect_stderr=False,
        )


class JsonReport(PlainReport):
    """One JSON object a line on the standard output, `event` first, and nothing else."""

    def started(self, job: CreatedJob) -> None:
        """`started`: the job's id, and the scanner."""
        scanner = {"name": job.scanner.name, "device": job.scanner.device}
        _emit("started", job=job.jobuid, scanner=scanner)

    def page_came(self, number: int) -> None:
        """`page`: its number, from 1."""
        _emit("page", page=number)

    def file_saved(self, path: Path) -> None:
        """`saved`: the file."""
        _emit("saved", file=str(path))

    def noted(self, text: str) -> None:
        """`note`: the sentence."""
        _emit("note", message=text)

    def waiting(self, reason: dict[str, Any]) -> None:
        """`waiting`: for what, as `error`, `code` and `message`."""
        _emit("waiting", **reason)

    def paused(self, error: dict[str, Any]) -> None:
        """`paused`: why, as `error`, `code` and `message`."""
        _emit("paused", **error)

    def resumed(self) -> None:
        """`resumed`."""
        _emit("resumed")

    def canceling(self) -> None:
        """`canceling`."""
        _emit("canceling")

    def ended(self, outcome: Outcome) -> None:
        """`ended`: the job's state, the fault if one ended it, the pages and files, the time."""
        _emit(
            "ended",
            status=outcome.status,
            pages=outcome.pages,
            files=[str(each) for each in outcome.files],
            error=outcome.error,
            seconds=round(outcome.seconds, 2),
        )

    def failed(self, error: FlatbedError) -> None:
        """`failed`: as `error`, `code` and `message`."""
        _emit("failed", **error.to_wire())


def choose_report(pages: int, *, as_json: bool) -> PlainReport:
    """The report that fits where the output goes, on a scan of so many pages (0: all)."""
    if as_json:
        return JsonReport()
    console = output.remarks()
    has_lines_that_change = console.is_terminal and not console.is_dumb_terminal
    return LiveReport(pages) if has_lines_that_change else PlainReport()


def _emit(event: str, **about: Any) -> None:
    output.say_json_line({"event": event, **about})


def _summary(outcome: Outcome) -> str:
    first, last = outcome.files[0], outcome.files[-1]
    pages = "1 page" if outcome.pages == 1 else f"{outcome.pages} pages"
    if len(outcome.files) == 1:
        return f"Saved {pages} as {first}."
    return f"Saved {pages} as {first} to {last.name}."
