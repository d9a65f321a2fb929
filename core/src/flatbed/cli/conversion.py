"""A file's way through the service: into a document of its own, out again in another kind."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlencode

import msgspec

from flatbed.cli import output
from flatbed.cli.client import ServiceClient
from flatbed.cli.document_client import DOCUMENTS, DocumentClient, DocumentFacts, LoadedDocument
from flatbed.cli.document_export import Export, ExportOrder
from flatbed.cli.failures import AnswerError, OutputError, ServiceLostError
from flatbed.cli.interrupts import on_interruption
from flatbed.cli.passwords import open_with_password, to_octets
from flatbed.cli.reports import Outcome, PlainReport
from flatbed.cli.service_link import ServiceLink
from flatbed.errors import DocumentNotFoundError, FlatbedError

_OCTETS = "application/octet-stream"

_ENDLESS = 0.0
"""The service has its own limits for reading a file; many pages take long."""


@dataclass(frozen=True, kw_only=True)
class ConversionOrder:
    """What a person ordered.

    Attributes:
        source: Where the file is; it is only read.
        content: All of it.
        dpi: Of a file that does not say its own; None for the service's.
        password: Opens the file; None to ask for it where there is one.
        export: Which pages go where.
    """

    source: Path
    content: bytes
    dpi: int | None
    password: str | None = field(default=None, repr=False)
    export: ExportOrder


class JsonAnswer(PlainReport):
    """One JSON object at the end: the files, and how many pages are in them."""

    def ended(self, outcome: Outcome) -> None:
        """Print it."""
        files = [str(each) for each in outcome.files]
        output.say_json({"files": files, "pages": outcome.pages})


async def convert_file(
    link: ServiceLink, order: ConversionOrder, new_report: Callable[[], PlainReport]
) -> None:
    """Write the pages of a file into others; no document is left behind.

    Args:
        link: To the service.
        order: What is wanted.
        new_report: Makes what tells the person; a new one after each question.

    Raises:
        WrongPasswordError: If the file has another password.
        FlatbedError: If the file cannot be read, or the others not be written; those that were
            there before are as they were.
    """
    async with link, _temporary_document(link) as uid:
        with closing(_FileClient(link.client.url, order.password)) as files:
            document = await _load(files, uid, order=order, new_report=new_report)
        _spare_source(order, len(document.pages))
        with closing(DocumentClient(link.client.url)) as client, new_report() as report:
            await Export(client, document, order=order.export, report=report).carry_out()


class _FileClient(ServiceClient):
    """Sends files in place of JSON.

    Attributes:
        password: Opens the file that is sent, if it has one.
    """

    def __init__(self, url: str, password: str | None) -> None:
        super().__init__(url)
        self.password = password

    async def load(self, uid: str, content: bytes, *, dpi: int | None) -> LoadedDocument:
        """Put every page of a file into a document; the document as it is then."""
        query = "" if dpi is None else f"?{urlencode({'dpi': dpi})}"
        path = f"{DOCUMENTS}/{quote(uid)}/pages{query}"
        response = await self._fetch("POST", path, timeout_s=_ENDLESS, body=content)
        try:
            return msgspec.json.decode(response.body, type=LoadedDocument)
        except msgspec.MsgspecError as error:
            raise AnswerError from error

    def _own_headers(self) -> dict[str, str]:
        headers = {"Content-Type": _OCTETS}
        if self.password is None:
            return headers
        refusal = "No file has such a password. Nothing was changed; try again."
        return headers | {"Flatbed-File-Password": to_octets(self.password, refusal=refusal)}


async def _load(
    files: _FileClient,
    uid: str,
    *,
    order: ConversionOrder,
    new_report: Callable[[], PlainReport],
) -> DocumentFacts:
    """Put the pages in; the password is asked for where it is not given."""

    async def attempt() -> DocumentFacts:
        with new_report() as report:
            report.waiting_for(f"Reading {order.source}")
            loaded = await files.load(uid, order.content, dpi=order.dpi)
            for each in loaded.warnings:
                report.noted(each)
            return loaded

    return await open_with_password(
        files,
        attempt,
        called=str(order.source),
        refusal="The file has another password. Nothing was written; try again.",
    )


@asynccontextmanager
async def _temporary_document(link: ServiceLink) -> AsyncIterator[str]:
    """The uid of an empty document that is deleted at the end, however that comes."""
    # Should this process be killed, the name tells in the list what was left.
    name = f"convert-{secrets.token_hex(4)}"
    with _interruptions_later():
        uid = await _create(link, name)
    try:
        yield uid
    finally:
        with _interruptions_later():
            await _delete(link, uid)


async def _create(link: ServiceLink, name: str) -> str:
    with closing(DocumentClient(link.client.url)) as client:
        return (await client.create_document(name)).uid


async def _delete(link: ServiceLink, uid: str) -> None:
    try:
        try:
            await _delete_at(link.client.url, uid)
        except ServiceLostError:
            # The document outlives its service.
            await link.renew(link.client)
            await _delete_at(link.client.url, uid)
    except FlatbedError:
        output.remark(f"A document is left. Delete it with: flatbed documents delete {uid}")
        raise


async def _delete_at(url: str, uid: str) -> None:
    with closing(DocumentClient(url)) as client, suppress(DocumentNotFoundError):
        await client.delete_document(uid)


@contextmanager
def _interruptions_later() -> Iterator[None]:
    """Let interruptions wait until the end of what must not stay half done.

    It must have a time limit of its own.
    """
    came = asyncio.Event()
    on_interruption(came.set)
    try:
        yield
    finally:
        task = asyncio.current_task()
        if task is not None:
            on_interruption(task.cancel)
            if came.is_set():
                task.cancel()


def _spare_source(order: ConversionOrder, count: int) -> None:
    """See that no file is written over the one that is read, whatever may be overwritten."""
    target, places = order.export.target, order.export.pages.places(count)
    names = [target.path]
    if not target.holds_all_pages and len(places) > 1:
        names = [target.numbered(each + 1) for each in range(len(places))]
    for name in names:
        # Whoever takes the source away meanwhile has nothing to lose here.
        if name.exists() and order.source.exists() and name.samefile(order.source):
            raise OutputError(f"{name} is the file that is read. Choose another name with -o.")
