"""What the sink of a call says that it wrote, checked as it comes: nothing of it becomes a path."""

from __future__ import annotations

import math
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from flatbed.addon.types import Bits, Mode
from flatbed.runtime.typed_results import WrongResultError

ENTRIES_MOST = 10_000
"""Pages, files and warnings of one call: five for each page of the largest file that is read."""

_BYTES_MOST = 1 << 40
_SIDE_MOST = 1 << 20
_PIXELS_MOST = 400_000_000
_DPI_MOST = 100_000

_Uid = Annotated[str, Meta(pattern=r"^[0-9a-f]{32}\Z")]
_Hex = Annotated[str, Meta(pattern=r"^([0-9a-f]{2})+\Z", max_length=512)]
_Side = Annotated[int, Meta(ge=1, le=_SIDE_MOST)]


class _Sealed(msgspec.Struct, frozen=True, kw_only=True):
    size: Annotated[int, Meta(ge=1, le=_BYTES_MOST)]
    tag: _Hex


class _Page(_Sealed, frozen=True, kw_only=True, tag_field="type", tag="page"):
    uid: _Uid
    ordinal: Annotated[int, Meta(ge=0, le=_BYTES_MOST)]
    size_px: tuple[_Side, _Side]
    dpi: tuple[float, float]
    mode: Mode
    bits: Bits
    key: _Hex
    thumbnail: _Sealed
    source_page: Annotated[int, Meta(ge=0, le=_SIDE_MOST)] = 0


class _File(_Sealed, frozen=True, kw_only=True, tag_field="type", tag="file"):
    uid: _Uid
    key: _Hex
    media_type: Annotated[str, Meta(pattern=r"^[a-z]+/[a-zA-Z0-9.+-]+\Z", max_length=100)]


class _Variant(_Sealed, frozen=True, kw_only=True, tag_field="type", tag="variant"):
    page: _Uid
    kind: Literal["jpeg"]


class _Warning(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="warning"):
    message: Annotated[str, Meta(max_length=2000)]


_Entry = _Page | _File | _Variant | _Warning
_TYPES = ("page", "file", "variant", "warning")


class Written:
    """What one call says that it wrote.

    Args:
        folder: Where it writes to; `None` where it has no sink, so that whatever it says is a lie.
        hand_on: Takes what can be believed.
    """

    def __init__(self, folder: Path | None, hand_on: Callable[[dict[str, Any]], None]) -> None:
        self._folder, self._hand_on = folder, hand_on
        self._files: dict[Path, int] = {}
        self._count = 0

    def add(self, entry: dict[str, Any]) -> None:
        """Take one entry; what is of no known type is left out.

        Raises:
            WrongResultError: If it is no entry of ours.
        """
        self._count += 1
        if self._folder is None or self._count > ENTRIES_MOST:
            raise WrongResultError(f"more than {ENTRIES_MOST if self._folder else 0} things")
        if entry.get("type") not in _TYPES:
            return
        try:
            self._note(msgspec.convert(entry, _Entry), self._folder)
        except msgspec.ValidationError as error:
            raise WrongResultError(str(error)) from error
        self._hand_on(entry)

    def check_files(self) -> None:
        """Hold what was said against the folder, once the call has ended.

        Raises:
            WrongResultError: If a file is not there, or not the one that was told of.
        """
        for path, size in self._files.items():
            kind = path.suffix[1:]
            try:
                found = path.lstat()
            except OSError as error:
                raise WrongResultError(f"it told of a {kind} that is not there") from error
            if not stat.S_ISREG(found.st_mode) or found.st_size != size:
                raise WrongResultError(f"it told of another {kind} than is there")

    def _note(self, entry: _Entry, folder: Path) -> None:
        if isinstance(entry, _Page):
            _check_page(entry)
            self._expect(folder / f"{entry.uid}.page", entry.size)
            self._expect(folder / f"{entry.uid}.thumbnail", entry.thumbnail.size)
        elif isinstance(entry, _File):
            self._expect(folder / f"{entry.uid}.file", entry.size)

    def _expect(self, path: Path, size: int) -> None:
        if path in self._files:
            raise WrongResultError("it told of one thing twice")
        self._files[path] = size


def _check_page(page: _Page) -> None:
    if (page.mode == "1") != (page.bits == 1):
        raise WrongResultError(f"a page of mode {page.mode} has no {page.bits} bits")
    if math.prod(page.size_px) > _PIXELS_MOST:
        raise WrongResultError(f"a page of {page.size_px[0]} x {page.size_px[1]} pixels")
    if not all(0 < each <= _DPI_MOST for each in page.dpi):
        raise WrongResultError(f"a page of {page.dpi[0]:g} x {page.dpi[1]:g} dpi")
