"""The kinds of values that settings have: what is accepted, from TOML and from plain text."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

T = TypeVar("T")

_ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:[0-9]{1,5})?")
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}


class Unfit(Exception):  # noqa: N818 - never seen outside: `layers.check` names the place
    """A value that is not of the kind; with a reason where the kind's label would not say it."""


@dataclass(frozen=True)
class Kind(Generic[T]):
    """One kind of value.

    Attributes:
        label: What a person may write, as it continues "must be".
        check: Makes a TOML value the setting's; raises `Unfit` when it is not that.
        from_text: Makes text of the environment a value for `check`.
    """

    label: str
    check: Callable[[Any], T]
    from_text: Callable[[str], Any]


@dataclass(frozen=True)
class AllowedOrigin:
    """A web origin that the configuration grants.

    Attributes:
        origin: Exactly as browsers send it, as `https://scan.example`.
        is_compat: Whether its pages may send JSON as `text/plain`, as older clients do.
    """

    origin: str
    is_compat: bool = False


def toml_or_text(text: str) -> Any:
    """The value that a text is in TOML (`20`, `true`, `[1, 2]`, `"x"`), else the text itself."""
    try:
        found = tomllib.loads(f"value = {text}")
    except tomllib.TOMLDecodeError:
        return text
    return found["value"] if found.keys() == {"value"} else text


def whole_number(minimum: int, maximum: int) -> Kind[int]:
    """A whole number of a range, ends included."""

    def check(value: Any) -> int:
        if type(value) is not int or not minimum <= value <= maximum:
            raise Unfit
        return value

    return Kind(f"a whole number from {minimum} to {maximum}", check, toml_or_text)


def number(minimum: float, maximum: float) -> Kind[float]:
    """A number of a range, ends included, with or without a fraction."""

    def check(value: Any) -> float:
        if type(value) not in {int, float} or not minimum <= value <= maximum:
            raise Unfit
        return float(value)

    return Kind(f"a number from {minimum:g} to {maximum:g}", check, toml_or_text)


def choice(names: Mapping[str | int, T]) -> Kind[T]:
    """One of a few values, each by any of its names."""

    def check(value: Any) -> T:
        # True would be found under 1.
        if isinstance(value, bool) or not isinstance(value, str | int) or value not in names:
            raise Unfit
        return names[value]

    label = "one of " + ", ".join(json.dumps(name) for name in names)
    return Kind(label, check, toml_or_text)


def _check_folder(value: Any) -> Path:
    if not isinstance(value, str) or not value:
        raise Unfit
    folder = Path(value).expanduser()
    if not folder.is_absolute():
        raise Unfit
    return folder


def _check_text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise Unfit
    return value


def _check_switch(value: Any) -> bool:
    if not isinstance(value, bool):
        raise Unfit
    return value


def _check_any(value: Any) -> Any:
    try:
        json.dumps(value)
    except TypeError:
        raise Unfit from None
    return value


def _check_origins(value: Any) -> tuple[AllowedOrigin, ...]:
    if not isinstance(value, list):
        raise Unfit
    return tuple(_check_origin(each) for each in value)


def _check_origin(value: Any) -> AllowedOrigin:
    if isinstance(value, str):
        value = {"origin": value}
    if not isinstance(value, dict) or not value.keys() <= {"origin", "compat"}:
        raise Unfit
    origin, compat = value.get("origin"), value.get("compat", False)
    if not isinstance(origin, str) or not isinstance(compat, bool):
        raise Unfit
    return AllowedOrigin(check_spelling(origin), compat)


def check_spelling(origin: str) -> str:
    """An origin as it is; refuses what no browser sends, which would never be equal to anything.

    Raises:
        Unfit: If it is that, with the reason.
    """
    found = _ORIGIN.fullmatch(origin)
    if not found:
        raise Unfit(
            f"{origin!r} is not an origin: write scheme, host and port as browsers do, in lower"
            " case, without a path or a last slash, as https://scan.example"
        )
    if found[2] and _DEFAULT_PORTS.get(origin.partition(":")[0]) == found[2]:
        raise Unfit(f"browsers leave {found[2]} out of {origin!r}, so leave it out here too")
    return origin


def _origins_from_text(text: str) -> Any:
    if text.lstrip().startswith("["):
        return toml_or_text(text)
    return [part.strip() for part in text.split(",") if part.strip()]


def _switch_from_text(text: str) -> Any:
    names = {"true": True, "yes": True, "on": True, "1": True}
    names |= {"false": False, "no": False, "off": False, "0": False}
    return names.get(text.strip().lower(), text)


FOLDER = Kind("the full path of a folder, or one from ~", _check_folder, str)
TEXT = Kind("text", _check_text, str)
SWITCH = Kind("true or false", _check_switch, _switch_from_text)
ANY = Kind("text, a number, true, false, a list or a table", _check_any, toml_or_text)
ORIGINS = Kind(
    'a list of origins, each as "https://a.example"'
    ' or {origin = "https://a.example", compat = true}',
    _check_origins,
    _origins_from_text,
)
PORT = whole_number(0, 65535)
SECONDS = number(0.1, 86400)
