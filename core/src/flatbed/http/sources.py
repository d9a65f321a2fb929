"""Where a page comes from: a URL of this service or a bare page uid; nothing is ever fetched."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias
from urllib.parse import SplitResult, parse_qs, urlsplit

from flatbed.errors import InvalidInputError

Kind: TypeAlias = Literal["page", "job", "document"]

_UID = r"[0-9a-f]{32}"
_BARE = re.compile(_UID)
_JOB_PAGE = re.compile(rf"/api/device/scanners/jobs/({_UID})/(next-page|content)")
_PAGE = re.compile(rf"/api/storage/pages/({_UID})/(content|thumbnail)")
_DOCUMENT_PAGE = re.compile(rf"/api/storage/documents/({_UID})/pages/([0-9a-f]+)")
_DOCUMENT_CONTENT = re.compile(rf"/api/storage/documents/({_UID})/content")
_DOCUMENT = re.compile(rf"/api/storage/documents/({_UID})")
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}


@dataclass(frozen=True)
class Source:
    """What a `source` names.

    Attributes:
        kind: A page by its uid, a page of a job, or a page of a document.
        holder: Uid of the job or document; empty for a page by its uid.
        page: Uid of the page, or its place from 0 in the holder.
    """

    kind: Kind
    holder: str
    page: str


def parse_source(source: str, *, base_url: str) -> Source:
    """Read a `source`.

    Args:
        source: As the caller sent it.
        base_url: Scheme and host of the request.

    Raises:
        InvalidInputError: If it names nothing of this service, or another one.
    """
    if _BARE.fullmatch(source):
        return Source("page", "", source)
    try:
        parts = urlsplit(source)
        is_own = _is_own(parts, urlsplit(base_url))
    except ValueError as error:
        raise _refusal(source) from error
    found = _read_path(parts) if is_own else None
    if found is None:
        raise _refusal(source)
    return found


def parse_document(source: str, *, base_url: str) -> str | None:
    """The uid of the document that a `source` names as a whole; `None` if it names none."""
    try:
        parts = urlsplit(source)
        found = _DOCUMENT.fullmatch(parts.path) if _is_own(parts, urlsplit(base_url)) else None
    except ValueError:
        return None  # `parse_source` says what is wrong with it
    return found[1] if found else None


def _read_path(parts: SplitResult) -> Source | None:
    if found := _PAGE.fullmatch(parts.path):
        return Source("page", "", found[1])
    if found := _DOCUMENT_PAGE.fullmatch(parts.path):
        return Source("document", found[1], found[2])
    query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    if (found := _JOB_PAGE.fullmatch(parts.path)) and "page" in query:
        return Source("job", found[1], query["page"])
    if (found := _DOCUMENT_CONTENT.fullmatch(parts.path)) and "pages" in query:
        return Source("document", found[1], query["pages"])
    return None


def _is_own(parts: SplitResult, own: SplitResult) -> bool:
    if not parts.scheme and not parts.netloc:
        return True
    if parts.scheme not in ("http", "https") or parts.username is not None:
        return False
    names = {own.hostname} | (_LOOPBACK if own.hostname in _LOOPBACK else set())
    return parts.hostname in names and parts.port == own.port


def _refusal(source: str) -> InvalidInputError:
    return InvalidInputError(
        f"The source {source[:200]!r} is no page of this service."
        " Send the URL of a job's or a document's page, or a page's uid."
    )
