"""Documents as they go over the wire."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from flatbed.storage.document import Document

Password = Annotated[str, Meta(max_length=32)]


class PasswordHeaders(
    msgspec.Struct,
    frozen=True,
    rename={"password": "DWT-DOC-PASSWORD", "older": "X-DICS-DOC-PASSWORD"},
):
    """The password of a document that has one, by the header's name or its older one."""

    password: Password | None = None
    older: Password | None = None


class NewDocument(msgspec.Struct):
    """A document to make; a name is unique within an origin."""

    password: Password | None = None
    name: Annotated[str, Meta(min_length=1, max_length=200)] | None = None


class NamesQuery(msgspec.Struct):
    """`name` finds one document."""

    name: str | None = None


class DocumentPatch(msgspec.Struct):
    """What is replaced: the metadata, a string or an object."""

    metadata: str | dict[str, Any]


class NewPage(msgspec.Struct):
    """A page to put in; `insertPos` counts from 1, at the end without or outside."""

    source: str
    insertPos: Any = None  # noqa: N815 - names of the wire contract


class NewOrder(msgspec.Struct):
    """All pages of the document, each once."""

    order: list[str]


class DocumentContentQuery(msgspec.Struct):
    """`type` of the file; `pages` by uid or place from 0, with commas; `quality` of JPEGs;
    `compression` of a TIFF by its number there, 0 for what suits each page.
    """

    type: str | None = None
    pages: str = ""
    quality: Annotated[int, Meta(ge=0, le=100)] = 80
    compression: Annotated[int, Meta(ge=0)] = 0


class DocumentPage(msgspec.Struct):
    """A page of a document."""

    uid: str


class DocumentAnswer(msgspec.Struct, omit_defaults=True):
    """A document as it is now."""

    uid: str
    pages: list[DocumentPage]
    canUndo: bool  # noqa: N815
    canRedo: bool  # noqa: N815
    name: str | UnsetType = UNSET
    metadata: str | dict[str, Any] | UnsetType = UNSET


class DocumentEntry(msgspec.Struct, omit_defaults=True):
    """A document in a list; `pages` is how many it has."""

    uid: str
    pages: int
    hasPassword: bool  # noqa: N815
    name: str | UnsetType = UNSET


def to_answer(document: Document) -> DocumentAnswer:
    """A document as callers see it."""
    metadata = msgspec.json.decode(document.metadata) if document.metadata else UNSET
    return DocumentAnswer(
        uid=document.uid,
        pages=[DocumentPage(page) for page in document.order],
        canUndo=document.can_undo,
        canRedo=document.can_redo,
        name=document.name or UNSET,
        metadata=metadata,
    )


def to_entry(document: Document) -> DocumentEntry:
    """A document as it stands in a list."""
    has_password = document.locked_key.salt is not None
    return DocumentEntry(document.uid, len(document.order), has_password, document.name or UNSET)
