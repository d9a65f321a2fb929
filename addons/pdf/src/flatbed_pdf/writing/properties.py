"""What a PDF says about itself, in both places where programs look."""

from __future__ import annotations

from collections.abc import Mapping

import pikepdf


def describe(pdf: pikepdf.Pdf, properties: Mapping[str, str]) -> None:
    """Put properties into the document's information and its XMP.

    Args:
        pdf: Still without any.
        properties: By the information's own names, as `Title`, dates in PDF's own form; without
            empty ones.
    """
    for name, value in properties.items():
        pdf.docinfo[f"/{name}"] = value
    with pdf.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as metadata:
        metadata.load_from_docinfo(pdf.docinfo)
