"""What a manifest needs of the code."""

from __future__ import annotations

import msgspec

from flatbed.authoring.promises import promised_hooks
from flatbed.runtime.manifest import Manifest


def test_promised_hooks_are_those_of_every_table() -> None:
    """Each once, with the first table that needs it."""
    declared = {
        "manifest_version": 1,
        "name": "made",
        "core_api": "1.0",
        "operations": {"read-barcode": {"hook": "read_barcodes"}, "dim": {"hook": "process_page"}},
        "edits": {"frame": {}},
        "routes": {"/hello": {"methods": ["GET"]}},
        "documents": {"load": ["text/plain"]},
        "destinations": {"schemes": ["ftp"]},
        "scanners": {"kind": "sane"},
    }
    assert promised_hooks(msgspec.convert(declared, Manifest)) == {
        "read_barcodes": "[operations.read-barcode]",
        "process_page": "[operations.dim]",
        "handle_request": "[routes]",
        "load_document": "[documents] load",
        "upload_file": "[destinations]",
        "list_scanners": "[scanners]",
        "acquire_pages": "[scanners]",
    }
