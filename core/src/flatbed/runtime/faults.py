"""What an add-on did wrong, in words for the person who reads it: each cause has a name."""

from __future__ import annotations

from typing import Any

from flatbed.errors import (
    AddonMemoryError,
    AddonUnloadableError,
    FlatbedError,
    ResultInvalidError,
    ResultTooBigError,
    WorkerCrashedError,
    WorkerGarbledError,
    WorkerTimeoutError,
    from_wire,
)
from flatbed.runtime.addons import Addon
from flatbed.runtime.protocol import Message
from flatbed.runtime.typed_results import is_plain

_CAUSE_CHARS = 500
_MESSAGE_CHARS = 1000
_AGAIN = "Your pages are safe; try again."

_WORDS: dict[type[FlatbedError], str] = {
    AddonUnloadableError: (
        "cannot be loaded ({cause}). Your pages are safe; install it again, or another version."
    ),
    AddonMemoryError: (
        "ran out of its {memory_mb} MB of memory. Your pages are safe; try a smaller page or file."
    ),
    ResultInvalidError: (
        "answered something that cannot be ({cause}). Your pages are safe; update the add-on."
    ),
    ResultTooBigError: (
        "has a result that is too large to be handed over. Your pages are safe; ask for less."
    ),
    WorkerGarbledError: f"wrote something that is no message, and was stopped. {_AGAIN}",
    WorkerCrashedError: f"failed ({{cause}}). {_AGAIN}",
}
_BY_NAME = {kind.name: kind for kind in _WORDS}


def title(addon: Addon) -> str:
    """The add-on as a sentence begins with it."""
    return f"The add-on '{addon.name}' {addon.version}"


def fault(addon: Addon, kind: type[FlatbedError], cause: object = "") -> FlatbedError:
    """The error for something that an add-on did wrong.

    Args:
        addon: Which one.
        kind: One of those that have words here.
        cause: What its author needs to know.
    """
    told = " ".join(str(cause).split())[:_CAUSE_CHARS]
    words = _WORDS[kind].format(cause=told, memory_mb=addon.manifest.memory_mb)
    return kind(f"{title(addon)} {words}", **_facts(addon))


def crash(addon: Addon, *, is_loaded: bool) -> WorkerCrashedError:
    """The error for a worker that died without a word."""
    if is_loaded:
        return WorkerCrashedError(f"{title(addon)} crashed. {_AGAIN}", **_facts(addon))
    return AddonUnloadableError(
        f"{title(addon)} crashed while it was loaded. Your pages are safe; install it again, or"
        " another version.",
        **_facts(addon),
    )


def too_slow(addon: Addon, timeout_s: float) -> WorkerTimeoutError:
    """The error for a call past its limit."""
    return WorkerTimeoutError(
        f"{title(addon)} took longer than {timeout_s:g} s and was stopped. {_AGAIN}",
        **_facts(addon),
    )


def told_fault(addon: Addon, message: Message) -> FlatbedError:
    """The error for what a worker says went wrong there."""
    kind = _BY_NAME.get(str(message.get("error")), WorkerCrashedError)
    return fault(addon, kind, message.get("message"))


def told_error(addon: Addon, message: Message) -> FlatbedError:
    """The error that a hook raised, with no more of its words than anybody would read."""
    name = str(message.get("error"))
    if name in _BY_NAME:
        return told_fault(addon, message)
    wire: dict[str, Any] = {"error": name}
    if message.get("message"):
        wire["message"] = str(message["message"])[:_MESSAGE_CHARS]
    if message.get("details") and is_plain(message["details"]):
        wire["details"] = message["details"]
    return from_wire(wire)


def _facts(addon: Addon) -> dict[str, str]:
    return {"addon": addon.name, "version": addon.version}
