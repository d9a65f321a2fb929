"""Documents on the wire: what of a query reaches the add-on that reads or writes the file."""

from __future__ import annotations

import msgspec
import pytest

from flatbed.errors import InvalidInputError
from flatbed.http.document_types import DocumentContentQuery, LoadQuery


def test_options_of_a_file_reach_its_writer_by_our_names() -> None:
    """Those that were asked for, and the two that always have a value."""
    asked = {
        "type": "application/pdf",
        "pageType": "1",
        "pageWidthMm": "99.5",
        "pageHeightMm": "50",
        "author": "A. Clerk",
        "creationDate": "D:20260101",
        "keyWords": "one two",
        "version": "1.7",
        "password": "secret",
        "ownerPassword": "more secret",
        "permissions": "print, copy,",
    }
    assert msgspec.convert(asked, DocumentContentQuery, strict=False).settings == {
        "quality": 80,
        "compression": 0,
        "page_type": 1,
        "page_width_mm": 99.5,
        "page_height_mm": 50.0,
        "author": "A. Clerk",
        "creation_date": "D:20260101",
        "keywords": "one two",
        "version": "1.7",
        "password": "secret",
        "owner_password": "more secret",
        "permissions": ["print", "copy"],
    }
    assert DocumentContentQuery().settings == {"quality": 80, "compression": 0}


def test_options_of_reading_reach_the_reader_by_our_names() -> None:
    """Those that were asked for; where pages go and what the file is are not its business."""
    asked = {
        "type": "application/pdf",
        "insertPos": "2",
        "dpi": "150",
        "color": "bw",
        "pages": "1-3,7",
        "region": "10,10,100,150.5",
        "forms": "false",
        "annotations": "true",
    }
    assert msgspec.convert(asked, LoadQuery, strict=False).settings == {
        "dpi": 150.0,
        "color": "bw",
        "page_range": "1-3,7",
        "region": [10.0, 10.0, 100.0, 150.5],
        "forms": False,
        "annotations": True,
    }
    assert LoadQuery().settings == {}


@pytest.mark.parametrize("region", ["1,2,3", "1,2,3,4,5", "a", "1,,2,3", "-1,0,1,1", "0,0,nan,1"])
def test_region_that_is_none_is_refused(region: str) -> None:
    """With what would be right."""
    with pytest.raises(InvalidInputError, match="as 10,10,100,150"):
        _ = LoadQuery(region=region).settings
