"""What an add-on did wrong, in words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from flatbed.errors import (
    AddonMemoryError,
    FlatbedError,
    InternalError,
    PaperJamError,
    ResultInvalidError,
    ResultTooBigError,
    WorkerCrashedError,
    WorkerGarbledError,
)
from flatbed.runtime import faults
from flatbed.runtime.addons import Addon

from ..made_addons import write_addon


@pytest.fixture
def addon(tmp_path: Path) -> Addon:
    """An add-on with 256 MB."""
    return write_addon(tmp_path, memory_mb=256)


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (
            "addon_unloadable",
            (
                "cannot be loaded (no lamp). Your pages are safe; install it again, or another"
                " version."
            ),
        ),
        (
            "addon_out_of_memory",
            "ran out of its 256 MB of memory. Your pages are safe; try a smaller page or file.",
        ),
        (
            "result_invalid",
            "answered something that cannot be (no lamp). Your pages are safe; update the add-on.",
        ),
        (
            "result_too_big",
            "has a result that is too large to be handed over. Your pages are safe; ask for less.",
        ),
        (
            "worker_garbled",
            "wrote something that is no message, and was stopped. Your pages are safe; try again.",
        ),
        ("worker_crashed", "failed (no lamp). Your pages are safe; try again."),
        ("paper_jam", "failed (no lamp). Your pages are safe; try again."),
        (["a", "list"], "failed (no lamp). Your pages are safe; try again."),
    ],
    ids=str,
)
def test_fault_that_a_worker_tells_has_name_version_and_what_is_safe(
    kind: Any, words: str, addon: Addon
) -> None:
    """A name that is none of a fault is a crash."""
    error = faults.told_fault(addon, {"error": kind, "message": "no\n lamp"})
    assert error.message == f"The add-on 'made' 1.2.3 {words}"
    assert error.details == {"addon": "made", "version": "1.2.3"}
    assert error.name == (
        kind if str(kind) != "paper_jam" and words[:6] != "failed" else "worker_crashed"
    )


def test_cause_of_a_fault_is_cut(addon: Addon) -> None:
    """A traceback of megabytes is no sentence."""
    error = faults.fault(addon, WorkerCrashedError, "x" * 10_000)
    assert len(error.message) < 600


@pytest.mark.parametrize(
    ("is_loaded", "name"), [(True, "worker_crashed"), (False, "addon_unloadable")]
)
def test_worker_that_died_has_crashed_in_a_call_or_at_its_import(
    is_loaded: bool,  # noqa: FBT001
    name: str,
    addon: Addon,
) -> None:
    """Two names: trying again helps with the first alone."""
    assert faults.crash(addon, is_loaded=is_loaded).name == name


def test_error_that_a_hook_raised_keeps_its_words_and_details(addon: Addon) -> None:
    """It is about the page, not about the add-on."""
    wire = PaperJamError("Sheet 3 is stuck.", sheet=3).to_wire()
    error = faults.told_error(addon, wire)
    assert (type(error), error.message, error.details) == (
        PaperJamError,
        "Sheet 3 is stuck.",
        {"sheet": 3},
    )


def test_error_that_a_hook_raised_is_no_longer_than_a_person_reads(addon: Addon) -> None:
    """Details that nobody could write as JSON are left out."""
    wire = {"error": "paper_jam", "message": "x" * 5000, "details": {"n": float("nan")}}
    error = faults.told_error(addon, wire)
    assert (len(error.message), error.details) == (1000, {})


@pytest.mark.parametrize(
    "kind", [AddonMemoryError, ResultInvalidError, ResultTooBigError, WorkerGarbledError]
)
def test_fault_that_a_hook_raised_is_told_as_one(kind: type[FlatbedError], addon: Addon) -> None:
    """As that of a warning which is too long for the pipe."""
    error = faults.told_error(addon, kind().to_wire())
    assert type(error) is kind
    assert error.message.startswith("The add-on 'made' 1.2.3 ")


@pytest.mark.parametrize("name", [None, 7, "no_such_name", ["paper_jam"]])
def test_error_of_no_name_of_ours_is_an_internal_one(name: Any, addon: Addon) -> None:
    """Whatever a library has written there."""
    assert type(faults.told_error(addon, {"error": name})) is InternalError
