"""The sample set of zxing-cpp, from a folder that the developer has fetched."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from PIL import Image

from barcode_pages import Case

_SUFFIXES = {".png", ".webp", ".jpg"}
_NEGATIVE = "falsepositives"


def samples(folder: Path) -> Iterator[Case]:
    """Every picture that says what is on it, or that nothing is; a group for each subfolder."""
    for path in sorted(each for each in folder.rglob("*") if each.suffix in _SUFFIXES):
        group = path.parent.name.rpartition("-")[0]
        if group == _NEGATIVE:
            yield Case(group, _gray(path), None)
            continue
        expected = next(
            (
                each
                for each in (path.with_suffix(".txt"), path.with_suffix(".bin"))
                if each.exists()
            ),
            None,
        )
        if expected is not None:
            yield Case(group, _gray(path), expected.read_bytes())


def is_right(name: str, text: str, raw: bytes, expected: bytes) -> bool:
    """Whether a reading says what a sample expects, with or without an add-on.

    The set writes a UPC-A and a UPC-E as the EAN-13 that they stand for.
    """
    code, _, add_on = text.partition(" ") if "+" in name else (text, "", "")
    wanted = expected.decode("utf-8", "replace").strip()
    forms = {code, code + add_on}
    if name.startswith("UPC-A") or (len(code) == 12 and code.isdigit()):
        forms |= {f"0{each}" for each in forms}
    if name.startswith(("UPC-E", "UPCE")):
        forms |= {_as_ean(code), _as_ean(code) + add_on}
    return raw == expected or wanted in forms or wanted.replace(" ", "") in forms


def _as_ean(code: str) -> str:
    if len(code) != 8 or not code.isdigit():
        return code
    system, body, check = code[0], code[1:7], code[7]
    last = body[5]
    if last in "012":
        middle = f"{body[:2]}{last}0000{body[2:5]}"
    elif last == "3":
        middle = f"{body[:3]}00000{body[3:5]}"
    elif last == "4":
        middle = f"{body[:4]}00000{body[4]}"
    else:
        middle = f"{body[:5]}0000{last}"
    return f"0{system}{middle}{check}"


def _gray(path: Path) -> Image.Image:
    with Image.open(path) as image:
        if image.mode in {"RGBA", "LA", "P"}:
            white = Image.new("RGBA", image.size, "white")
            white.alpha_composite(image.convert("RGBA"))
            return white.convert("L")
        return image.convert("L")
