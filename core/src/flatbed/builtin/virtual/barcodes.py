"""Code 128, Code 39 and EAN-13 as rows of modules.

A symbol is a string of `1` (bar) and `0` (space), one character a module of equal width, without
the quiet zones: 10 modules on either side, for EAN-13 11 to the left and 7 to the right.
Sources: ISO/IEC 15417 (Code 128), ISO/IEC 16388 (Code 39), GS1 General Specifications (EAN-13).
"""

from __future__ import annotations

import re

from flatbed.errors import InvalidInputError

# Widths of bar, space, bar, ... of the values 0 to 106; the last one is the stop.
_CODE_128 = """
212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232
122132 122231 113222 123122 123221 223211 221132 221231 213212 223112 312131 311222 321122
321221 312212 322112 322211 212123 212321 232121 111323 131123 131321 112313 132113 132311
211313 231113 231311 112133 112331 132131 113123 113321 133121 313121 211331 231131 213113
213311 213131 311123 311321 331121 312113 312311 332111 314111 221411 431111 111224 111422
121124 121421 141122 141221 112214 112412 122114 122411 142112 142211 241211 221114 413111
241112 134111 111242 121142 121241 114212 124112 124211 411212 421112 421211 212141 214121
412121 111143 111341 131141 114113 114311 411113 411311 113141 114131 311141 411131 211412
211214 211232 2331112
"""
_TO_C, _TO_B, _START_B, _START_C, _STOP = 99, 100, 104, 105, 106

# Bars and spaces by turns, `w` for a wide one.
_CODE_39_CHARACTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%*"
_CODE_39 = """
nnnwwnwnn wnnwnnnnw nnwwnnnnw wnwwnnnnn nnnwwnnnw wnnwwnnnn nnwwwnnnn nnnwnnwnw wnnwnnwnn
nnwwnnwnn wnnnnwnnw nnwnnwnnw wnwnnwnnn nnnnwwnnw wnnnwwnnn nnwnwwnnn nnnnnwwnw wnnnnwwnn
nnwnnwwnn nnnnwwwnn wnnnnnnww nnwnnnnww wnwnnnnwn nnnnwnnww wnnnwnnwn nnwnwnnwn nnnnnnwww
wnnnnnwwn nnwnnnwwn nnnnwnwwn wwnnnnnnw nwwnnnnnw wwwnnnnnn nwnnwnnnw wwnnwnnnn nwwnwnnnn
nwnnnnwnw wwnnnnwnn nwwnnnwnn nwnwnwnnn nwnwnnnwn nwnnnwnwn nnnwnwnwn nwnnwnwnn
"""
_CODE_39_WIDE = 3

_EAN_LEFT = """
0001101 0011001 0010011 0111101 0100011 0110001 0101111 0111011 0110111 0001011
"""
# Which of the six left digits are mirrored and inverted (G) says the first digit.
_EAN_PARITY = """
LLLLLL LLGLGG LLGGLG LLGGGL LGLLGG LGGLLG LGGGLL LGLGLG LGLGGL LGGLGL
"""
_EAN_GUARD, _EAN_CENTRE = "101", "01010"
_EAN_FLIP = str.maketrans("01", "10")


def code_128(text: str) -> str:
    """The modules of a Code 128 symbol, in code sets B and C.

    Raises:
        InvalidInputError: If the text is empty or has more than printable ASCII.
    """
    if not re.fullmatch(r"[ -~]+", text):
        raise InvalidInputError("Code 128 takes printable ASCII here; change the text.")
    values = _code_128_values(text)
    check = (values[0] + sum(at * value for at, value in enumerate(values))) % 103
    widths = _CODE_128.split()
    return "".join(_from_widths(widths[value]) for value in [*values, check, _STOP])


def code_39(text: str) -> str:
    """The modules of a Code 39 symbol without a check character, start and stop added.

    Raises:
        InvalidInputError: If the text has other than capitals, digits, space and `-.$/+%`.
    """
    if not re.fullmatch(r"[0-9A-Z. $/+%-]+", text):
        raise InvalidInputError("Code 39 takes capitals, digits and a few signs; change the text.")
    return "0".join(_code_39_character(each) for each in f"*{text}*")


def ean_13(digits: str) -> str:
    """The 95 modules of an EAN-13 symbol.

    Args:
        digits: The first twelve; the check digit is worked out, see `ean_13_text`.

    Raises:
        InvalidInputError: If they are not twelve digits.
    """
    text = ean_13_text(digits)
    parity = _EAN_PARITY.split()[int(text[0])]
    left = "".join(_ean_left(digit, kind) for digit, kind in zip(text[1:7], parity, strict=True))
    right = "".join(_ean_digit(digit).translate(_EAN_FLIP) for digit in text[7:])
    return _EAN_GUARD + left + _EAN_CENTRE + right + _EAN_GUARD


def ean_13_text(digits: str) -> str:
    """The thirteen digits that belong below the symbol of twelve.

    Raises:
        InvalidInputError: If they are not twelve digits.
    """
    if not re.fullmatch(r"[0-9]{12}", digits):
        raise InvalidInputError("EAN-13 takes twelve digits and adds the thirteenth.")
    weighted = sum(int(digit) * (3 if at % 2 else 1) for at, digit in enumerate(digits))
    return f"{digits}{-weighted % 10}"


def _code_128_values(text: str) -> list[int]:
    # Four digits or more are shorter in pairs (set C), even with the change of the set.
    parts = [part for part in re.split(r"((?:\d\d){2,})", text) if part]
    values = [_START_C if _is_pairs(parts[0]) else _START_B]
    for number, part in enumerate(parts):
        if number:
            values.append(_TO_C if _is_pairs(part) else _TO_B)
        values += _pairs(part) if _is_pairs(part) else [ord(each) - 32 for each in part]
    return values


def _is_pairs(part: str) -> bool:
    return re.fullmatch(r"(?:\d\d){2,}", part) is not None


def _pairs(part: str) -> list[int]:
    return [int(part[at : at + 2]) for at in range(0, len(part), 2)]


def _from_widths(widths: str) -> str:
    return "".join("10"[at % 2] * int(width) for at, width in enumerate(widths))


def _code_39_character(character: str) -> str:
    pattern = _CODE_39.split()[_CODE_39_CHARACTERS.index(character)]
    return "".join(
        "10"[at % 2] * (_CODE_39_WIDE if width == "w" else 1) for at, width in enumerate(pattern)
    )


def _ean_left(digit: str, kind: str) -> str:
    modules = _ean_digit(digit)
    return modules if kind == "L" else modules.translate(_EAN_FLIP)[::-1]


def _ean_digit(digit: str) -> str:
    return _EAN_LEFT.split()[int(digit)]
