"""Add-ons with versions in one header."""

from __future__ import annotations

import pytest

from flatbed.runtime.choice import split_wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("barcode", ["barcode"]),
        ("barcode>=1.2,<2, ocr", ["barcode>=1.2,<2", "ocr"]),
        ("barcode >= 1.2 , < 2,ocr~=1.0,!=1.0.3", ["barcode >= 1.2,< 2", "ocr~=1.0,!=1.0.3"]),
        (" , ocr,, pdf ,", ["ocr", "pdf"]),
        ("", []),
        (">=1", [">=1"]),
    ],
)
def test_split_wanted_keeps_the_versions_of_an_add_on_together(
    text: str, wanted: list[str]
) -> None:
    """A comma stands between add-ons and between versions."""
    assert split_wanted(text) == wanted
