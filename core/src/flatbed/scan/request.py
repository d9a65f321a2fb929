"""What a caller asks for: the body that creates a job, as the wire contract has it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from flatbed.errors import InvalidInputError
from flatbed.scan.placing import Treatment

Seconds = Annotated[float, Meta(ge=0)]


class CapabilityValue(msgspec.Struct, frozen=True, kw_only=True):
    """One capability to set, by its number."""

    capability: int
    curValue: Any = None  # noqa: N815 - names of the wire contract
    exception: Literal["ignore", "fail"] | None = None


class CapabilitySet(msgspec.Struct, frozen=True, kw_only=True):
    """Capabilities to set, and what to do about those that cannot be."""

    exception: Literal["ignore", "fail"] = "ignore"
    capabilities: list[CapabilityValue] = []


class JobConfig(msgspec.Struct, frozen=True, kw_only=True):
    """The `config` of a job; keys are matched without regard to case, unknown ones ignored.

    The last three are ours: what is done to each page after its scan, see `Treatment`.
    """

    PixelType: int | str | None = None
    Resolution: Annotated[float, Meta(gt=0, le=19200)] | None = None
    IfFeederEnabled: bool | None = None
    IfDuplexEnabled: bool | None = None
    PageSize: int | None = None
    XferCount: Annotated[int, Meta(ge=-1, le=100_000)] | None = None
    Brightness: Annotated[float, Meta(ge=-1000, le=1000)] | None = None
    Contrast: Annotated[float, Meta(ge=-1000, le=1000)] | None = None
    IfShowUI: bool | None = None
    IfCloseSourceAfterAcquire: bool | None = None
    IfGetImageInfo: bool | None = None
    IfGetExtImageInfo: bool | None = None
    SkipBlankPages: bool = False
    Deskew: bool = False
    AutoCrop: bool = False


class PageOperation(msgspec.Struct, frozen=True, kw_only=True):
    """An operation on each page, which tells something about it; settings as of
    `POST /api/process/{operation}`.
    """

    operation: Annotated[str, Meta(min_length=1, max_length=64)]
    settings: dict[str, Any] | str = {}


class JobRequest(msgspec.Struct, frozen=True, kw_only=True):
    """The body of `POST /api/device/scanners/jobs`.

    Ours beside the documented keys: `onFault`, `mediaType` (what the pages will be fetched as, so
    that a JPEG is ready as soon as its page is), those of documents, and `process`: what is found
    out about each page before anybody sees it.
    """

    autoRun: bool = True  # noqa: N815
    device: str | None = None
    config: Annotated[
        dict[str, Any],
        Meta(description=f"Keys in any case: {', '.join(JobConfig.__struct_fields__)}."),
    ] = {}
    caps: CapabilitySet | None = None
    settings: str | None = None
    checkFeederLoaded: bool = False  # noqa: N815
    scannerFailureTimeout: Seconds | None = None  # noqa: N815
    jobTimeout: Seconds = 0  # noqa: N815
    requestFocusForScanningUI: bool = False  # noqa: N815
    onFault: Literal["fault", "pause"] = "fault"  # noqa: N815
    mediaType: Literal["image/png", "image/jpeg"] = "image/png"  # noqa: N815
    document: str | None = None
    insertPos: int | None = None  # noqa: N815
    replace: str | None = None
    interleave: bool = False
    process: Annotated[list[PageOperation], Meta(max_length=8)] = []


_CONFIG_KEYS = {field.lower(): field for field in JobConfig.__struct_fields__}


def read_config(given: dict[str, Any]) -> JobConfig:
    """The known keys of a `config`, whatever their case.

    Raises:
        InvalidInputError: For a value of a wrong type or out of range.
    """
    known = {
        _CONFIG_KEYS[key.lower()]: value
        for key, value in given.items()
        if key.lower() in _CONFIG_KEYS and value is not None
    }
    try:
        return msgspec.convert(known, JobConfig)
    except msgspec.ValidationError as error:
        raise InvalidInputError(f"The job's config is not right: {error}.") from error


def read_treatment(request: JobRequest) -> Treatment:
    """What is to be done to each page of a job.

    Raises:
        InvalidInputError: See `read_config`.
    """
    config = read_config(request.config)
    return Treatment(
        skips_blank=config.SkipBlankPages, deskews=config.Deskew, crops=config.AutoCrop
    )
