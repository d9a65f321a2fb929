"""A service with two scanners beside the jobs that it has to have: asked, and held to them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import httpx
from tests.machines.job_model import DEVICES, ENDED, PlainJob, Wish
from tests.support.client import JOBS, ApiClient, together
from tests.support.pictures import read_picture
from tests.support.service import LiveService
from tests.support.waiting import wait_until

_DIARY_LINES = 60


class DisagreementError(AssertionError):
    """The service does not do what the contract says; with what was done until then."""


class Desk:
    """A service with two scanners, and the jobs that it has to have."""

    def __init__(self, service: LiveService) -> None:
        self.service = service
        self.jobs: dict[str, PlainJob] = {}
        self.deleted: list[str] = []
        self.tally: Counter[str] = Counter()
        self._api: ApiClient = service.client()
        self._diary: list[str] = []

    def ask(self, verb: str, path: str, *statuses: int, **body: Any) -> httpx.Response:
        """A request whose answer must have one of some statuses."""
        answer = self._api.ask(verb, path, **body)
        self._note(f"{verb} {path} {body or ''} -> {answer.status_code}")
        self.tally["requests"] += 1
        self.require(answer.status_code in statuses, f"wanted {statuses}: {answer.text[:300]}")
        return answer

    def ask_together(self, path: str, count: int) -> list[httpx.Response]:
        """The same GET by several at once."""
        calls: list[Callable[[], httpx.Response]] = [lambda: self._api.ask("GET", path)] * count
        answers = together(*calls)
        self._note(f"GET {path} {count} times -> {[each.status_code for each in answers]}")
        self.tally["requests"] += count
        return answers

    def require(self, is_so: bool, what: str) -> None:  # noqa: FBT001 - as of an assertion
        """Stop where something is not as it has to be."""
        if not is_so:
            diary = "\n  ".join(self._diary[-_DIARY_LINES:])
            raise DisagreementError(f"{what}\nafter\n  {diary}")

    def agree(self, fault: str) -> None:
        """Stop over what the model says is wrong."""
        self.require(not fault, fault)

    def look(self, job: PlainJob) -> tuple[str, int]:
        """A job's state and number of pages."""
        said = self.ask("GET", path_of(job), 200).json()
        self.agree(job.see(said["status"], said["pages"]))
        self.tally[said["status"]] += 1
        is_faulty = said["status"] in ("faulted", "paused")
        self.require(is_faulty == (said["code"] != 0), f"{said}")
        return said["status"], said["pages"]

    def create(self, wish: Wish) -> None:
        """Create a job, where its scanner is free; else be told that it is not."""
        others = [each for each in self.jobs.values() if each.wish.device == wish.device]
        if any(each.surely_holds for each in others):
            self.ask("POST", JOBS, 423, json=wish.body)
            return
        if any(each.may_hold for each in others):
            answer = self.ask("POST", JOBS, 201, 423, json=wish.body)
        else:
            answer = self.ask_soon("POST", JOBS, 201, 423, json=wish.body)
        if answer.status_code == 201:
            job = PlainJob(answer.json()["jobuid"], wish, frozenset({"pending"}))
            for each in others:
                # It has let go of the scanner.
                each.may &= ENDED
            if wish.runs_at_once:
                job.start()
            self.jobs[job.uid] = job

    def ask_soon(
        self, verb: str, path: str, wanted: int, early: int, **body: Any
    ) -> httpx.Response:
        """A request right after a job's end: the state is told before the driver has let go."""
        answers: list[httpx.Response] = []

        def is_so() -> bool:
            answers.append(self.ask(verb, path, wanted, early, **body))
            return answers[-1].status_code == wanted

        wait_until(is_so)
        return answers[-1]

    def delete(self, job: PlainJob) -> None:
        """Delete a job, and hear that it is gone."""
        self.ask("DELETE", path_of(job), 204)
        del self.jobs[job.uid]
        self.deleted.append(job.uid)
        self.ask("GET", path_of(job), 410)

    def clear(self) -> None:
        """Delete all; both scanners are free, and no page stays."""
        for job in list(self.jobs.values()):
            self.delete(job)
        for device in DEVICES:
            self.create(Wish(device, runs_at_once=False, sheets=1, pauses=False))
        for job in list(self.jobs.values()):
            self.delete(job)
        wait_until(lambda: not self.service.stored_pages())
        self.deleted.clear()
        self._diary.clear()

    def _note(self, line: str) -> None:
        self._diary.append(line)


def path_of(job: PlainJob) -> str:
    """Where a job is."""
    return f"{JOBS}/{job.uid}"


def digest_of(answer: httpx.Response) -> str:
    """SHA-256 of the pixels of a picture."""
    return read_picture(answer.content).sha256
