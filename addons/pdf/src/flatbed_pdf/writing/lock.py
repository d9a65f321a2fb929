"""Who can open a PDF, and what they may do with it then."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pikepdf

from flatbed.errors import InvalidInputError
from flatbed_pdf.writing.texts import is_text

_MOST_PASSWORD_BYTES = 127  # ISO 32000-2, 7.6.4.3.2: what is behind them would not count

# ISO 32000-2, table 22: the right to annotate has that to fill in forms in it, and the right to
# modify that to assemble.
_RIGHTS = {
    "print": ("print_lowres", "print_highres"),
    "print_low": ("print_lowres",),
    "copy": ("extract",),
    "annotate": ("modify_annotation", "modify_form"),
    "fill_forms": ("modify_form",),
    "modify": ("modify_other", "modify_assembly"),
    "assemble": ("modify_assembly",),
}
# A reader for the blind must not be kept out: PDF 2.0 has it always allowed.
_ALWAYS = frozenset({"accessibility"})
_ALL = _ALWAYS.union(*_RIGHTS.values())


@dataclass(frozen=True, kw_only=True)
class Lock:
    """What a PDF is encrypted by.

    Attributes:
        user: The password that opens it; empty if it opens without one.
        owner: The password that gives all rights.
        allowed: What who opens it as the user may do, by pikepdf's names.
    """

    user: str = field(repr=False)
    owner: str = field(repr=False)
    allowed: frozenset[str] = _ALL

    @property
    def encryption(self) -> pikepdf.Encryption:
        """AES-256 by revision 6, the only one that PDF 2.0 still has."""
        allowed = {name: name in self.allowed for name in pikepdf.Permissions._fields}
        return pikepdf.Encryption(
            user=self.user, owner=self.owner, R=6, allow=pikepdf.Permissions(**allowed)
        )


def read_lock(settings: Mapping[str, Any]) -> Lock | None:
    """The lock that settings ask for; `None` for none.

    Args:
        settings: With `password`, `owner_password` and `permissions`.

    Raises:
        InvalidInputError: For a value that cannot be, and for a lock that would protect nothing.
    """
    user = _check_password(settings["password"], name="password")
    owner = _check_password(settings["owner_password"], name="owner_password")
    allowed = _read_permissions(settings["permissions"])
    if not owner:
        if allowed != _ALL:
            raise InvalidInputError(
                "Permissions without an owner_password protect nothing. Give one as well."
            )
        # Whoever can open such a file may do everything with it.
        return Lock(user=user, owner=user) if user else None
    _check_difference(user, owner, allowed)
    return Lock(user=user, owner=owner, allowed=allowed)


def _check_difference(user: str, owner: str, allowed: frozenset[str]) -> None:
    if owner == user:
        raise InvalidInputError(
            "The owner_password is the password, so that permissions would not count."
            " Choose another one."
        )
    if not user and allowed == _ALL:
        raise InvalidInputError(
            "An owner_password alone protects nothing while everything is allowed."
            " Give a password, or fewer permissions."
        )


def _check_password(password: str, *, name: str) -> str:
    # The main part of SASLprep, which readers do to what they are given (RFC 4013).
    normal = unicodedata.normalize("NFKC", password)
    if not is_text(normal) or len(normal.encode()) > _MOST_PASSWORD_BYTES:
        raise InvalidInputError(
            f"The {name} of a PDF is text of at most {_MOST_PASSWORD_BYTES} bytes."
            " Choose another one."
        )
    return normal


def _read_permissions(names: Sequence[str]) -> frozenset[str]:
    if any(name not in _RIGHTS for name in names):
        known = ", ".join(_RIGHTS)
        raise InvalidInputError(f"There is no such permission. Choose some of {known}.")
    return _ALWAYS.union(*(_RIGHTS[name] for name in names))
