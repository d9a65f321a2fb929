"""The hook that says where documents begin."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Literal

from flatbed.addon import Barcode, PageFile, Separator, hookimpl
from flatbed.errors import InvalidInputError
from flatbed_barcode import formats

_LONGEST_PATTERN = 500
_LONGEST_NAME = 200
_PATCH = "patch-"


@hookimpl
def find_separator(page: PageFile, settings: dict[str, Any]) -> Separator | None:
    """Whether a document begins at a page: a patch code, a code that fits, a blank page.

    The cheap things come first; codes are read only where they can matter.
    """
    kinds = set(settings.get("at") or ["patch-t"])
    pattern = compile_pattern(settings.get("pattern") or "")
    wanted = formats.parse(settings.get("formats") or ())
    what: Literal["drop", "first", "last"] = settings.get("page") or "drop"
    from flatbed_barcode import patch  # noqa: PLC0415 - Pillow, not at the start
    from flatbed_barcode.passes import find_patches, read_codes  # noqa: PLC0415 - likewise
    from flatbed_barcode.view import view_of  # noqa: PLC0415 - likewise

    image = page.open()
    view = view_of(image, page.dpi)
    may_be_patch = not kinds.isdisjoint(_PATCH + each.text.lower() for each in patch.find(view))
    if not may_be_patch and "blank" in kinds and _is_blank(image, page.dpi):
        return Separator(page=what)
    if not may_be_patch and "code" not in kinds:
        return None
    codes = read_codes(view, wanted, settings.get("effort") or "balance")
    patches = {_PATCH + each.text.lower() for each in find_patches(view, codes)}
    name = name_of(codes, pattern)
    if kinds & patches or ("code" in kinds and name is not None):
        return Separator(name=name or "", page=what)
    return None


def compile_pattern(text: str) -> re.Pattern[str]:
    """What the whole text of a code must match; an empty one is matched by all.

    Raises:
        InvalidInputError: If it is no regular expression, or longer than any useful one.
    """
    if len(text) > _LONGEST_PATTERN:
        raise InvalidInputError(f"'pattern' has more than {_LONGEST_PATTERN} characters.")
    try:
        return re.compile(text or ".*", re.DOTALL)
    except (re.error, OverflowError, RecursionError) as error:
        raise InvalidInputError(f"'pattern' is no regular expression: {error}.") from error


def name_of(codes: Sequence[Barcode], pattern: re.Pattern[str]) -> str | None:
    """The text of the first code that matches, or its first group; `None` if none does."""
    for code in codes:
        match = pattern.fullmatch(code.text)
        if match is not None:
            text = match[1] if pattern.groups else match[0]
            return _label(text or "")
    return None


def _label(text: str) -> str:
    """As it can be shown in one line."""
    printable = "".join(each if each.isprintable() else " " for each in text)
    return " ".join(printable.split())[:_LONGEST_NAME]


def _is_blank(image: Any, dpi: tuple[float, float]) -> bool:
    from flatbed.addon.looking.blank import is_blank  # noqa: PLC0415 - Pillow, as above

    return is_blank(image, dpi)
