"""A caller of the service whose every answer is held to the service's own OpenAPI document."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import httpx
from core.tests.http.openapi_check import assert_answer_fits

from .events import Event, EventStream

JOBS = "/api/device/scanners/jobs"
DOCUMENTS = "/api/storage/documents"
OCTETS = {"Content-Type": "application/octet-stream"}
PAGES = "/api/storage/pages"
PROCESS_JOBS = "/api/process/jobs"
LIMIT_S = 60
NO_CERTIFICATES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Reading those of the world, which httpx does for every client, costs more than many a test."""

ENDED = ("completed", "faulted", "canceled")

Json = dict[str, Any]
T = TypeVar("T")


class UnwantedAnswerError(AssertionError):
    """An answer of another status than the one that was expected."""


class ApiClient:
    """Somebody who calls: a native program, or a page of a web origin.

    Args:
        url: Of the service.
        document: Its OpenAPI document.
        events: Gives those of the service now, to wait for what happens to jobs.
        origin: Of the page; native without.
        subject: That the page names in every request.

    Attributes:
        created: The jobs of this caller, to be deleted at its end.
    """

    def __init__(
        self,
        url: str,
        document: Mapping[str, Any],
        events: Callable[[], EventStream],
        *,
        origin: str | None,
        subject: str | None = None,
    ) -> None:
        self.url, self.origin = url, origin
        self._document, self._events = document, events
        headers = {} if origin is None else {"Origin": origin, "Sec-Fetch-Site": "cross-site"}
        headers |= {} if subject is None else {"Flatbed-Subject": subject}
        limits = httpx.Limits(max_connections=64)
        self.created: list[str] = []
        self._http = httpx.Client(
            base_url=url, headers=headers, timeout=LIMIT_S, limits=limits, verify=NO_CERTIFICATES
        )

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def ask(
        self,
        verb: str,
        path: str,
        expected: int | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        **body: Any,
    ) -> httpx.Response:
        """Send a request.

        Args:
            verb: In capitals.
            path: With its query, or a whole URL of the service.
            expected: The status that must come; None for any.
            headers: More headers.
            body: As httpx takes it: `json` or `content`.
        """
        answer = self._http.request(verb, path, headers=headers, **body)
        self._check(answer)
        if expected is not None and answer.status_code != expected:
            raise UnwantedAnswerError(f"{verb} {path}: {answer.status_code} {answer.text[:500]}")
        return answer

    def get(self, path: str, expected: int = 200) -> httpx.Response:
        """Read something."""
        return self.ask("GET", path, expected)

    def refusal(self, verb: str, path: str, status: int, **body: Any) -> Json:
        """The error body of a request that must be refused with a status."""
        answer = self.ask(verb, path, status, **body)
        found: Json = answer.json()
        assert found["statusCode"] == status
        # A command at the end of a sentence is copied without its full stop.
        assert found["message"].endswith(".") or " install" in found["message"], found
        return found

    def scanners(self, types: int | None = None) -> dict[str, Json]:
        """The scanners by their names."""
        query = "" if types is None else f"?type={types}"
        found = self.get(f"/api/device/scanners{query}").json()
        return {each["name"]: each for each in found}

    def create(self, device: str | None = None, **body: Any) -> Json:
        """Create a job; the answer's JSON.

        Args:
            device: A scanner's name, which is taken for its `device` too.
            body: The rest of the body.
        """
        named = {} if device is None else {"device": device}
        found: Json = self.ask("POST", JOBS, 201, json=named | body).json()
        self.created.append(found["jobuid"])
        return found

    def scan(self, device: str | None = None, **body: Any) -> str:
        """Create a job; its id."""
        return str(self.create(device, **body)["jobuid"])

    def scan_after(self, uid: str, device: str, **body: Any) -> str:
        """Create a job as soon as the scanner is free that another one still holds; its id."""
        while True:
            before = self._count_states(uid)
            answer = self.ask("POST", JOBS, json={"device": device, **body})
            if answer.status_code != 423:
                break
            # The job tells of its end once more when the driver has let go of the scanner.
            self._wait_for_state_after(uid, before)
        assert answer.status_code == 201, answer.text
        self.created.append(answer.json()["jobuid"])
        return self.created[-1]

    def job(self, uid: str) -> Json:
        """How a job is getting on."""
        found: Json = self.get(f"{JOBS}/{uid}").json()
        return found

    def make_document(self, **body: Any) -> str:
        """Make an empty document; its uid."""
        return str(self.ask("POST", DOCUMENTS, 201, json=body).json()["uid"])

    def load(self, document: str, data: bytes, query: str = "", **headers: str) -> list[str]:
        """Load a file into a document; the uids of all its pages then."""
        path = f"{DOCUMENTS}/{document}/pages{query}"
        answer = self.ask("POST", path, 200, headers=OCTETS | headers, content=data)
        return [page["uid"] for page in answer.json()["pages"]]

    def change(self, uid: str, status: str, expected: int = 200) -> httpx.Response:
        """Start or cancel a job."""
        return self.ask("PATCH", f"{JOBS}/{uid}", expected, json={"status": status})

    def delete(self, uid: str, expected: int = 204) -> httpx.Response:
        """Delete a job."""
        return self.ask("DELETE", f"{JOBS}/{uid}", expected)

    def delete_jobs(self) -> None:
        """Delete the jobs that were created here and are still there."""
        for uid in self.created:
            assert self.ask("DELETE", f"{JOBS}/{uid}").status_code in (204, 410)
        self.created.clear()

    def wait_for(self, uid: str, *statuses: str, limit_s: float = LIMIT_S) -> Json:
        """Wait until a job is or was in one of some states; the job as it is then."""
        self.wait_for_event(uid, "job.status", *statuses, limit_s=limit_s)
        return self.job(uid)

    def wait_for_end(self, uid: str, limit_s: float = LIMIT_S) -> Json:
        """Wait until a job has ended, however it did."""
        return self.wait_for(uid, *ENDED, limit_s=limit_s)

    def wait_for_page(self, uid: str, ordinal: int = 0) -> Event:
        """Wait until a job has a page."""
        return self._events().wait_for(
            lambda event: (
                (event.type, event.subject) == ("page.added", uid)
                and event.data["ordinal"] == ordinal
            )
        )

    def wait_for_event(
        self, uid: str, kind: str, *statuses: str, limit_s: float = LIMIT_S
    ) -> Event:
        """Wait for an event that tells of one of some states."""
        return self._events().wait_for(
            lambda event: (
                (event.type, event.subject) == (kind, uid) and event.data["status"] in statuses
            ),
            limit_s=limit_s,
        )

    def _check(self, answer: httpx.Response) -> None:
        verb, target = answer.request.method, answer.request.url.raw_path.decode()
        if (verb, answer.status_code) == ("HEAD", 405):
            # Where GET uses something up there is no HEAD, which no document can say.
            assert "Allow" in answer.headers
            return
        assert_answer_fits(
            self._document, verb, target, answer.status_code, answer.headers, answer.content
        )

    def _wait_for_state_after(self, uid: str, count: int) -> None:
        self._events().wait(lambda: self._count_states(uid) > count)

    def _count_states(self, uid: str) -> int:
        kinds = [each.type for each in self._events().received if each.subject == uid]
        return kinds.count("job.status")

    def next_page(self, uid: str, expected: int = 200, **query: str) -> httpx.Response:
        """Ask for a job's next page."""
        return self.ask("GET", str(httpx.URL(f"{JOBS}/{uid}/next-page", params=query)), expected)

    def drain(self, uid: str, **query: str) -> list[bytes]:
        """The pages of a job that nobody has had, waiting for them to the last."""
        pages: list[bytes] = []
        while True:
            answer = self.ask("GET", str(httpx.URL(f"{JOBS}/{uid}/next-page", params=query)))
            if answer.status_code == 204:
                return pages
            assert answer.status_code == 200, answer.text
            pages.append(answer.content)


def together(*calls: Callable[[], T]) -> list[T]:
    """Make calls at the same time, each in a thread of its own; what they return, in order."""
    with ThreadPoolExecutor(len(calls)) as pool:
        return [each.result(LIMIT_S) for each in [pool.submit(call) for call in calls]]


def fetch_document(url: str) -> Json:
    """The OpenAPI document of a service."""
    document: Json = httpx.get(f"{url}/api/openapi.json", timeout=LIMIT_S).raise_for_status().json()
    return document
