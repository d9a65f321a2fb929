"""PDF/A: what a file must say and hold so that it can be kept for decades (ISO 19005-2 and -3)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import pikepdf
from PIL import ImageCms

from flatbed.errors import InvalidInputError

NEWEST_VERSION = "1.7"
"""Of PDF, for both parts."""

_SRGB = "sRGB IEC61966-2.1"


@dataclass(frozen=True)
class Standard:
    """One level of PDF/A.

    Attributes:
        part: Of ISO 19005.
        conformance: Its letter; `B` promises that the pages always look the same.
    """

    part: int
    conformance: str = "B"


STANDARDS: dict[str, Standard | None] = {
    "": None,
    "pdf/a-2b": Standard(2),
    "pdf/a-3b": Standard(3),
}


def find_standard(name: str) -> Standard | None:
    """The standard of a name; `None` for none.

    Raises:
        InvalidInputError: If there is no such standard.
    """
    if name not in STANDARDS:
        known = ", ".join(each for each in STANDARDS if each)
        raise InvalidInputError(f"There is no such standard. Choose one of {known}.")
    return STANDARDS[name]


def claim(pdf: pikepdf.Pdf, standard: Standard) -> None:
    """Say that a file keeps to a standard, and say what its colors mean.

    Its pages hold nothing but pictures in gray and RGB; those of RGB are sRGB, as scanners and
    cameras deliver it. Nothing here checks the file: programs such as veraPDF do.

    Args:
        pdf: With its properties, which stand in both places already.
        standard: The one that it keeps to.
    """
    profile = pdf.make_stream(_srgb_profile(), N=3)
    intent = pikepdf.Dictionary(
        Type=pikepdf.Name.OutputIntent,
        S=pikepdf.Name.GTS_PDFA1,
        OutputConditionIdentifier=_SRGB,
        Info=_SRGB,
        DestOutputProfile=pdf.make_indirect(profile),
    )
    pdf.Root.OutputIntents = pikepdf.Array([pdf.make_indirect(intent)])
    with pdf.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as metadata:
        metadata["pdfaid:part"] = str(standard.part)
        metadata["pdfaid:conformance"] = standard.conformance


@cache
def _srgb_profile() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
