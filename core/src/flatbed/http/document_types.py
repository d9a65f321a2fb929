"""Documents as they go over the wire."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from flatbed.errors import InvalidInputError
from flatbed.http.moments import to_text
from flatbed.storage.document import Document
from flatbed.storage.events import LOCAL
from flatbed.storage.owners import origin_of

Password = Annotated[str, Meta(max_length=32)]
PageSide = Annotated[float, Meta(ge=2, le=5080)]


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
    """A page to put in; `insertPos` counts from 1, at the end without or outside. `replace` is the
    uid of the page whose place it takes instead.
    """

    source: str
    insertPos: Any = None  # noqa: N815 - names of the wire contract
    replace: str | None = None


class LoadQuery(msgspec.Struct):
    """About a file: its media `type` where its first bytes do not tell, `insertPos` from 1 for its
    first page, `dpi` where it does not say its own, or of a file that has none, as a PDF. The
    others are for add-ons that draw pages: `color`, `pages` as `1-3,7`, `region` as left, top,
    right, bottom in mm from the top left, whether `forms` and `annotations` are drawn.
    """

    type: str = ""
    insertPos: Annotated[int, Meta(ge=1)] | None = None  # noqa: N815
    dpi: Annotated[float, Meta(ge=1, le=10_000)] | None = None
    color: Literal["color", "gray", "bw"] | None = None
    pages: Annotated[str, Meta(min_length=1, max_length=1000)] | None = None
    region: Annotated[str, Meta(min_length=1, max_length=200)] | None = None
    forms: bool | None = None
    annotations: bool | None = None

    @property
    def settings(self) -> dict[str, Any]:
        """What the reader of the file gets, by our own names; what was not asked for is left out.

        Raises:
            InvalidInputError: If the region is none.
        """
        asked = {
            "dpi": self.dpi,
            "color": self.color,
            "page_range": self.pages,
            "region": None if self.region is None else _read_region(self.region),
            "forms": self.forms,
            "annotations": self.annotations,
        }
        return _without_none(asked)


class FileHeaders(msgspec.Struct, frozen=True, rename={"password": "Flatbed-File-Password"}):
    """The password of a file that has one; not the document's, which it goes into."""

    password: Annotated[str, Meta(max_length=128)] | None = None


class NewOrder(msgspec.Struct):
    """All pages of the document, each once."""

    order: list[str]


class DocumentContentQuery(msgspec.Struct):
    """`type` of the file; `pages` by uid or place from 0, with commas; `quality` of JPEGs;
    `compression` of a TIFF by its number there, 0 for what suits each page. The others are for
    the add-on that writes PDF: `pageWidthMm` and `pageHeightMm` of `pageType` 1; `password`
    encrypts the file, and who opens it without `ownerPassword` may do what `permissions` name,
    with commas; `standard` is pdf/a-2b or pdf/a-3b.
    """

    type: str | None = None
    pages: str = ""
    quality: Annotated[int, Meta(ge=0, le=100)] = 80
    compression: Annotated[int, Meta(ge=0)] = 0
    pageType: Annotated[int, Meta(ge=0, le=9)] | None = None  # noqa: N815
    pageWidthMm: PageSide | None = None  # noqa: N815
    pageHeightMm: PageSide | None = None  # noqa: N815
    author: str | None = None
    creator: str | None = None
    creationDate: str | None = None  # noqa: N815
    keyWords: str | None = None  # noqa: N815
    modifiedDate: str | None = None  # noqa: N815
    producer: str | None = None
    subject: str | None = None
    title: str | None = None
    version: str | None = None
    password: str | None = None
    ownerPassword: str | None = None  # noqa: N815
    permissions: str | None = None
    standard: str | None = None

    @property
    def settings(self) -> dict[str, Any]:
        """What the writer of the file gets, by our own names; what was not asked for is left out.

        A writer without one of them never hears of it.
        """
        asked = {name: getattr(self, wire) for wire, name in _SETTINGS.items()}
        if self.permissions is not None:
            names = (each.strip() for each in self.permissions.split(","))
            asked["permissions"] = [name for name in names if name]
        return _without_none(asked)


_SETTINGS = {
    "quality": "quality",
    "compression": "compression",
    "pageType": "page_type",
    "pageWidthMm": "page_width_mm",
    "pageHeightMm": "page_height_mm",
    "author": "author",
    "creator": "creator",
    "creationDate": "creation_date",
    "keyWords": "keywords",
    "modifiedDate": "modified_date",
    "producer": "producer",
    "subject": "subject",
    "title": "title",
    "version": "version",
    "password": "password",
    "ownerPassword": "owner_password",
    "standard": "standard",
}


class DocumentPage(msgspec.Struct):
    """A page of a document."""

    uid: str


class DocumentAnswer(msgspec.Struct, omit_defaults=True):
    """A document as it is now; `warnings` tell what is to be known of a file that was loaded."""

    uid: str
    pages: list[DocumentPage]
    canUndo: bool  # noqa: N815
    canRedo: bool  # noqa: N815
    name: str | UnsetType = UNSET
    metadata: str | dict[str, Any] | UnsetType = UNSET
    warnings: list[str] | UnsetType = UNSET


class DocumentEntry(msgspec.Struct, omit_defaults=True):
    """A document in a list; `pages` is how many it has, `origin` whose it is.

    Without `origin`, a program of the user made it. Times are in UTC, as of ISO 8601.
    """

    uid: str
    pages: int
    hasPassword: bool  # noqa: N815
    createdAt: str  # noqa: N815
    changedAt: str  # noqa: N815
    name: str | UnsetType = UNSET
    origin: str | UnsetType = UNSET


def to_answer(document: Document, warnings: Sequence[str] = ()) -> DocumentAnswer:
    """A document as callers see it."""
    metadata = msgspec.json.decode(document.metadata) if document.metadata else UNSET
    return DocumentAnswer(
        uid=document.uid,
        pages=[DocumentPage(page) for page in document.order],
        canUndo=document.can_undo,
        canRedo=document.can_redo,
        name=document.name or UNSET,
        metadata=metadata,
        warnings=list(warnings) or UNSET,
    )


def to_entry(document: Document) -> DocumentEntry:
    """A document as it stands in a list."""
    has_password = document.locked_key.salt is not None
    return DocumentEntry(
        uid=document.uid,
        pages=len(document.order),
        hasPassword=has_password,
        createdAt=to_text(document.created_at),
        changedAt=to_text(document.changed_at),
        name=document.name or UNSET,
        origin=UNSET if document.origin == LOCAL else origin_of(document.origin),
    )


def _read_region(text: str) -> list[float]:
    try:
        region = [float(each) for each in text.split(",")]
    except ValueError:
        region = []
    if len(region) != 4 or not all(0 <= each < math.inf for each in region):
        raise InvalidInputError(
            "'region' takes left, top, right and bottom in millimetres, as 10,10,100,150."
        )
    return region


def _without_none(asked: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in asked.items() if value is not None}
