"""F13: scan jobs of a real service, through random steps, agree with the contract."""

from __future__ import annotations

from collections import Counter
from typing import Any, cast

import httpx
import hypothesis
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    rule,
    run_state_machine_as_test,
)
from tests.machines.job_desk import Desk, digest_of, path_of
from tests.machines.job_model import (
    BAD_BODIES,
    BAD_REQUESTS,
    DEVICES,
    EMPTY_ANSWERS,
    ENDED,
    NOBODY,
    SHEETS,
    PlainJob,
    Wish,
)
from tests.support.client import JOBS
from tests.support.service import LiveService
from tests.support.waiting import wait_until

_JOBS_MOST = 6
_STEPS_AN_EXAMPLE = 40
_SETTINGS = settings(
    deadline=None,
    database=None,
    print_blob=True,
    suppress_health_check=list(HealthCheck),
    report_multiple_bugs=False,
)

NUMBERS = st.integers(0, 59)
TIMES = st.sampled_from([1, 2, 3, 4, 12])
WISHES = st.builds(
    Wish, st.sampled_from(DEVICES), st.booleans(), st.integers(0, SHEETS), st.booleans()
)


class JobMachine(RuleBasedStateMachine):
    """Somebody at two scanners, one of which jams."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk

    def teardown(self) -> None:
        """Nothing of it all stays."""
        self._desk.clear()

    @initialize(sheets=st.integers(0, SHEETS), is_jammed=st.booleans())
    def begin(self, sheets: int, *, is_jammed: bool) -> None:
        """There is a job, and on the other scanner one that somebody clears a jam of."""
        self._desk.create(Wish("One", runs_at_once=True, sheets=sheets, pauses=False))
        if is_jammed:
            self._desk.create(Wish("Jams", runs_at_once=True, sheets=SHEETS, pauses=True))

    @rule(wish=WISHES)
    def create(self, wish: Wish) -> None:
        """A job, or 423."""
        if len(self._desk.jobs) < _JOBS_MOST:
            self._desk.create(wish)

    @rule(which=NUMBERS)
    def start(self, which: int) -> None:
        """Pending and paused jobs start; no other does."""
        if job := self._pick(which):
            self._change(job, "running", yes={"pending", "paused"})

    @rule(which=NUMBERS)
    def cancel(self, which: int) -> None:
        """Running and paused jobs end; no other does."""
        if job := self._pick(which):
            self._change(job, "canceled", yes={"running", "paused"})

    @rule(which=NUMBERS)
    def delete(self, which: int) -> None:
        """Whatever its state."""
        if job := self._pick(which):
            self._desk.delete(job)

    @rule(which=NUMBERS)
    def wait(self, which: int) -> None:
        """Until a job stands still."""
        if job := self._pick(which):
            wait_until(lambda: self._desk.look(job)[0] != "running")

    @rule(which=NUMBERS, times=TIMES)
    def next_page(self, which: int, times: int) -> None:
        """Each page once, in order; then 204, and in the end 410."""
        for _ in range(times):
            if (job := self._pick(which)) and self._will_answer(job, len(job.handed_out)):
                answer = self._next(job, "next-page")
                if answer.status_code == 200:
                    self._take_page(job, len(job.handed_out), answer)

    @rule(which=NUMBERS, times=TIMES)
    def next_page_info(self, which: int, times: int) -> None:
        """The same with a cursor of its own; what it names is the page."""
        for _ in range(times):
            if (job := self._pick(which)) and self._will_answer(job, len(job.told)):
                answer = self._next(job, "next-page-info")
                if answer.status_code == 200:
                    self._take_info(job, answer.json())

    @rule(which=NUMBERS)
    def drain(self, which: int) -> None:
        """As most clients do: wait, and take all there is from both cursors."""
        if job := self._pick(which):
            wait_until(lambda: self._desk.look(job)[0] != "running")
            for _ in range(job.wish.pages + 1):
                self.next_page(which, 1)
                self.next_page_info(which, 1)

    @rule(which=NUMBERS)
    def next_page_together(self, which: int) -> None:
        """Two who wait at once never get the same page."""
        job = self._pick(which)
        if job is None or job.empty["next-page"] or not self._is_ended(job):
            return
        answers = self._desk.ask_together(f"{path_of(job)}/next-page", 2)
        digests = [digest_of(each) for each in answers if each.status_code == 200]
        job.empty["next-page"] += 2 - len(digests)
        left = self._desk.look(job)[1] - len(job.handed_out)
        self._desk.require(len(digests) == min(2, left), f"{left} were left")
        self._desk.require(not set(digests) & set(job.handed_out), "handed out twice")
        self._desk.require(len(set(digests)) == len(digests), "both got the same page")
        job.handed_out += digests

    @rule(which=NUMBERS, place=st.integers(0, SHEETS))
    def content(self, which: int, place: int) -> None:
        """A page by its place, for as long as there is the job."""
        if job := self._pick(which):
            status, pages = self._desk.look(job)
            path = f"{path_of(job)}/content?page={place}"
            if status == "canceled" and place >= pages:
                # The device may take longer to let go than the job to say so.
                self._desk.ask_soon("GET", path, 404, 204)
                return
            if status in ENDED and place >= pages:
                self._desk.ask("GET", path, 404)
                return
            wanted = {"pending": {409}, "running": {200, 204, 404}}.get(status, {200, 204})
            answer = self._desk.ask("GET", path, *wanted)
            if status not in ("pending", "running"):
                is_there = answer.status_code == 200
                self._desk.require(is_there == (place < pages), f"{place} of {pages}")
            if answer.status_code == 200:
                self._desk.agree(job.look(place, digest_of(answer)))

    @rule(which=NUMBERS)
    def whole(self, which: int) -> None:
        """All pages as one file, once there will be no more."""
        if job := self._pick(which):
            status, pages = self._desk.look(job)
            path = f"{path_of(job)}/content?type=image/tiff"
            if status == "canceled":
                self._desk.ask_soon("GET", path, 200 if pages else 404, 409)
            elif status in ENDED:
                self._desk.ask("GET", path, 200 if pages else 404)
            else:
                wanted = {200, 404, 409} if status == "running" else {409}
                self._desk.ask("GET", path, *wanted)

    @rule(
        which=NUMBERS, what=st.sampled_from(["capabilities", "capabilities?caps=1,257", "settings"])
    )
    def ask_scanner(self, which: int, what: str) -> None:
        """What the scanner can do is told of a pending job, and of no other."""
        if job := self._pick(which):
            status = 200 if job.may == {"pending"} else 409
            self._desk.ask("GET", f"{path_of(job)}/scanner/{what}", status)

    @rule(which=NUMBERS, bad=st.sampled_from(BAD_REQUESTS))
    def try_in_vain(self, which: int, bad: tuple[str, str, dict[str, Any], int]) -> None:
        """A bad request, to a job, a deleted one, and one that never was."""
        verb, path, body, status = bad
        if job := self._pick(which):
            self._desk.ask(verb, path_of(job) + path, status, **body)
        gone = {status, 410}
        for uid in self._desk.deleted[-1:]:
            self._desk.ask(verb, f"{JOBS}/{uid}{path}", *gone, **body)
        self._desk.ask(verb, f"{JOBS}/{NOBODY}{path}", status, 404, **body)

    @rule(bad=st.sampled_from(BAD_BODIES))
    def create_in_vain(self, bad: tuple[dict[str, Any], int]) -> None:
        """No job comes of a bad body, whoever has the scanner."""
        body, status = bad
        self._desk.ask("POST", JOBS, status, 423, **body)

    @rule(
        path=st.sampled_from(["", "/next-page", "/next-page-info", "/content", "/scanner/settings"])
    )
    def ask_in_vain(self, path: str) -> None:
        """A deleted job is gone, and one that never was is not there."""
        for uid in self._desk.deleted[-1:]:
            self._desk.ask("GET", f"{JOBS}/{uid}{path}", 410)
            self._desk.ask("DELETE", f"{JOBS}/{uid}", 410)
        self._desk.ask("GET", f"{JOBS}/{NOBODY}{path}", 404)
        self._desk.ask("DELETE", f"{JOBS}/{NOBODY}", 404)

    def _pick(self, which: int) -> PlainJob | None:
        jobs = list(self._desk.jobs.values())
        return jobs[which % len(jobs)] if jobs else None

    def _change(self, job: PlainJob, status: str, *, yes: set[str]) -> None:
        self._desk.look(job)
        can = {200} if job.may & yes else set()
        cannot = {409} if job.may - yes else set()
        path, body = path_of(job), {"status": status}
        answer = self._desk.ask("PATCH", path, *can, *cannot, json=body)
        if answer.status_code == 409:
            # What runs can be paused a moment later.
            job.may -= set() if "running" in job.may - yes else yes
            return
        job.may &= yes
        if status == "running":
            job.start()
        else:
            job.may = frozenset({"canceled"})
        self._desk.look(job)

    def _is_ended(self, job: PlainJob) -> bool:
        return self._desk.look(job)[0] in ENDED

    def _will_answer(self, job: PlainJob, had: int) -> bool:
        """Whether a cursor need not wait for a person."""
        status, pages = self._desk.look(job)
        return status in ENDED or pages > had or (status == "running" and not job.wish.jams)

    def _next(self, job: PlainJob, cursor: str) -> httpx.Response:
        had = len(job.handed_out if cursor == "next-page" else job.told)
        answer = self._desk.ask("GET", f"{path_of(job)}/{cursor}", 200, 204, 410)
        if answer.status_code != 200:
            pages = self._desk.look(job)[1]
            self._desk.require(self._is_ended(job), "204 before the end")
            self._desk.require(had == pages, f"{had} of {pages} pages were handed out")
            job.empty[cursor] += 1
            is_gone = job.empty[cursor] > EMPTY_ANSWERS
            self._desk.require(is_gone == (answer.status_code == 410), "204 and 410")
        return answer

    def _take_page(self, job: PlainJob, place: int, answer: httpx.Response) -> None:
        digest = digest_of(answer)
        self._desk.require(digest not in job.handed_out, "handed out twice")
        if not job.empty["next-page"]:
            self._desk.agree(job.look(place, digest))
        job.handed_out.append(digest)
        self._desk.tally["pages handed out"] += 1

    def _take_info(self, job: PlainJob, said: dict[str, Any]) -> None:
        place = len(job.told)
        self._desk.require(said["imageId"] == place, f"{said}")
        self._desk.require(said["imageuid"] not in job.told, "told twice")
        job.told.append(said["imageuid"])
        answer = self._desk.ask("GET", said["url"], 200)
        self._desk.agree(job.look(place, digest_of(answer)))


def run(service: LiveService, *, steps: int, seed: int, shrinks: bool = True) -> Counter[str]:
    """Let the machine run; how often it did what.

    Args:
        service: Started, with `job_model.SETTINGS`.
        steps: About so many.
        seed: Of everything that is drawn; when a page comes is never quite the same.
        shrinks: Whether what fails is made as short as it can be.

    Raises:
        DisagreementError: With all that was done.
    """
    desk = Desk(service)
    examples = -(-steps // _STEPS_AN_EXAMPLE)
    phases = (Phase.generate, Phase.shrink) if shrinks else (Phase.generate,)
    chosen = settings(
        _SETTINGS, max_examples=examples, stateful_step_count=_STEPS_AN_EXAMPLE, phases=phases
    )
    # Any callable will do, says its docstring; its annotation has it narrower.
    machine = cast("type[JobMachine]", hypothesis.seed(seed)(lambda: JobMachine(desk)))
    run_state_machine_as_test(machine, settings=chosen)
    return desk.tally
