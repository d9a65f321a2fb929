"""Requests that change documents, each with what it makes of the plain model; and bad ones."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from tests.machines import model
from tests.machines.model import Json, Page, PlainDocument, Shelf
from tests.support.client import DOCUMENTS, PAGES

PASSWORD = "open sesame"
WITH_PASSWORD = {"DWT-DOC-PASSWORD": PASSWORD}
NOBODY = "0" * 32

Seen: TypeAlias = Mapping[str, Sequence[str]]
"""Uids of the documents that the service has, each with those of its pages."""


class UnfitError(AssertionError):
    """What the service has is not what the request makes."""


@dataclass(frozen=True)
class Deed:
    """One request.

    Attributes:
        verb: In capitals.
        path: With its query.
        status: Of the answer that must come.
        change: What it makes of all documents; new uids are taken from what is seen, which must
            be so many, where they belong, and unknown before, else it raises `UnfitError`.
        body: As httpx takes it.
    """

    verb: str
    path: str
    status: int
    change: Callable[[Shelf, Seen], Shelf] = field(repr=False)
    body: Mapping[str, Any] = field(default_factory=dict, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    def __str__(self) -> str:
        said = self.body.get("json", "a file" if "content" in self.body else "")
        return f"{self.verb} {self.path} {said} -> {self.status}"


def create(*, has_password: bool) -> Deed:
    """Make a document."""

    def change(shelf: Shelf, seen: Seen) -> Shelf:
        new = [uid for uid in seen if uid not in shelf]
        if len(new) != 1:
            raise UnfitError(f"new documents: {new}")
        return {**shelf, new[0]: PlainDocument(new[0], has_password=has_password)}

    wanted = {"password": PASSWORD} if has_password else {}
    return Deed("POST", DOCUMENTS, 201, change, {"json": wanted})


def delete(document: PlainDocument) -> Deed:
    """Delete a document; no password is needed."""

    def change(shelf: Shelf, _: Seen) -> Shelf:
        return {uid: each for uid, each in shelf.items() if uid != document.uid}

    return Deed("DELETE", _path(document), 204, change)


def annotate(document: PlainDocument, metadata: str | Json) -> Deed:
    """Replace the metadata, which is no step."""
    after = replace(document, metadata=metadata)
    return _on(document, "PATCH", "", lambda _: after, {"metadata": metadata})


def load(document: PlainDocument, at: int, drawings: Sequence[int]) -> Deed:
    """Load a file; every page of it is put in."""
    new = [Page("", drawing) for drawing in drawings]
    data = model.png_of(drawings[0]) if len(drawings) == 1 else model.tiff_of(drawings)
    below = f"/pages?insertPos={at + 1}"
    deed = _on(document, "POST", below, lambda order: _inserted(document, at, new, order))
    headers = {**WITH_PASSWORD, "Content-Type": "application/octet-stream"}
    return replace(deed, body={"content": data}, headers=headers)


def copy(document: PlainDocument, at: int, page: Page, source: str) -> Deed:
    """Put a page of any document in, as it is there, edits and all."""
    body = {"source": source, "insertPos": at + 1}
    return _on(
        document, "POST", "/pages", lambda order: _inserted(document, at, [page], order), body
    )


def remove(document: PlainDocument, at: int, *, by_place: bool) -> Deed:
    """Take a page out, by its place or its uid."""
    name = str(at) if by_place else document.order[at]
    return _on(document, "DELETE", f"/pages/{name}", lambda _: document.remove(at), status=204)


def reorder(document: PlainDocument, places: Sequence[int]) -> Deed:
    """Put the pages in another order, by their places before."""
    pages = [document.pages[place] for place in places]
    body = {"order": [page.uid for page in pages]}
    return _on(document, "PATCH", "/pages", lambda _: document.step(pages), body)


def edit(document: PlainDocument, at: int, wanted: Json) -> Deed:
    """Edit a page."""
    page = document.pages[at]
    after = document.edit(at, (*page.edits, json.dumps(wanted)))
    deed = _on(document, "POST", "", lambda _: after, wanted)
    return replace(deed, path=f"{PAGES}/{page.uid}/edits")


def reset(document: PlainDocument, at: int) -> Deed:
    """Take all edits of a page away, as one step."""
    deed = _on(document, "DELETE", "", lambda _: document.edit(at, ()))
    return replace(deed, path=f"{PAGES}/{document.order[at]}/edits")


def undo(document: PlainDocument) -> Deed:
    """Take the last step back, if there is one."""
    if not document.past:
        return refused("POST", f"{_path(document)}/undo", 409)
    return _on(document, "POST", "/undo", lambda _: document.undo())


def redo(document: PlainDocument) -> Deed:
    """Do the step again that was taken back last, if there is one."""
    if not document.future:
        return refused("POST", f"{_path(document)}/redo", 409)
    return _on(document, "POST", "/redo", lambda _: document.redo())


def refused(
    verb: str,
    path: str,
    status: int,
    body: Any = None,
    *,
    content: bytes | None = None,
    password: str = PASSWORD,
) -> Deed:
    """A request that must change nothing."""
    headers = {"DWT-DOC-PASSWORD": password}
    sent: Json = {} if body is None else {"json": body}
    if content is not None:
        sent, headers["Content-Type"] = {"content": content}, "application/octet-stream"
    return Deed(verb, path, status, lambda shelf, _: shelf, sent, headers)


def bad_requests(document: PlainDocument) -> list[Deed]:
    """Whatever somebody may try in vain with a document as it is."""
    path, order = _path(document), document.order
    pages = f"{path}/pages"
    found = [
        refused("PATCH", pages, 400, {"order": [*order, NOBODY]}),
        refused("PATCH", path, 400, {"metadata": ["a list"]}),
        refused("DELETE", f"{pages}/{NOBODY}", 404),
        refused("DELETE", f"{pages}/{len(order)}", 404),
        refused("POST", pages, 404, {"source": NOBODY}),
        refused("POST", pages, 400, {"source": "https://scan.example/page.png"}),
        refused("POST", pages, 400, content=b"no picture at all"),
        refused("POST", pages, 400, content=model.png_of(0)[:-40]),
        refused("GET", f"{DOCUMENTS}/{NOBODY}", 404),
    ]
    gone = sorted(document.uids_ever().difference(order))
    found += [refused("POST", f"{PAGES}/{uid}/edits", 404, {"op": "flip"}) for uid in gone[:1]]
    if document.has_password:
        found.append(refused("POST", f"{path}/undo", 403, password="wrong"))
    return found + (_bad_for_pages(document) if order else [])


def _bad_for_pages(document: PlainDocument) -> list[Deed]:
    pages, order = f"{_path(document)}/pages", document.order
    last = document.pages[-1]
    width, height = last.look().size_px
    edits = f"{PAGES}/{last.uid}/edits"
    return [
        refused("PATCH", pages, 400, {"order": [*order[1:], order[0], order[0]]}),
        refused("PATCH", pages, 400, {"order": order[1:]}),
        refused("POST", edits, 400, {"op": "crop", "box": [0, 0, width + 1, height]}),
        refused("POST", edits, 400, {"op": "erase", "box": [1, 0, 1, height]}),
        refused("POST", edits, 400, {"op": "rotate", "angle": "a quarter"}),
        refused("POST", edits, 404, {"op": "embellish"}),
    ]


def _inserted(
    document: PlainDocument, at: int, pages: Sequence[Page], order: Sequence[str]
) -> PlainDocument:
    uids = order[at : at + len(pages)]
    if len(set(uids)) != len(pages) or document.uids_ever() & set(uids):
        raise UnfitError(f"no {len(pages)} new pages at {at}: {order}")
    named = [replace(page, uid=uid) for page, uid in zip(pages, uids, strict=True)]
    return document.insert(at, named)


def _on(
    document: PlainDocument,
    verb: str,
    below: str,
    after: Callable[[Sequence[str]], PlainDocument],
    body: Json | None = None,
    *,
    status: int = 200,
) -> Deed:
    def change(shelf: Shelf, seen: Seen) -> Shelf:
        return {**shelf, document.uid: after(seen.get(document.uid, ()))}

    sent = {} if body is None else {"json": body}
    return Deed(verb, f"{_path(document)}{below}", status, change, sent, WITH_PASSWORD)


def _path(document: PlainDocument) -> str:
    return f"{DOCUMENTS}/{document.uid}"
