"""The options of an open device: descriptors read anew when they must be, values typed."""

from __future__ import annotations

import ctypes
import struct
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeAlias

from flatbed.addon.types import Range
from flatbed.builtin.sane.libsane import (
    GET_VALUE,
    INFO_INEXACT,
    INFO_RELOAD_OPTIONS,
    SET_VALUE,
    CDescriptor,
    Device,
    text_of,
)
from flatbed.errors import UnsupportedSettingError

Kind: TypeAlias = Literal["bool", "int", "fixed", "string", "button", "group"]
Value: TypeAlias = bool | int | float | str | list[int] | list[float] | None

_KINDS: tuple[Kind, ...] = ("bool", "int", "fixed", "string", "button", "group")
_UNITS = ("", "px", "bit", "mm", "dpi", "percent", "us")
_WORD_BYTES = 4
_FIXED_SCALE = 1 << 16
_RANGE, _WORD_LIST, _STRING_LIST = 1, 2, 3
_SOFT_SELECT, _SOFT_DETECT, _INACTIVE = 1, 4, 32


@dataclass(frozen=True, kw_only=True)
class Option:
    """One option as it is now; numbers are in their unit, never in SANE's fixed-point words.

    Attributes:
        index: Its place in the device's list.
        name: The driver's own name.
        title: What a person reads.
        kind: The type of its value; a `group` has none.
        unit: `px`, `bit`, `mm`, `dpi`, `percent`, `us` or empty.
        size_bytes: Room of the value in libsane.
        choices: The values it can have, their range, or `None` for anything of its kind.
        is_active: It can be used in the device's present state.
        is_settable: A program may set it.
        is_readable: A program may read it.
    """

    index: int
    name: str
    title: str
    kind: Kind
    unit: str = ""
    size_bytes: int = _WORD_BYTES
    choices: tuple[Any, ...] | Range | None = None
    is_active: bool = True
    is_settable: bool = True
    is_readable: bool = True

    @property
    def is_array(self) -> bool:
        """It holds several numbers, such as a gamma table."""
        return self.kind in ("bool", "int", "fixed") and self.size_bytes > _WORD_BYTES


@dataclass(frozen=True, kw_only=True)
class Taken:
    """What a device made of a value: `is_inexact` where it chose another one nearby."""

    value: Value
    is_inexact: bool = False


class OptionSet(Protocol):
    """The options of one open device by name, whichever library reaches it."""

    def __iter__(self) -> Iterator[Option]:
        """All options, groups left out."""

    def find(self, *names: str) -> Option | None:
        """The first of these that the device has, active and settable."""

    def find_sensor(self, *names: str) -> Option | None:
        """The first of these that the device has, active and readable."""

    def read(self, name: str) -> Value:
        """The value now."""

    def write(self, name: str, value: Value) -> Taken:
        """Set a value."""


class DeviceOptions:
    """The `OptionSet` of a device of libsane."""

    def __init__(self, device: Device) -> None:
        self._device = device
        self._by_name: dict[str, Option] = {}
        self._load()

    def __iter__(self) -> Iterator[Option]:
        return iter(list(self._by_name.values()))

    def find(self, *names: str) -> Option | None:
        """The first of these that the device has, active and settable."""
        known = (self._by_name[name] for name in names if name in self._by_name)
        return next((option for option in known if option.is_active and option.is_settable), None)

    def find_sensor(self, *names: str) -> Option | None:
        """The first of these that the device has, active and readable."""
        known = (self._by_name[name] for name in names if name in self._by_name)
        return next((option for option in known if option.is_active and option.is_readable), None)

    def read(self, name: str) -> Value:
        """The value now.

        Raises:
            KeyError: If the device has no option of this name.
            DeviceFault: If the device does not tell it.
        """
        option = self._by_name[name]
        buffer = ctypes.create_string_buffer(max(option.size_bytes, _WORD_BYTES))
        self._device.control(option.index, GET_VALUE, buffer)
        return _unpack(option, buffer)

    def write(self, name: str, value: Value) -> Taken:
        """Set a value, and read all options anew where the device says that they changed.

        Args:
            name: Of an option that `find` finds.
            value: By the option's kind; lists for arrays; anything for a button.

        Raises:
            KeyError: If the device has no option of this name.
            UnsupportedSettingError: If the value is not of the option's kind.
            DeviceFault: If the device refuses it.
        """
        option = self._by_name[name]
        buffer = _pack(option, value)
        flags = self._device.control(option.index, SET_VALUE, buffer)
        taken = Taken(value=_unpack(option, buffer), is_inexact=bool(flags & INFO_INEXACT))
        if flags & INFO_RELOAD_OPTIONS:
            # Not only what they can be: a backend may refuse an option until it was read again.
            self._load()
        return taken

    def _load(self) -> None:
        options = (self._describe(index) for index in range(1, self._count()))
        self._by_name = {option.name: option for option in options if option is not None}

    def _count(self) -> int:
        self._device.descriptor(0)
        buffer = ctypes.create_string_buffer(_WORD_BYTES)
        self._device.control(0, GET_VALUE, buffer)
        return int.from_bytes(buffer.raw, sys.byteorder)

    def _describe(self, index: int) -> Option | None:
        descriptor = self._device.descriptor(index)
        option = _option(index, descriptor) if descriptor else None
        return option if option and option.name and option.kind != "group" else None


def _option(index: int, raw: CDescriptor) -> Option:
    kind = _KINDS[raw.type]
    return Option(
        index=index,
        name=text_of(raw.name),
        title=text_of(raw.title),
        kind=kind,
        unit=_UNITS[raw.unit] if 0 <= raw.unit < len(_UNITS) else "",
        size_bytes=raw.size,
        choices=_choices(kind, raw),
        is_active=not raw.cap & _INACTIVE,
        is_settable=bool(raw.cap & _SOFT_SELECT),
        is_readable=bool(raw.cap & _SOFT_DETECT),
    )


def _choices(kind: Kind, raw: CDescriptor) -> tuple[Any, ...] | Range | None:
    if raw.constraint_type == _RANGE and raw.constraint.range:
        limits = raw.constraint.range.contents
        words = (_number(kind, word) for word in (limits.min, limits.max, limits.quant))
        minimum, maximum, step = words
        return Range(minimum=minimum, maximum=maximum, step=step)
    if raw.constraint_type == _WORD_LIST and raw.constraint.words:
        count = raw.constraint.words[0]
        return tuple(_number(kind, raw.constraint.words[place + 1]) for place in range(count))
    if raw.constraint_type == _STRING_LIST and raw.constraint.strings:
        return tuple(_strings(raw.constraint.strings))
    return None


def _strings(pointer: Any) -> Iterator[str]:
    place = 0
    while (text := pointer[place]) is not None:
        yield text_of(text)
        place += 1


def _number(kind: Kind, word: int) -> int | float:
    return word / _FIXED_SCALE if kind == "fixed" else word


def _unpack(option: Option, buffer: ctypes.Array[ctypes.c_char]) -> Value:
    if option.kind == "string":
        return text_of(buffer.value)
    if option.kind in ("button", "group"):
        return None
    words = struct.unpack_from(f"={max(option.size_bytes // _WORD_BYTES, 1)}i", buffer)
    numbers = [_number(option.kind, word) for word in words]
    if option.is_array:
        return numbers
    return bool(numbers[0]) if option.kind == "bool" else numbers[0]


def _pack(option: Option, value: Value) -> ctypes.Array[ctypes.c_char]:
    size = max(option.size_bytes, _WORD_BYTES)
    if option.kind in ("button", "group"):
        return ctypes.create_string_buffer(size)
    if option.kind == "string":
        return ctypes.create_string_buffer(_text(option, value), size)
    given = value if isinstance(value, list) else [value]
    if len(given) != max(option.size_bytes // _WORD_BYTES, 1):
        raise _unfit(option, value)
    return ctypes.create_string_buffer(_words(option, given), size)


def _text(option: Option, value: Value) -> bytes:
    if not isinstance(value, str) or len(value.encode()) >= option.size_bytes:
        raise _unfit(option, value)
    if isinstance(option.choices, tuple) and value not in option.choices:
        # Some backends crash on a string that is not in their list.
        raise _unfit(option, value)
    return value.encode()


def _words(option: Option, values: Sequence[Any]) -> bytes:
    scale = _FIXED_SCALE if option.kind == "fixed" else 1
    try:
        words = [round(float(value) * scale) for value in values]
        return struct.pack(f"={len(words)}i", *words)
    except (TypeError, ValueError, OverflowError, struct.error) as error:
        raise _unfit(option, list(values)) from error


def _unfit(option: Option, value: Value) -> UnsupportedSettingError:
    hint = ""
    if isinstance(option.choices, tuple):
        hint = " It can be " + ", ".join(str(choice) for choice in option.choices) + "."
    return UnsupportedSettingError(
        f"The scanner's option {option.name} cannot be {value!r}.{hint}", option=option.name
    )


def accepts(option: Option, number: float) -> bool:
    """Whether a number is one that the option can take exactly."""
    if isinstance(option.choices, Range):
        limits = option.choices
        steps = (number - limits.minimum) / limits.step if limits.step else 0.0
        return limits.minimum <= number <= limits.maximum and abs(steps - round(steps)) < 1e-3
    return option.choices is None or number in option.choices


def limits_of(option: Option) -> tuple[float, float] | None:
    """The smallest and the largest number that the option can take, where it says so."""
    if isinstance(option.choices, Range):
        return option.choices.minimum, option.choices.maximum
    return (min(option.choices), max(option.choices)) if option.choices else None


def nearest(option: Option, number: float) -> float:
    """The number among the option's choices, or inside its range, that is nearest."""
    if isinstance(option.choices, Range):
        return min(max(number, option.choices.minimum), option.choices.maximum)
    if not option.choices:
        return number
    return float(min(option.choices, key=lambda choice: abs(choice - number)))


def put(options: OptionSet, option: Option, value: Value) -> Taken:
    """Set an option unless it has the value already: some backends refuse what changes nothing."""
    if option.is_readable and options.read(option.name) == value:
        return Taken(value=value)
    return options.write(option.name, value)
