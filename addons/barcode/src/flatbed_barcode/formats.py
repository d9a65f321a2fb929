"""The names of symbologies: as callers write them, and what each reader calls them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from flatbed.errors import InvalidInputError

if TYPE_CHECKING:
    from zxingcpp import BarcodeFormat

PATCH_CODE = "Patch Code"
ADD_ONS = {"EAN-2": "EAN2", "EAN-5": "EAN5"}
"""Read with their EAN or UPC and never alone: neither reader finds a lone one, and two digits
without a check are found in many a drawing."""

ZBAR_NAMES: Mapping[str, str] = {
    "CODABAR": "Codabar",
    "CODE39": "Code 39",
    "CODE93": "Code 93",
    "CODE128": "Code 128",
    "EAN2": "EAN-2",
    "EAN5": "EAN-5",
    "EAN8": "EAN-8",
    "EAN13": "EAN-13",
    "I25": "ITF",
    "QRCODE": "QR Code",
    "SQCODE": "SQCode",
    "UPCE": "UPC-E",
}
"""What zbar is asked for, by its own names. Not DataBar, which zxing reads better and of which
zbar's decoder prints thousands of lines; ISBN and UPC-A are EAN-13 to it."""

_ZBAR_ALSO: Mapping[str, tuple[str, ...]] = {
    "Code 39 Standard": ("CODE39",),
    "EAN/UPC": ("EAN8", "EAN13", "UPCE"),
    "ISBN": ("EAN13",),
    "ITF-14": ("I25",),
    "QR Code Model 2": ("QRCODE",),
    "UPC-A": ("EAN13",),
}
_ALIASES: Mapping[str, str] = {
    "Code 3 of 9": "Code 39",
    "GS1-128": "Code 128",
    "I25": "ITF",
    "I2of5": "ITF",
    "Interleaved 2 of 5": "ITF",
    "Interleaved 25": "ITF",
    "Patch": PATCH_CODE,
    "PZN": "Pharmazentralnummer",
    "QR": "QR Code",
    "RSS-14": "DataBar",
    "RSS Expanded": "DataBar Expanded",
    "UCC-128": "Code 128",
}
_RETAIL = frozenset({"EAN-13", "EAN-8", "UPC-A", "UPC-E", "EAN/UPC", "ISBN"})


@dataclass(frozen=True)
class Wanted:
    """Which symbologies to look for.

    Attributes:
        names: Ours; empty means all of them.
        zxing: For zxing; empty means that it has nothing to do, unless `names` is empty too.
        zbar: For zbar, by its names, likewise.
    """

    names: frozenset[str]
    zxing: tuple[BarcodeFormat, ...]
    zbar: tuple[str, ...]

    def has(self, name: str) -> bool:
        """Whether a symbology of ours is wanted."""
        return not self.names or name in self.names

    @property
    def has_codes(self) -> bool:
        """Whether anything but patch codes is wanted."""
        return self.names != {PATCH_CODE}


EVERYTHING = Wanted(frozenset(), (), tuple(ZBAR_NAMES))


def parse(names: Iterable[str]) -> Wanted:
    """The symbologies of the given names, whatever their case, spaces and hyphens.

    Raises:
        InvalidInputError: For one that is not known; it names those that are.
    """
    chosen = {_find(name) for name in names}
    if not chosen:
        return EVERYTHING
    zxing = _zxing_formats()
    zbar = {each for name in chosen for each in _zbar_symbols(name)}
    if chosen & _RETAIL:
        zbar |= set(ADD_ONS.values())
    members = {"EAN-13" if name == "ISBN" else name for name in chosen}
    return Wanted(
        frozenset(chosen),
        tuple(zxing[name] for name in sorted(members) if name in zxing),
        tuple(sorted(zbar)),
    )


def known() -> list[str]:
    """The names of all symbologies that can be asked for."""
    return sorted({*_zxing_formats(), *ZBAR_NAMES.values(), PATCH_CODE} - set(ADD_ONS))


def _find(name: str) -> str:
    found = _by_key().get(_key(name))
    if found is None:
        raise InvalidInputError(
            f"There is no barcode format '{name:.40}'. Choose of: {', '.join(known())}."
        )
    return found


def _key(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


@cache
def _by_key() -> dict[str, str]:
    keys = {_key(name): name for name in known()}
    keys |= {_key(member.name): name for name, member in _zxing_formats().items()}
    return keys | {_key(alias): name for alias, name in _ALIASES.items()}


@cache
def _zxing_formats() -> dict[str, BarcodeFormat]:
    import zxingcpp  # noqa: PLC0415 - not before the first page

    every = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.AllReadable])
    return {str(each): each for each in zxingcpp.barcode_formats_list(every)}


def _zbar_symbols(name: str) -> tuple[str, ...]:
    own = tuple(symbol for symbol, ours in ZBAR_NAMES.items() if ours == name)
    return own or _ZBAR_ALSO.get(name, ())
