"""What to say about add-ons that are not there: which one it takes, and how to get it."""

from __future__ import annotations

from typing import Literal

from flatbed.errors import AddonMissingError, DocumentTypeError

_HANDLERS = {"application/pdf": "pdf"}
_DOERS = {"read-barcode": "barcode", "split-document": "barcode", "recognize-text": "ocr"}
"""The add-ons to name for a type of file, or an operation, that nobody here handles."""


def how_to_install(name: str, versions: str = "") -> str:
    """The sentence about a missing add-on.

    Args:
        name: Of the add-on.
        versions: Which would do, as `>=1.2`; empty for any.
    """
    asked = f"'{name}{versions}'" if versions else name
    where = f" in a version {versions}" if versions else ""
    missing = f"The add-on '{name}' is not installed{where}"
    return f"{missing}. Install it with: flatbed addons install {asked}"


def how_to_enable(name: str) -> str:
    """The sentence about an add-on that is there and switched off."""
    is_off = f"The add-on '{name}' is installed, but switched off."
    return f"{is_off} Switch it on with: flatbed addons enable {name}"


def nobody_does(operation: str) -> AddonMissingError:
    """The error for an operation that no installed add-on has."""
    if operation in _DOERS:
        return AddonMissingError(how_to_install(_DOERS[operation]))
    return AddonMissingError(f"No installed add-on does '{operation[:60]}'. Install one that does.")


def nobody_handles(
    does: Literal["reads", "writes"], media_type: str, *, disabled: str | None = None
) -> DocumentTypeError:
    """The error for a type of files that no add-on handles.

    Args:
        does: What nobody does.
        media_type: Of the files.
        disabled: The add-on that would, were it not switched off.
    """
    if disabled is not None:
        return DocumentTypeError(how_to_enable(disabled))
    addon = _HANDLERS.get(media_type)
    way_out = f" Install one with: flatbed addons install {addon}" if addon else ""
    return DocumentTypeError(f"No installed add-on {does} {media_type[:60]} files.{way_out}")
