"""Operations that are carried out on each page of a job before anybody sees it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flatbed.errors import AddonUnfitError, InvalidInputError
from flatbed.runtime.choice import EVERYTHING, Choice
from flatbed.runtime.manifest import read_settings
from flatbed.runtime.registry import Registry
from flatbed.scan.request import JobRequest, PageOperation

_FINDING_HOOKS = ("read_barcodes", "recognize_text", "process_page")
"""What tells something about one page."""


@dataclass(frozen=True, kw_only=True)
class PageTask:
    """One operation on each page.

    Attributes:
        operation: Its name.
        hook: What carries it out.
        addon: The version that does, as `barcode==1.2.0`.
        settings: Checked when the job was made.
    """

    operation: str
    hook: str
    addon: str
    settings: Mapping[str, Any] = field(default_factory=dict)


def choose_tasks(request: JobRequest, registry: Registry, choice: Choice) -> tuple[PageTask, ...]:
    """What a job wants to be done to each page, and who does it.

    Raises:
        AddonMissingError: If no installed add-on has an operation.
        AddonNotEnabledError: If only one has it that is not in the choice.
        InvalidInputError: If its settings are wrong, or it does not tell something about one page.
    """
    return tuple(_choose(each, registry, choice) for each in request.process)


def chosen_for(task: PageTask, registry: Registry) -> Choice:
    """The version that was there when the job was made; whatever is, where it went since."""
    try:
        return registry.choose([task.addon])
    except AddonUnfitError:
        return EVERYTHING


def _choose(wanted: PageOperation, registry: Registry, choice: Choice) -> PageTask:
    addon, declared = registry.find_operation(wanted.operation, choice)
    if declared.hook not in _FINDING_HOOKS or declared.input != "page":
        raise InvalidInputError(
            f"'{wanted.operation}' does not tell something about one page. Carry it out later."
        )
    settings = read_settings(declared, wanted.settings, of=f"'{wanted.operation}'")
    return PageTask(
        operation=wanted.operation,
        hook=declared.hook,
        addon=f"{addon.name}=={addon.version}",
        settings=settings,
    )
