"""Documents on the wire: what of a query reaches the add-on that writes the file."""

from __future__ import annotations

import msgspec

from flatbed.http.document_types import DocumentContentQuery


def test_options_of_a_file_reach_its_writer_by_our_names() -> None:
    """Those that were asked for, and the two that always have a value."""
    asked = {
        "type": "application/pdf",
        "pageType": "2",
        "author": "A. Clerk",
        "creationDate": "D:20260101",
        "keyWords": "one two",
        "version": "1.7",
        "password": "secret",
    }
    assert msgspec.convert(asked, DocumentContentQuery, strict=False).settings == {
        "quality": 80,
        "compression": 0,
        "page_type": 2,
        "author": "A. Clerk",
        "creation_date": "D:20260101",
        "keywords": "one two",
        "version": "1.7",
        "password": "secret",
    }
    assert DocumentContentQuery().settings == {"quality": 80, "compression": 0}
