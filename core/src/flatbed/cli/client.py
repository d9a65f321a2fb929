"""What commands ask of the service: its documented HTTP interface, as any native program would."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, Literal, TypeVar
from urllib.parse import urlencode

import msgspec
from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPResponse

from flatbed.cli.failures import AnswerError, ServiceLostError
from flatbed.errors import FlatbedError, InternalError, from_wire
from flatbed.storage.consistency import StorageReport

T = TypeVar("T")
Write = Callable[[bytes], None]

JobStatus = Literal["pending", "running", "paused", "completed", "faulted", "canceled"]

_JOBS = "/api/device/scanners/jobs"
_CONNECT_S = 5.0
_ANSWER_S = 120.0
"""Drivers may take a while to list or open scanners; the service has its own, shorter limits."""

_WARNINGS = "Flatbed-Warnings"
_ENDLESS = 0.0
_MAX_FILE_BYTES = 1 << 50

# Tornado would tell of every broken connection by itself, between our own lines.
logging.getLogger("tornado").addHandler(logging.NullHandler())


class Scanner(msgspec.Struct, frozen=True):
    """One scanner; `device` is handed back to use it."""

    name: str
    type: int
    device: str


class CreatedJob(msgspec.Struct, frozen=True):
    """A new job, and the scanner that it got."""

    jobuid: str
    scanner: Scanner


class JobState(msgspec.Struct, frozen=True):
    """A job as it is now; `error` is the wire form of why it faulted or paused.

    `waiting` is the same of what a running job waits for before it feeds the next sheet.
    """

    status: JobStatus
    pages: int
    error: dict[str, Any] | None = None
    waiting: dict[str, Any] | None = None
    warnings: list[str] = []


class ServiceClient:
    """One service; must be made and used within a running event loop.

    All methods raise the error that the service answers, and `ServiceLostError` if it does not.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._http = AsyncHTTPClient(force_instance=True, max_body_size=_MAX_FILE_BYTES)
        self._is_closed = False

    async def is_flatbed(self) -> bool:
        """Whether a Flatbed of this user answers."""
        try:
            answer = await self._ask("GET", "/api/hello", dict[str, Any], timeout_s=_CONNECT_S)
        except FlatbedError:
            return False
        return answer.get("service") == "flatbed" and answer.get("yours") is True

    async def scanners(
        self, types: int | None = None, *, refresh: Literal["true", "false"] = "false"
    ) -> list[Scanner]:
        """The scanners that are there, of the kinds whose bits are set; all drivers asked anew."""
        mask = {} if types is None else {"type": types}
        query = urlencode({"refresh": refresh, **mask})
        return await self._ask("GET", f"/api/device/scanners?{query}", list[Scanner])

    async def create_job(self, request: dict[str, Any]) -> CreatedJob:
        """Create a job, which starts at once."""
        return await self._ask("POST", _JOBS, CreatedJob, body=request)

    async def job(self, uid: str) -> JobState:
        """How a job is getting on."""
        return await self._ask("GET", f"{_JOBS}/{uid}", JobState)

    async def change_job(self, uid: str, status: Literal["running", "canceled"]) -> None:
        """Go on with a paused job, or cancel it."""
        await self._ask("PATCH", f"{_JOBS}/{uid}", dict[str, Any], body={"status": status})

    async def delete_job(self, uid: str) -> None:
        """Delete a job and its pages, once its scanner is free."""
        await self._fetch("DELETE", f"{_JOBS}/{uid}", timeout_s=_ANSWER_S)

    async def wait_for_page(self, uid: str) -> bool:
        """Wait until a job has one more page than it told of; False if no more will come."""
        response = await self._fetch("GET", f"{_JOBS}/{uid}/next-page-info", timeout_s=_ENDLESS)
        return response.code != 204

    async def save_page(self, uid: str, number: int, media_type: str, write: Write) -> None:
        """Hand the file of a job's page to `write`, piece by piece.

        Args:
            uid: The job's.
            number: The page's, from 1.
            media_type: image/png or image/jpeg.
            write: Takes the pieces; what it raises is raised here, after the last piece.
        """
        query = urlencode({"type": media_type, "page": number - 1})
        await self._stream(f"{_JOBS}/{uid}/content?{query}", write)

    async def save_document(self, uid: str, media_type: str, write: Write) -> None:
        """Hand one file of all pages of a job that has ended to `write`; see `save_page`."""
        await self._stream(f"{_JOBS}/{uid}/content?{urlencode({'type': media_type})}", write)

    async def check_storage(self, *, is_deep: bool) -> StorageReport:
        """Compare what is stored with the index; a deep check reads every file to its end."""
        path, wait_s = "/api/storage/check", _ENDLESS if is_deep else _ANSWER_S
        body = {"deep": is_deep}
        return await self._ask("POST", path, StorageReport, body=body, timeout_s=wait_s)

    def close(self) -> None:
        """Let go of what the client holds."""
        self._is_closed = True
        self._http.close()

    async def _ask(
        self,
        verb: str,
        path: str,
        kind: type[T],
        *,
        body: dict[str, Any] | None = None,
        timeout_s: float = _ANSWER_S,
    ) -> T:
        data = None if body is None else msgspec.json.encode(body)
        response = await self._fetch(verb, path, timeout_s=timeout_s, body=data)
        try:
            return msgspec.json.decode(response.body, type=kind)
        except msgspec.MsgspecError as error:
            raise AnswerError from error

    async def _stream(self, path: str, write: Write) -> list[str]:
        """Hand the body of an answer on piece by piece; gives the warnings that came with it."""
        body = _StreamedBody(write)
        response = await self._request(
            "GET",
            path,
            header_callback=body.take_header,
            streaming_callback=body.take,
            request_timeout=_ENDLESS,
        )
        _check(response, bytes(body.refusal))
        if response.code != 200:
            raise AnswerError
        if body.failure is not None:
            raise body.failure
        try:
            return msgspec.json.decode(response.headers.get(_WARNINGS, "[]"), type=list[str])
        except msgspec.MsgspecError as error:
            raise AnswerError from error

    async def _fetch(self, verb: str, path: str, *, timeout_s: float, **more: Any) -> HTTPResponse:
        response = await self._request(verb, path, request_timeout=timeout_s, **more)
        _check(response, response.body)
        return response

    def _own_headers(self) -> dict[str, str]:
        """More headers for every request."""
        return {}

    async def _request(self, verb: str, path: str, **more: Any) -> HTTPResponse:
        options: dict[str, Any] = {"connect_timeout": _CONNECT_S, "follow_redirects": False}
        headers = {"Content-Type": "application/json"} if more.get("body") else {}
        headers |= self._own_headers()
        if self._is_closed:
            # Another part of the command has noticed the loss, and is finding the service again.
            raise ServiceLostError
        try:
            return await self._http.fetch(
                self.url + path,
                raise_error=False,
                method=verb,
                headers=headers,
                **options,
                **more,
            )
        except (OSError, HTTPClientError) as error:
            raise ServiceLostError from error


class _StreamedBody:
    """A body on its way to where it is written; that of a refusal is kept to be read."""

    def __init__(self, write: Write) -> None:
        self._write = write
        self._is_wanted = False
        self.refusal = bytearray()
        self.failure: OSError | None = None

    def take_header(self, line: str) -> None:
        """Take one line of the headers; the first has the status."""
        if line.startswith("HTTP/"):
            self._is_wanted = line.split()[1] == "200"

    def take(self, piece: bytes) -> None:
        """Take one piece of the body."""
        if not self._is_wanted:
            self.refusal += piece
        elif self.failure is None:
            try:
                self._write(piece)
            except OSError as error:
                # Raised within Tornado it would only end up in a log.
                self.failure = error


def _check(response: HTTPResponse, body: bytes) -> None:
    if response.code < 400:
        return
    try:
        wire = msgspec.json.decode(body, type=dict[str, Any])
    except msgspec.MsgspecError as error:
        raise InternalError from error
    raise from_wire(wire)
