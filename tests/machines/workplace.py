"""A real service beside the plain model: each request is done to both, and both are compared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from tests.machines import model
from tests.machines.deeds import WITH_PASSWORD, Deed, Seen, UnfitError
from tests.machines.model import Json, Page, Picture, PlainDocument, Shelf
from tests.support.client import DOCUMENTS, LIMIT_S, PAGES, ApiClient
from tests.support.service import LiveService
from tests.support.waiting import wait_until

_DIARY_LINES = 60


class DisagreementError(AssertionError):
    """The service and the model do not agree; with what was done until then."""


@dataclass
class Workplace:
    """One service, the documents that it has to have, and what was done.

    Attributes:
        service: Started already.
        shelf: The documents by the model.
        tally: How often what was done.
        fuse_s: The next request that changes something is cut off by kill -9 after so many
            seconds, or by its answer; None for not.
    """

    service: LiveService
    shelf: Shelf = field(default_factory=dict)
    tally: Counter[str] = field(default_factory=Counter)
    fuse_s: float | None = None
    _diary: list[str] = field(default_factory=list)
    _was_cut_off: bool = False
    _known_left: set[Path] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._api: ApiClient = self.service.client()

    def do(self, deed: Deed) -> None:
        """Do something to the service and to the model."""
        moment_s, self.fuse_s = self.fuse_s, None
        self._note(f"{deed}{'' if moment_s is None else f', kill -9 after {moment_s} s'}")
        self.tally["steps"] += 1
        if moment_s is None or self._leaves_no_trace(deed):
            before = self.shelf
            self._take(deed, self._ask(deed))
            self._compare_changed(before)
        else:
            self._cut_off(deed, moment_s)

    def restart(self) -> None:
        """End the service as a person would, and start it again."""
        self._note("restart")
        self.tally["restarts"] += 1
        self.service.stop()
        self.service.restart()
        self.compare_all()

    def kill(self) -> None:
        """Kill the service while nobody asks anything, and start it again."""
        self._note("kill -9 at rest")
        self.tally["kills at rest"] += 1
        self.service.kill()
        self.service.restart()
        self.compare_all()

    def compare_all(self) -> None:
        """Each document, and each page: what is known of it, and every sample."""
        self._require("documents", self._observe(), _describe(self.shelf))
        for document in self.shelf.values():
            self.compare_pictures(document)

    def compare_pictures(self, document: PlainDocument) -> None:
        """Every sample of a document's pages."""
        for page in document.pages:
            self._compare_picture(page)

    def compare_page(self, document: PlainDocument, at: int) -> None:
        """A page, sample by sample, its facts, and the size of its thumbnail."""
        page = document.pages[at]
        self._note(f"look at {page.uid}")
        self._require(f"page {page.uid}", self._read_page(page.uid), page.facts())
        path = f"{PAGES}/{page.uid}"
        self._compare_picture(page)
        thumbnail = model.size_of(self._download(f"{path}/thumbnail"))
        self._require(f"thumbnail of {page.uid}", thumbnail, page.look().size_px)

    def compare_file(self, document: PlainDocument, places: list[int]) -> None:
        """A TIFF of some pages; of all of them for no places."""
        wanted = [document.pages[place] for place in places] or document.pages
        some = ",".join(str(place) for place in places)
        path = f"{DOCUMENTS}/{document.uid}/content?type=image/tiff&pages={some}"
        self._note(f"GET {path}")
        found = model.read(self._download(path))
        self._require_pictures(f"file {some}", found, [page.look() for page in wanted])

    def clear(self) -> None:
        """Delete all documents; no page stays behind, after a crash not beyond the next start."""
        for uid in self.shelf:
            self._api.ask("DELETE", f"{DOCUMENTS}/{uid}", 204)
        self.shelf, self.fuse_s = {}, None
        self._require("documents", self._observe(), {})
        if self._was_cut_off:
            self._note("everything deleted, restart")
            self.service.stop()
            self.service.restart()
            self._was_cut_off = False
        self._require_nothing_left()
        self._diary.clear()

    def _cut_off(self, deed: Deed, moment_s: float) -> None:
        """Kill the service during a request: it was done, or it was not."""
        self._was_cut_off = True
        with ThreadPoolExecutor(1) as pool:
            asked = pool.submit(self._ask, deed)
            answer = self._kill_at(asked, moment_s)
        self.service.restart()
        seen = self._observe()
        if answer is None:
            self._settle(deed, seen)
        else:
            self.tally["kills after the answer"] += 1
            self._take(deed, answer)
            self._require("what was answered", seen, _describe(self.shelf))
        for document in self.shelf.values():
            self.compare_pictures(document)

    def _kill_at(self, asked: Future[httpx.Response], moment_s: float) -> httpx.Response | None:
        try:
            asked.result(moment_s)
        except (TimeoutError, httpx.TransportError):
            self._note("not answered yet")
        self.service.kill()
        try:
            return asked.result(LIMIT_S)
        except httpx.TransportError:
            return None

    def _settle(self, deed: Deed, seen: Mapping[str, Json]) -> None:
        if seen == _describe(self.shelf):
            self.tally["kills, not done"] += 1
            return
        try:
            after = deed.change(self.shelf, _uids(seen))
        except UnfitError as error:
            raise self._disagreement("neither done nor not done", seen, str(error)) from error
        self._require("neither done nor not done", seen, _describe(after))
        self.tally["kills, done"] += 1
        self.shelf = after

    def _take(self, deed: Deed, answer: httpx.Response) -> None:
        self._require("answer", answer.status_code, deed.status)
        said = answer.json() if answer.content and deed.status < 300 else {}
        seen = {uid: document.order for uid, document in self.shelf.items()}
        if "pages" in said:
            seen[said["uid"]] = [page["uid"] for page in said["pages"]]
        try:
            self.shelf = deed.change(self.shelf, seen)
        except UnfitError as error:
            raise self._disagreement("answer", said, str(error)) from error
        if "pages" in said:
            facts = self.shelf[said["uid"]].facts()
            self._require("answer", _document_facts(said), facts)
        elif "edits" in said:
            (page,) = (
                page for page in self.shelf[said["document"]].pages if page.uid == said["uid"]
            )
            self._require("answer", _page_facts(said), page.facts())

    def _compare_changed(self, before: Shelf) -> None:
        """Each document, and what is known of the pages of those that are not as before."""
        listed = {each["uid"] for each in self._api.get(DOCUMENTS).json()}
        self._require("documents", listed, set(self.shelf))
        for uid, document in self.shelf.items():
            self._require(f"document {uid}", self._read_document(uid), document.facts())
            for page in document.pages if document != before.get(uid) else ():
                self._require(f"page {page.uid}", self._read_page(page.uid), page.facts())

    def _compare_picture(self, page: Page) -> None:
        shown = self._download(f"{PAGES}/{page.uid}/content?type=image/png")
        self._require_pictures(f"page {page.uid}", model.read(shown), [page.look()])

    def _leaves_no_trace(self, deed: Deed) -> bool:
        """Whether nobody could tell by looking if it was done, though it is a step."""
        try:
            after = deed.change(self.shelf, {})
        except UnfitError:
            return False
        return after != self.shelf and _describe(after) == _describe(self.shelf)

    def _ask(self, deed: Deed) -> httpx.Response:
        return self._api.ask(deed.verb, deed.path, headers=deed.headers, **deed.body)

    def _observe(self) -> dict[str, Json]:
        found = {}
        for entry in self._api.get(DOCUMENTS).json():
            facts = self._read_document(entry["uid"])
            looks = [self._read_page(uid) for uid in facts["pages"]]
            found[entry["uid"]] = facts | {"looks": looks, "hasPassword": entry["hasPassword"]}
        return found

    def _read_document(self, uid: str) -> Json:
        path = f"{DOCUMENTS}/{uid}"
        return _document_facts(self._api.ask("GET", path, 200, headers=WITH_PASSWORD).json())

    def _read_page(self, uid: str) -> Json:
        path = f"{PAGES}/{uid}"
        return _page_facts(self._api.ask("GET", path, 200, headers=WITH_PASSWORD).json())

    def _download(self, path: str) -> bytes:
        return self._api.ask("GET", path, 200, headers=WITH_PASSWORD).content

    def _require_nothing_left(self) -> None:
        try:
            wait_until(lambda: not self._files_left())
        except AssertionError as error:
            left = self._files_left()
            # Once is enough: what comes after, or a shorter way there, is judged by itself.
            self._known_left |= left
            raise self._disagreement("files left", left, set()) from error

    def _files_left(self) -> set[Path]:
        scratch = self.service.data / "cache" / "scratch"
        underway = {each for each in scratch.rglob("*") if each.is_file()}
        return (self.service.stored_files() | underway) - self._known_left

    def _require_pictures(self, what: str, found: list[Picture], wanted: list[Picture]) -> None:
        self.tally["pages compared"] += len(wanted)
        self._require(what, found, wanted)

    def _require(self, what: str, found: Any, wanted: Any) -> None:
        if found != wanted:
            raise self._disagreement(what, found, wanted)

    def _disagreement(self, what: str, found: Any, wanted: Any) -> DisagreementError:
        diary = "\n  ".join(self._diary[-_DIARY_LINES:])
        return DisagreementError(f"{what}:\nfound  {found}\nwanted {wanted}\nafter\n  {diary}")

    def _note(self, line: str) -> None:
        self._diary.append(line)


def _describe(shelf: Shelf) -> dict[str, Json]:
    return {
        uid: document.facts()
        | {"looks": [page.facts() for page in document.pages], "hasPassword": document.has_password}
        for uid, document in shelf.items()
    }


def _uids(seen: Mapping[str, Json]) -> Seen:
    return {uid: facts["pages"] for uid, facts in seen.items()}


def _document_facts(said: Json) -> Json:
    return {
        "pages": [page["uid"] for page in said["pages"]],
        "canUndo": said["canUndo"],
        "canRedo": said["canRedo"],
        "metadata": said.get("metadata"),
    }


def _page_facts(said: Json) -> Json:
    horizontal, vertical = said["dpi"]
    return {
        "size_px": tuple(said["size_px"]),
        "dpi": (round(horizontal), round(vertical)),
        "mode": said["mode"],
        "edits": said["edits"],
    }
