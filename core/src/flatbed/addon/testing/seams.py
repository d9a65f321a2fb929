"""The types of the fixtures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from flatbed.addon.testing.answer import Answer
from flatbed.addon.types import PageFile, StoredFile

if TYPE_CHECKING:
    from PIL.Image import Image

SamplePages: TypeAlias = Mapping[str, PageFile]
"""A sample page for each mode, `1`, `L` and `RGB`: A5 upright at 100 dpi, with some words on it."""


VIRTUAL_SCANNER = "Flatbed virtual scanner"
"""Draws a page with words, lines and pictures in place of scanning one."""


class MakePage(Protocol):
    """Makes stored pages, and files, of what a test has."""

    def __call__(self, image: Image, dpi: float = 100) -> PageFile:
        """A page of a Pillow image of mode `1`, `L` or `RGB`."""

    def file(self, data: bytes) -> StoredFile:
        """A file from outside, for `load_document`."""


class AddonWorker(Protocol):
    """The add-on in a worker process, with the limits of its manifest.

    Every call raises what the hook raised, `WorkerCrashedError` for what is no error of
    `flatbed.errors`, and `WorkerTimeoutError` past the limit that the manifest sets.
    """

    def call(self, hook: str, **arguments: Any) -> Any:
        """What a hook returns, by its arguments but `out`."""

    def process(self, operation: str, *pages: PageFile, **settings: Any) -> Answer:
        """Carry out an operation or an edit; settings are checked, defaults filled in."""

    def load(self, file: StoredFile, media_type: str, **settings: Any) -> Answer:
        """Read a file into pages."""

    def save(self, pages: Sequence[PageFile], media_type: str, **settings: Any) -> Answer:
        """Write pages into a file."""

    def request(
        self,
        method: str,
        route: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Any = None,
        caller: str = "local",
        **parameters: str,
    ) -> Answer:
        """Ask a declared route, as `request("GET", "/hello/{name}", name="Ada")`."""


class LiveService(Protocol):
    """A service over a folder of its own, on free ports, with the add-on and a virtual scanner.

    Attributes:
        url: Where its interface is, as `http://127.0.0.1:41234/api`.
    """

    url: str

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Send a request to a path below `url`; the JSON of the answer.

        Raises:
            FlatbedError: As the service answered.
        """

    def fetch(self, path: str) -> bytes:
        """What stands under a path below `url`, as `/storage/pages/<uid>/content`."""

    def scan_page(self, scanner: str = VIRTUAL_SCANNER) -> str:
        """Scan one page on a scanner of that name; what to give as `source`."""
