"""Operations on each page of a job: chosen when it is made, carried out before a page is seen."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from flatbed.errors import AddonMissingError, AddonNotEnabledError, InvalidInputError
from flatbed.runtime.addons import Addon
from flatbed.runtime.choice import EVERYTHING
from flatbed.runtime.manifest import Manifest
from flatbed.runtime.registry import Registry
from flatbed.scan.request import JobRequest
from flatbed.scan.tasks import PageTask, choose_tasks, chosen_for

from ..made_addons import write_addon
from .desk import ScanDesk

OPERATIONS: dict[str, Any] = {
    "weigh": {
        "hook": "process_page",
        "shorthand": "unit",
        "settings": {
            "unit": {"type": "str", "default": "g", "choices": ["g", "kg"]},
            "fails_at": {"type": "int", "default": -1},
        },
    },
    "write": {"hook": "save_document", "input": "pages"},
}
SOURCE = """
@hookimpl
def process_page(page, settings):
    value = page.open().getpixel((0, 0))
    if value == settings["fails_at"]:
        raise InvalidInputError("The scales are broken.")
    return {"weight": value, "unit": settings["unit"]}
"""


def made(version: str, name: str = "scales") -> Addon:
    """Scales that nobody starts."""
    facts = {"manifest_version": 1, "name": name, "core_api": "1.0", "operations": OPERATIONS}
    manifest = msgspec.convert(facts, Manifest)
    return Addon(manifest=manifest, version=version, module="no", distribution=f"flatbed-{name}")


def wanting(*operations: Any) -> JobRequest:
    """What asks for operations, as JSON has it."""
    return msgspec.convert({"process": operations}, JobRequest)


@pytest.fixture
async def scales(tmp_path: Path) -> AsyncIterator[ScanDesk]:
    """A desk with scales."""
    desk = ScanDesk(tmp_path)
    desk.readers = [write_addon(tmp_path / "scales", SOURCE, name="scales", operations=OPERATIONS)]
    desk.start()
    yield desk
    await desk.stop()


def test_choose_tasks_takes_the_newest_version_and_keeps_to_it() -> None:
    """As long as it is there; then whatever is."""
    registry = Registry([made("1.0"), made("1.1")])
    tasks = choose_tasks(wanting({"operation": "weigh", "settings": "kg"}), registry, EVERYTHING)
    assert tasks == (
        PageTask(
            operation="weigh",
            hook="process_page",
            addon="scales==1.1",
            settings={"unit": "kg", "fails_at": -1},
        ),
    )
    newer = Registry([made("1.0"), made("1.1"), made("2.0")])
    assert [addon.version for addon in chosen_for(tasks[0], newer).addons or ()] == ["1.1"]
    assert chosen_for(tasks[0], Registry([made("2.0")])) is EVERYTHING


@pytest.mark.parametrize(
    ("wanted", "error"),
    [
        ({"operation": "fold"}, AddonMissingError),
        ({"operation": "write"}, InvalidInputError),
        ({"operation": "weigh", "settings": "pounds"}, InvalidInputError),
        ({"operation": "weigh", "settings": {"colour": 1}}, InvalidInputError),
    ],
    ids=["unknown", "makes-a-file", "not-a-choice", "no-setting"],
)
def test_choose_tasks_refuses_what_cannot_be(wanted: Any, error: type[Exception]) -> None:
    """Before any paper moves."""
    with pytest.raises(error):
        choose_tasks(wanting(wanted), Registry([made("1.0")]), EVERYTHING)


def test_choose_tasks_keeps_to_what_the_page_enabled() -> None:
    """403 as for the operation itself."""
    registry = Registry([made("1.0"), made("1.0", "other")])
    with pytest.raises(AddonNotEnabledError):
        choose_tasks(wanting({"operation": "weigh"}), registry, registry.choose([]))


async def test_findings_are_there_when_a_page_is(scales: ScanDesk) -> None:
    """Of every page its own; one that fails is told, and its page is there all the same."""
    wanted = [{"operation": "weigh", "settings": {"fails_at": 20}}]
    request = msgspec.convert({"process": wanted}, JobRequest)
    job = await scales.create([["page", 10], ["page", 20], ["page", 30]], process=request.process)
    assert await scales.settled(job) == "completed"
    found = [scales.findings.of(page) for page in scales.buffer.pages_of(job.uid)]
    assert [[each.value for each in page] for page in found] == [
        [{"weight": 10, "unit": "g"}],
        [],
        [{"weight": 30, "unit": "g"}],
    ]
    assert job.warnings == ["'weigh' on page 2: The scales are broken."]


async def test_tasks_outlive_the_main_process(scales: ScanDesk) -> None:
    """They stand with the job."""
    request = msgspec.convert({"process": [{"operation": "weigh"}]}, JobRequest)
    job = await scales.create([["page", 10]], process=request.process)
    await scales.settled(job)
    await scales.restart()
    (again,) = scales.store.load_all()
    assert again.options.tasks == job.options.tasks
