"""Capabilities by TWAIN number, as clients of the documented REST interface get and set them.

Numbers and labels are those of the TWAIN specification 2.4, chapters 8 and 10.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from flatbed.addon.types import Capabilities, Range
from flatbed.scan.wishes import (
    COLORS,
    PAGE_SIZES_MM,
    WHOLE_AREA,
    Wishes,
    fit_dpi,
)

LABELS = {
    1: "CAP_XFERCOUNT",
    257: "ICAP_PIXELTYPE",
    4098: "CAP_FEEDERENABLED",
    4099: "CAP_FEEDERLOADED",
    4101: "CAP_SUPPORTEDCAPS",
    4103: "CAP_AUTOFEED",
    4114: "CAP_DUPLEX",
    4115: "CAP_DUPLEXENABLED",
    4353: "ICAP_BRIGHTNESS",
    4355: "ICAP_CONTRAST",
    4369: "ICAP_PHYSICALWIDTH",
    4370: "ICAP_PHYSICALHEIGHT",
    4376: "ICAP_XRESOLUTION",
    4377: "ICAP_YRESOLUTION",
    4386: "ICAP_SUPPORTEDSIZES",
    4387: "ICAP_THRESHOLD",
    4395: "ICAP_BITDEPTH",
}

READ_ONLY = {4099, 4101, 4114, 4369, 4370}
"""What the device tells, and nobody sets."""

_PIXEL_LABELS = {0: "TWPT_BW", 1: "TWPT_GRAY", 2: "TWPT_RGB"}
_SIZE_LABELS = {
    0: "TWSS_NONE",
    1: "TWSS_A4",
    3: "TWSS_USLETTER",
    4: "TWSS_USLEGAL",
    5: "TWSS_A5",
    11: "TWSS_A3",
    13: "TWSS_A6",
}
_CONTAINERS = {"array": 3, "enumeration": 4, "onevalue": 5, "range": 6}
_TYPES = {"TWTY_INT16": 1, "TWTY_UINT16": 4, "TWTY_BOOL": 6, "TWTY_FIX32": 7}
_GET_ONLY, _GET_SET = 1 | 2 | 4, 1 | 2 | 4 | 8 | 16
_DUPLEX_LABELS = {0: "TWDX_NONE", 1: "TWDX_1PASSDUPLEX"}
LEVELS = Range(minimum=-1000, maximum=1000, step=1)
THRESHOLDS = Range(minimum=0, maximum=255, step=1)
_DEFAULT_THRESHOLD = 128
_MM_PER_INCH = 25.4


class Labeled(msgspec.Struct, frozen=True):
    """A number with its name in the specification."""

    value: int
    label: str


class Capability(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One capability of a device: what it is now, what it can be."""

    capability: Labeled
    conType: Labeled  # noqa: N815 - names of the wire contract
    valueType: Labeled  # noqa: N815
    query: Labeled
    curValue: Any  # noqa: N815
    defaultValue: Any  # noqa: N815
    enums: list[Any] | msgspec.UnsetType = msgspec.UNSET
    curIndex: int | msgspec.UnsetType = msgspec.UNSET  # noqa: N815
    defIndex: int | msgspec.UnsetType = msgspec.UNSET  # noqa: N815
    minValue: float | msgspec.UnsetType = msgspec.UNSET  # noqa: N815
    maxValue: float | msgspec.UnsetType = msgspec.UNSET  # noqa: N815
    stepSize: float | msgspec.UnsetType = msgspec.UNSET  # noqa: N815


def describe(
    capabilities: Capabilities, wishes: Wishes, numbers: Sequence[int] = ()
) -> list[Capability]:
    """A device's capabilities, with what a pending job has chosen as their values now.

    Args:
        capabilities: Of the device.
        wishes: Of the job.
        numbers: Which ones; empty means all. Unknown ones are left out.
    """
    wanted = numbers or tuple(LABELS)
    return [_DESCRIBERS[number](capabilities, wishes) for number in wanted if number in LABELS]


def _describe_count(_: Capabilities, wishes: Wishes) -> Capability:
    return _one(1, "TWTY_INT16", wishes.max_pages or -1, -1)


def _describe_color(capabilities: Capabilities, wishes: Wishes) -> Capability:
    numbers = [number for number, color in COLORS.items() if color in capabilities.colors]
    default = next(n for n, color in COLORS.items() if color == capabilities.colors[0])
    now = next((n for n, color in COLORS.items() if color == wishes.color), default)
    return _enumeration(257, "TWTY_UINT16", numbers, now, default, labels=_PIXEL_LABELS)


def _describe_feeder(capabilities: Capabilities, wishes: Wishes) -> Capability:
    has_feeder = bool({"feeder", "duplex"} & set(capabilities.sources))
    default = "flatbed" not in capabilities.sources
    now = default if wishes.uses_feeder is None else wishes.uses_feeder
    choices = [0, 1] if has_feeder and not default else [int(default)]
    return _enumeration(4098, "TWTY_BOOL", choices, int(now), int(default))


def _describe_loaded(capabilities: Capabilities, _: Wishes) -> Capability:
    return _one(4099, "TWTY_BOOL", int(bool(capabilities.is_feeder_loaded)), 0)


def _describe_supported(_: Capabilities, __: Wishes) -> Capability:
    values = [msgspec.to_builtins(Labeled(number, label)) for number, label in LABELS.items()]
    return _capability(4101, "array", "TWTY_UINT16", now=values, default=values)


def _describe_auto_feed(_: Capabilities, __: Wishes) -> Capability:
    return _one(4103, "TWTY_BOOL", 1, 1)


def _describe_duplex_kind(capabilities: Capabilities, _: Wishes) -> Capability:
    kind = int("duplex" in capabilities.sources)
    value = msgspec.to_builtins(Labeled(kind, _DUPLEX_LABELS[kind]))
    return _capability(4114, "onevalue", "TWTY_UINT16", now=value, default=value)


def _describe_duplex(capabilities: Capabilities, wishes: Wishes) -> Capability:
    choices = [0, 1] if "duplex" in capabilities.sources else [0]
    return _enumeration(4115, "TWTY_BOOL", choices, int(bool(wishes.is_duplex)), 0)


def _describe_brightness(_: Capabilities, wishes: Wishes) -> Capability:
    return _range(4353, LEVELS, wishes.brightness or 0, 0)


def _describe_contrast(_: Capabilities, wishes: Wishes) -> Capability:
    return _range(4355, LEVELS, wishes.contrast or 0, 0)


def _describe_width(capabilities: Capabilities, _: Wishes) -> Capability:
    return _describe_bed(4369, capabilities, 0)


def _describe_height(capabilities: Capabilities, _: Wishes) -> Capability:
    return _describe_bed(4370, capabilities, 1)


def _describe_x_resolution(capabilities: Capabilities, wishes: Wishes) -> Capability:
    return _describe_dpi(4376, capabilities, wishes)


def _describe_y_resolution(capabilities: Capabilities, wishes: Wishes) -> Capability:
    return _describe_dpi(4377, capabilities, wishes)


def _describe_size(capabilities: Capabilities, wishes: Wishes) -> Capability:
    beds = list(capabilities.areas_mm.values())
    fitting = [
        number
        for number, (width, height) in PAGE_SIZES_MM.items()
        if not beds or any(width <= bed[0] + 2 and height <= bed[1] + 2 for bed in beds)
    ]
    now = wishes.page_size if wishes.page_size is not None else WHOLE_AREA
    choices = [WHOLE_AREA, *fitting]
    return _enumeration(4386, "TWTY_UINT16", choices, now, WHOLE_AREA, labels=_SIZE_LABELS)


def _describe_threshold(_: Capabilities, wishes: Wishes) -> Capability:
    now = wishes.threshold if wishes.threshold is not None else _DEFAULT_THRESHOLD
    return _range(4387, THRESHOLDS, now, _DEFAULT_THRESHOLD)


def _describe_bits(capabilities: Capabilities, wishes: Wishes) -> Capability:
    depths = depths_of(capabilities)
    color = wishes.color or capabilities.colors[0]
    default = {"bw": 1, "gray": 8, "color": 24}[color]
    now = default * 2 if wishes.bits == 16 and default > 1 else default
    return _enumeration(4395, "TWTY_UINT16", depths, now, default)


_DESCRIBERS: dict[int, Callable[[Capabilities, Wishes], Capability]] = {
    1: _describe_count,
    257: _describe_color,
    4098: _describe_feeder,
    4099: _describe_loaded,
    4101: _describe_supported,
    4103: _describe_auto_feed,
    4114: _describe_duplex_kind,
    4115: _describe_duplex,
    4353: _describe_brightness,
    4355: _describe_contrast,
    4369: _describe_width,
    4370: _describe_height,
    4376: _describe_x_resolution,
    4377: _describe_y_resolution,
    4386: _describe_size,
    4387: _describe_threshold,
    4395: _describe_bits,
}


def _describe_bed(number: int, capabilities: Capabilities, side: int) -> Capability:
    beds = list(capabilities.areas_mm.values())
    inches = round(max((bed[side] for bed in beds), default=0) / _MM_PER_INCH, 4)
    return _one(number, "TWTY_FIX32", inches, inches)


def _describe_dpi(number: int, capabilities: Capabilities, wishes: Wishes) -> Capability:
    default = fit_dpi(None, capabilities.dpi)
    now = round(wishes.dpi) if wishes.dpi else default
    if isinstance(capabilities.dpi, Range):
        return _range(number, capabilities.dpi, now, default)
    return _enumeration(number, "TWTY_FIX32", sorted(capabilities.dpi), now, default)


def depths_of(capabilities: Capabilities) -> list[int]:
    """Bits a pixel that a device delivers, in all its colour modes."""
    depths = {1} if "bw" in capabilities.colors else set()
    for bits in capabilities.bits:
        depths |= {bits} if "gray" in capabilities.colors else set()
        depths |= {bits * 3} if "color" in capabilities.colors else set()
    return sorted(depths)


def _one(number: int, kind: str, now: float, default: float) -> Capability:
    return _capability(number, "onevalue", kind, now=now, default=default)


def _enumeration(
    number: int,
    kind: str,
    choices: list[int],
    now: int,
    default: int,
    *,
    labels: dict[int, str] | None = None,
) -> Capability:
    def show(value: int) -> Any:
        return msgspec.to_builtins(Labeled(value, labels[value])) if labels else value

    return msgspec.structs.replace(
        _capability(number, "enumeration", kind, now=show(now), default=show(default)),
        enums=[show(choice) for choice in choices],
        curIndex=choices.index(now) if now in choices else 0,
        defIndex=choices.index(default) if default in choices else 0,
    )


def _range(number: int, values: Range, now: float, default: float) -> Capability:
    return msgspec.structs.replace(
        _capability(number, "range", "TWTY_FIX32", now=now, default=default),
        minValue=values.minimum,
        maxValue=values.maximum,
        stepSize=values.step or 1,
    )


def _capability(number: int, container: str, kind: str, *, now: Any, default: Any) -> Capability:
    query = _GET_ONLY if number in READ_ONLY else _GET_SET
    return Capability(
        capability=Labeled(number, LABELS[number]),
        conType=Labeled(_CONTAINERS[container], f"TWON_{container.upper()}"),
        valueType=Labeled(_TYPES[kind], kind),
        query=Labeled(query, "TWQC_GET" if query == _GET_ONLY else "TWQC_GET, TWQC_SET"),
        curValue=now,
        defaultValue=default,
    )
