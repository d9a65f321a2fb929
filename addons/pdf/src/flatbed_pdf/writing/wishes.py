"""What the caller wants of a PDF, checked before the first page is opened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flatbed.errors import InvalidInputError
from flatbed_pdf.writing.lock import Lock, read_lock
from flatbed_pdf.writing.moments import read_moment, write_moment
from flatbed_pdf.writing.paper import Size, find_paper
from flatbed_pdf.writing.pictures import Compression, find_compression
from flatbed_pdf.writing.standards import NEWEST_VERSION, Standard, find_standard
from flatbed_pdf.writing.texts import is_text

VERSIONS = ("", "1.1", "1.2", "1.3", "1.4", "1.5", "1.6", "1.7", "2.0")
PRODUCER = "Flatbed"

_TEXTS = {
    "title": "Title",
    "author": "Author",
    "subject": "Subject",
    "keywords": "Keywords",
    "creator": "Creator",
    "producer": "Producer",
}


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """What a PDF shall be.

    Attributes:
        quality: Of JPEG and JPEG 2000, 0 to 100.
        compression: Of its pictures.
        paper_pt: (width, height) of every page in points; `None` for each as it was scanned.
        version: Of PDF at least; empty for the usual one.
        lock: That it is encrypted by; `None` for not at all.
        properties: See `describe`.
        standard: That it keeps to; `None` for no other than PDF itself.
    """

    quality: int
    compression: Compression
    paper_pt: Size | None
    version: str
    lock: Lock | None
    properties: Mapping[str, str] = field(repr=False)
    standard: Standard | None = None

    @property
    def takes_copies(self) -> bool:
        """Pages of PDFs may stay what they are: nothing is said of how they shall be."""
        is_open = self.compression is Compression.AUTO and self.paper_pt is None
        return is_open and self.standard is None


def read_wishes(settings: Mapping[str, Any]) -> Wishes:
    """Settings by the manifest's names, all there, of the right types.

    Raises:
        InvalidInputError: For a value that cannot be.
    """
    custom_mm = settings["page_width_mm"], settings["page_height_mm"]
    wishes = Wishes(
        quality=_check_quality(settings["quality"]),
        compression=find_compression(settings["compression"]),
        paper_pt=find_paper(settings["page_type"], custom_mm=custom_mm),
        version=_check_version(settings["version"]),
        lock=read_lock(settings),
        properties=_read_properties(settings),
        standard=find_standard(settings["standard"]),
    )
    if wishes.standard is not None:
        _check_kept(wishes)
    return wishes


def _check_kept(wishes: Wishes) -> None:
    """Refuse what the standards forbid, rather than make a file that only claims to keep to one."""
    if wishes.lock is not None:
        raise InvalidInputError(
            "A PDF/A has no password and opens to everybody. Leave out one of the two."
        )
    if wishes.version > NEWEST_VERSION:
        raise InvalidInputError(f"This PDF/A is PDF {NEWEST_VERSION}. Leave out the version.")
    if wishes.compression is Compression.JPEG2000:
        raise InvalidInputError("JPEG 2000 is not written into PDF/A. Choose another compression.")


def _check_quality(quality: int) -> int:
    if not 0 <= quality <= 100:
        raise InvalidInputError(f"The quality {quality} is not between 0 and 100.")
    return quality


def _check_version(version: str) -> str:
    if version not in VERSIONS:
        known = ", ".join(VERSIONS[1:])
        raise InvalidInputError(f"There is no such PDF version. Choose one of {known}.")
    return version


def _read_properties(settings: Mapping[str, Any]) -> dict[str, str]:
    texts = {_TEXTS[name]: _check_text(settings[name], name=name) for name in _TEXTS}
    texts["Producer"] = texts["Producer"] or PRODUCER
    created = read_moment(settings["creation_date"], name="creation_date")
    modified = settings["modified_date"]
    changed = read_moment(modified, name="modified_date") if modified else created
    dates = {"CreationDate": write_moment(created), "ModDate": write_moment(changed)}
    return {name: text for name, text in texts.items() if text} | dates


def _check_text(text: str, *, name: str) -> str:
    if not is_text(text):
        raise InvalidInputError(f"The {name} has a character that is no text. Leave it out.")
    return text
