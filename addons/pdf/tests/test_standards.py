"""PDF/A: what the file says of itself, in every place, and what is refused instead of claimed.

That a file keeps to its standard is veraPDF's to say, which does not run here.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

import pikepdf
import pytest
from PIL import Image, ImageCms

from flatbed.addon import PageFile
from flatbed.errors import InvalidInputError

OpenPdf = Callable[..., pikepdf.Pdf]
StoreImage = Callable[..., PageFile]


@pytest.fixture
def page(store_image: StoreImage) -> PageFile:
    """A small page in color."""
    return store_image(Image.new("RGB", (30, 20), (200, 10, 10)))


@pytest.mark.parametrize(("standard", "part"), [("pdf/a-2b", "2"), ("pdf/a-3b", "3")])
def test_file_names_its_standard_and_its_colors(
    open_pdf: OpenPdf, page: PageFile, standard: str, part: str
) -> None:
    """In its XMP, and by an output intent with a profile that programs can read."""
    pdf = open_pdf([page], standard=standard, title="Contract", author="Ada")
    with pdf.open_metadata() as metadata:
        assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == (part, "B")
        assert (metadata["dc:title"], metadata["dc:creator"]) == ("Contract", ["Ada"])
        assert metadata["xmp:CreateDate"] and metadata["pdf:Producer"] == "Flatbed"
    (intent,) = pdf.Root.OutputIntents
    assert str(intent.S) == "/GTS_PDFA1"
    assert int(intent.DestOutputProfile.N) == 3
    profile = ImageCms.ImageCmsProfile(io.BytesIO(intent.DestOutputProfile.read_bytes()))
    assert "sRGB" in ImageCms.getProfileDescription(profile)
    assert (pdf.pdf_version, pdf.is_encrypted) == ("1.7", False)
    assert len(pdf.trailer.ID) == 2


def test_file_without_a_standard_claims_none(open_pdf: OpenPdf, page: PageFile) -> None:
    """It would be a lie that archives believe."""
    pdf = open_pdf([page])
    assert "/OutputIntents" not in pdf.Root
    with pdf.open_metadata() as metadata:
        assert "pdfaid:part" not in metadata


def test_metadata_of_a_standard_lies_open(open_pdf: OpenPdf, page: PageFile) -> None:
    """Programs look for it in the bytes of the file."""
    pdf = open_pdf([page], standard="pdf/a-2b")
    assert "/Filter" not in pdf.Root.Metadata
    assert re.search(rb"<pdfaid:part[^>]*>2</pdfaid:part>", pdf.Root.Metadata.read_raw_bytes())


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"password": "secret"}, "no password"),
        ({"owner_password": "secret", "permissions": ["print"]}, "no password"),
        ({"permissions": ["print"]}, "protect nothing"),
        ({"version": "2.0"}, "PDF 1.7"),
        ({"compression": 6}, "JPEG 2000"),
        ({"standard": "pdf/x-1a"}, "pdf/a-2b, pdf/a-3b"),
    ],
    ids=["password", "owner", "permissions", "version", "jpeg-2000", "unknown"],
)
def test_what_a_standard_forbids_is_refused(
    save: Callable[..., bytes], page: PageFile, settings: dict[str, Any], words: str
) -> None:
    """Before the first page is opened."""
    with pytest.raises(InvalidInputError, match=words):
        save([page], **{"standard": "pdf/a-2b", **settings})
