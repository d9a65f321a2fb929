"""Which document a person means."""

from __future__ import annotations

from collections.abc import Sequence

from flatbed.cli.document_client import DocumentEntry
from flatbed.errors import DocumentNotFoundError, InvalidInputError

_SHORT = 8
"""So many characters of a uid are shown, and more only where they do not tell all apart."""

_SHORTEST = 4
"""With fewer, a mistyped name would too easily be some document's uid."""


def choose_document(there: Sequence[DocumentEntry], wanted: str) -> DocumentEntry:
    """The document that is meant.

    Args:
        there: All there are.
        wanted: A uid, a name, or the beginning of a uid that no other document has.

    Raises:
        DocumentNotFoundError: If there is none.
        InvalidInputError: If it may be any of several.
    """
    found = _find(there, wanted)
    if not found:
        raise DocumentNotFoundError(
            f"There is no document '{wanted}'. See which there are with: flatbed documents list"
        )
    if len(found) > 1:
        raise InvalidInputError(f"'{wanted}' may be any of {_tell(there, found)}. Give the uid.")
    return found[0]


def shorten(there: Sequence[DocumentEntry]) -> dict[str, str]:
    """The beginning of each uid, by uid, of a length that tells all of them apart."""
    uids = {each.uid for each in there}
    length = _SHORT
    while len({uid[:length] for uid in uids}) < len(uids):
        length += 1
    return {uid: uid[:length] for uid in uids}


def _find(there: Sequence[DocumentEntry], wanted: str) -> list[DocumentEntry]:
    exact = [each for each in there if each.uid == wanted]
    if exact or not wanted:
        return exact
    named = [each for each in there if each.name == wanted]
    if named or len(wanted) < _SHORTEST:
        return named
    return [each for each in there if each.uid.startswith(wanted.lower())]


def _tell(there: Sequence[DocumentEntry], found: Sequence[DocumentEntry]) -> str:
    short = shorten(there)
    return ", ".join(f"{short[each.uid]} ({each.name or each.origin})" for each in found)
