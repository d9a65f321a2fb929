"""What the commands about documents do at the service, each in one go."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

import msgspec

from flatbed.cli import output
from flatbed.cli.document_choice import choose_document
from flatbed.cli.document_client import DocumentClient, DocumentEntry, DocumentFacts
from flatbed.cli.document_export import Export, ExportOrder
from flatbed.cli.passwords import open_with_password
from flatbed.cli.prompts import confirm
from flatbed.cli.reports import PlainReport
from flatbed.cli.service_link import ServiceLink, open_client
from flatbed.errors import DocumentNotFoundError


async def list_all(link: ServiceLink) -> list[DocumentEntry]:
    """All documents, oldest first."""
    async with open_client(link, DocumentClient) as client:
        return await client.documents()


async def read_document(
    link: ServiceLink, wanted: str, password: str | None
) -> tuple[DocumentEntry, DocumentFacts]:
    """One document; its password is asked for where it is not given.

    Raises:
        DocumentNotFoundError: If it is not there.
        InvalidInputError: If it may be any of several.
        WrongPasswordError: If it has another password.
    """
    async with open_client(link, DocumentClient) as client:
        entry = choose_document(await client.documents(), wanted)
        facts = await _open(client, entry, password)
        pages = [await client.page(str(page["uid"])) for page in facts.pages]
        return entry, msgspec.structs.replace(facts, pages=pages)


async def save_document(
    link: ServiceLink,
    wanted: str,
    password: str | None,
    *,
    order: ExportOrder,
    report: PlainReport,
) -> None:
    """Write a document into files; see `read_document` for what is raised as well."""
    async with open_client(link, DocumentClient) as client:
        entry = choose_document(await client.documents(), wanted)
        document = await _open(client, entry, password)
        with report:
            await Export(client, document, order=order, report=report).carry_out()


async def delete_documents(link: ServiceLink, wanted: Sequence[str], *, asks: bool) -> bool:
    """Delete all these documents, or none if one of them is not there.

    Args:
        link: To the service.
        wanted: Names and uids.
        asks: A person is asked first.

    Returns:
        Whether they were deleted.
    """
    async with open_client(link, DocumentClient) as client:
        there = await client.documents()
        chosen = {each.uid: each for each in (choose_document(there, name) for name in wanted)}
        if asks and not confirm(_question(list(chosen.values()))):
            return False
        for entry in chosen.values():
            # Somebody else was quicker.
            with suppress(DocumentNotFoundError):
                await client.delete_document(entry.uid)
            output.say(f"Deleted {entry.called}.")
    return True


async def _open(
    client: DocumentClient, entry: DocumentEntry, password: str | None
) -> DocumentFacts:
    client.password = password
    return await open_with_password(client, lambda: client.document(entry.uid), called=entry.called)


def _question(entries: Sequence[DocumentEntry]) -> str:
    if len(entries) == 1:
        return f"Delete {_describe(entries[0])}? It cannot be undone."
    lines = "".join(f"  {_describe(each)}\n" for each in entries)
    return f"{lines}Delete these {len(entries)} documents? It cannot be undone."


def _describe(entry: DocumentEntry) -> str:
    pages = "1 page" if entry.pages == 1 else f"{entry.pages} pages"
    whose = "" if entry.is_local else f" of {entry.origin}"
    return f"{entry.called}{whose} ({pages})"
