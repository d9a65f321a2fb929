"""The options of a device of pyinsane2, as the settings and capabilities of SANE take them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

from flatbed.addon.types import Range
from flatbed.builtin.pyinsane2.library import named_errors
from flatbed.builtin.sane.options import Kind, Option, Taken, Value
from flatbed.errors import UnsupportedSettingError

_KINDS: tuple[Kind, ...] = ("bool", "int", "fixed", "string", "button", "group")
_UNITS = ("", "px", "bit", "mm", "dpi", "percent", "us")
_WIA_UNITS = {"tl-x": "px", "tl-y": "px", "br-x": "px", "br-y": "px", "resolution": "dpi"}
_FIXED_SCALE = 1 << 16
_SOFT_DETECT = 4
_TOLERANCE = 1e-4


class PyinsaneOptions:
    """The `OptionSet` of a device of pyinsane2.

    Args:
        library: pyinsane2.
        look: Makes a scanner object that has read the options anew; the device stays open.

    Attributes:
        scanner: The object that was made last.
    """

    def __init__(self, library: ModuleType, look: Callable[[], Any]) -> None:
        self._library = library
        self._look = look
        self.scanner: Any = None
        self._raw: dict[str, Any] = {}
        self._load()

    def __iter__(self) -> Iterator[Option]:
        return iter([_option(name, raw) for name, raw in self._raw.items()])

    def find(self, *names: str) -> Option | None:
        """The first of these that the device has, active and settable."""
        return next((each for each in self._active(names) if each.is_settable), None)

    def find_sensor(self, *names: str) -> Option | None:
        """The first of these that the device has, active and readable."""
        return next((each for each in self._active(names) if each.is_readable), None)

    def read(self, name: str) -> Value:
        """The value now."""
        with named_errors(self._library):
            word = self._raw[name].value
        value: Value = _scaled(_kind(self._raw[name]), word)
        return value

    def write(self, name: str, value: Value) -> Taken:
        """Set a value, and read all options anew, because the library does not say when to.

        Raises:
            UnsupportedSettingError: If the value is not of the option's kind.
            DeviceFault: If the device refuses it.
        """
        raw = self._raw[name]
        with named_errors(self._library):
            raw.value = _unscaled(raw, _option(name, raw), value)
        self._load()
        taken = self.read(name) if _option(name, self._raw[name]).is_readable else value
        return Taken(value=taken, is_inexact=_differ(taken, value))

    def _active(self, names: tuple[str, ...]) -> Iterator[Option]:
        known = (_option(name, self._raw[name]) for name in names if name in self._raw)
        return (option for option in known if option.is_active)

    def _load(self) -> None:
        with named_errors(self._library):
            self.scanner = self._look()
            self._raw = {name: raw for name, raw in self.scanner.options.items() if name}


def _option(name: str, raw: Any) -> Option:
    kind = _kind(raw)
    return Option(
        index=raw.idx,
        name=name,
        title=raw.title or name,
        kind=kind,
        unit=_WIA_UNITS.get(name, "") if _is_wia(raw) else _UNITS[int(raw.unit)],
        size_bytes=raw.size,
        choices=_choices(kind, raw.constraint),
        is_active=raw.capabilities.is_active(),
        is_settable=raw.capabilities.is_settable(),
        is_readable=_is_readable(raw),
    )


def _kind(raw: Any) -> Kind:
    if not _is_wia(raw):
        return _KINDS[int(raw.val_type)]
    kinds: dict[type, Kind] = {bool: "bool", int: "int", float: "fixed"}
    return kinds.get(type(raw.value), "string")


def _is_readable(raw: Any) -> bool:
    return _is_wia(raw) or bool(int(raw.capabilities) & _SOFT_DETECT)


def _choices(kind: Kind, constraint: Any) -> tuple[Any, ...] | Range | None:
    if isinstance(constraint, tuple):
        minimum, maximum, step = (*(_scaled(kind, word) for word in constraint), 0)[:3]
        return Range(minimum=minimum, maximum=maximum, step=step)
    return tuple(_scaled(kind, word) for word in constraint) if constraint else None


def _scaled(kind: Kind, value: Any) -> Any:
    # The library hands SANE's fixed-point words out as they are.
    if kind == "fixed" and isinstance(value, int):
        return value / _FIXED_SCALE
    return bool(value) if kind == "bool" else value


def _unscaled(raw: Any, option: Option, value: Value) -> Any:
    if option.kind == "string":
        return _text(raw, option, value)
    if option.is_array or not isinstance(value, (bool, int, float)):
        raise _unfit(option, value)
    return round(value * _FIXED_SCALE) if option.kind == "fixed" else round(value)


def _text(raw: Any, option: Option, value: Value) -> str | bytes:
    is_listed = not isinstance(option.choices, tuple) or value in option.choices
    if not isinstance(value, str) or not is_listed:
        raise _unfit(option, value)
    if _is_wia(raw):
        return value
    if len(value.encode()) >= option.size_bytes:
        raise _unfit(option, value)
    # A backend may write as much as the option has room for, and the library makes less.
    return value.encode().ljust(option.size_bytes, b"\0")


def _is_wia(raw: Any) -> bool:
    # WIA's options have a value only.
    return raw.val_type is None


def _differ(taken: Value, value: Value) -> bool:
    if isinstance(taken, (int, float)) and isinstance(value, (int, float)):
        return abs(taken - value) > _TOLERANCE
    return taken != value


def _unfit(option: Option, value: Value) -> UnsupportedSettingError:
    return UnsupportedSettingError(
        f"The scanner's option {option.name} cannot be {value!r}.", option=option.name
    )
