"""The files of the service's own pages, read once: no path of a request reaches the file system."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from flatbed.errors import FlatbedError, NotFoundError

WEB_FOLDER = Path(__file__).parents[1] / "web"
"""What `client/` builds; part of every wheel."""

MEDIA_TYPES: Mapping[str, str] = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
"""By suffix; a file of another kind is not served."""

_ASSETS = "assets"


class PagesNotBuiltError(FlatbedError):
    """The service runs from sources whose pages nobody has built."""

    status, name = 503, "pages_not_built"
    sentence = (
        "Flatbed's own pages were not built; all else works."
        " Run scripts/setup, or install a released Flatbed."
    )


@dataclass(frozen=True)
class WebFile:
    """One file as it is sent."""

    content: bytes = field(repr=False)
    media_type: str


@dataclass(frozen=True)
class WebFiles:
    """The pages by name, as `status`, and what they load by the path below `/assets/`."""

    pages: Mapping[str, WebFile]
    assets: Mapping[str, WebFile]

    def page(self, name: str) -> WebFile:
        """One page.

        Raises:
            PagesNotBuiltError: If it is not there.
        """
        if name not in self.pages:
            raise PagesNotBuiltError
        return self.pages[name]

    def asset(self, path: str) -> WebFile:
        """What a page loads.

        Raises:
            PagesNotBuiltError: If there are no pages at all.
            NotFoundError: If no page loads such a file.
        """
        if not self.pages:
            raise PagesNotBuiltError
        if path not in self.assets:
            raise NotFoundError
        return self.assets[path]


def read_web_files(folder: Path = WEB_FOLDER) -> WebFiles:
    """All files of the pages; none where they were not built."""
    pages = {Path(name).stem: each for name, each in _read(folder) if name.endswith(".html")}
    return WebFiles(pages, dict(_read(folder / _ASSETS)))


def _read(folder: Path) -> Iterator[tuple[str, WebFile]]:
    if not folder.is_dir():
        return
    for path in sorted(folder.iterdir()):
        if path.is_file() and path.suffix in MEDIA_TYPES:
            yield path.name, WebFile(path.read_bytes(), MEDIA_TYPES[path.suffix])
