"""The hooks: named, typed and described as design.md fixed them."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from types import ModuleType
from typing import Any, get_args

import pluggy
import pytest

from flatbed.addon import hookimpl, hookspecs
from flatbed.runtime.manifest import Hook

# Each hook with its arguments: an add-on that names another one does not load.
ARGUMENTS = {
    "start": ["config"],
    "stop": [],
    "describe_environment": [],
    "list_scanners": [],
    "get_capabilities": ["scanner_id"],
    "acquire_pages": ["scanner_id", "settings", "out"],
    "preview_frames": ["scanner_id", "settings", "out"],
    "read_barcodes": ["page", "settings"],
    "find_separator": ["page", "settings"],
    "recognize_text": ["page", "settings"],
    "process_page": ["operation", "page", "settings", "out"],
    "load_document": ["file", "settings", "out"],
    "save_document": ["pages", "settings", "out"],
    "upload_file": ["file", "destination", "settings", "progress"],
    "handle_request": ["request", "out"],
}
HOOKS: dict[str, Callable[..., Any]] = {
    name: value
    for name, value in vars(hookspecs).items()
    if inspect.isfunction(value) and hasattr(value, "flatbed_spec")
}
each_hook = pytest.mark.parametrize("name", HOOKS)


def test_hooks_are_the_ones_of_the_design() -> None:
    """A new one is a minor version; one that goes, or changes its arguments, a major one."""
    assert {name: list(inspect.signature(hook).parameters) for name, hook in HOOKS.items()} == (
        ARGUMENTS
    )


@each_hook
def test_hook_is_typed_throughout(name: str) -> None:
    """Add-on authors get the types from here."""
    signature = inspect.signature(HOOKS[name])
    kinds = [each.annotation for each in signature.parameters.values()]
    assert inspect.Signature.empty not in [*kinds, signature.return_annotation]


@each_hook
def test_hook_describes_every_argument(name: str) -> None:
    """What the signature does not say: units, ranges, errors."""
    text = inspect.getdoc(HOOKS[name]) or ""
    assert re.match(r"[A-Z].*\.", text)
    if len(ARGUMENTS[name]) > 1:
        missing = [each for each in ARGUMENTS[name] if f"    {each}: " not in text]
        assert missing == []


def test_hooks_that_answer_give_one_answer() -> None:
    """One add-on runs in a worker: its answer, not a list of one."""
    lists = {name for name, hook in HOOKS.items() if not _options(hook)["firstresult"]}
    assert lists == {"start", "stop"}


def test_every_hook_that_a_manifest_may_name_is_there() -> None:
    """The manifest's operations are checked against these names."""
    assert set(get_args(Hook)) <= set(HOOKS)


def test_implementation_may_leave_out_arguments() -> None:
    """pluggy passes the ones that it names."""
    manager = _manager("@hookimpl\ndef get_capabilities(): return 'few'")
    manager.check_pending()
    assert manager.hook.get_capabilities(scanner_id="x") == "few"


@pytest.mark.parametrize(
    "source",
    [
        "@hookimpl\ndef get_capabilities(scanner_id, depth): ...",
        "@hookimpl\ndef get_capabilites(scanner_id): ...",
    ],
    ids=["an argument that there is not", "a hook that there is not"],
)
def test_implementation_that_fits_no_hook_is_refused(source: str) -> None:
    """A slip of the pen is found when the worker starts, not when the hook is never called."""
    with pytest.raises(pluggy.PluginValidationError):
        _manager(source).check_pending()


def _options(hook: Callable[..., Any]) -> Any:
    return hook.flatbed_spec  # type: ignore[attr-defined]


def _manager(source: str) -> pluggy.PluginManager:
    addon = ModuleType("made_addon")
    exec(source, {"hookimpl": hookimpl}, vars(addon))  # noqa: S102 - the source is ours
    manager = pluggy.PluginManager("flatbed")
    manager.add_hookspecs(hookspecs)
    manager.register(addon)
    return manager
