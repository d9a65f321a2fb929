"""Two versions of one add-on at the same moment, each with its own libraries."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from core.tests.made_addons import LIMIT_S, worker_site
from tests.support.wheels import put_on_shelf, touch_shelf, write_addon_wheel, write_library

from flatbed.errors import AddonMissingError
from flatbed.runtime.discovery import discover
from flatbed.runtime.pool import Pools
from flatbed.runtime.seal import AddonChangedError

from .conftest import Bench

PRESS = ("process_page", {"operation": "press-stamp"})
CODE = "flatbed_stamp/__init__.py"


@pytest.fixture
async def pools(tmp_path: Path) -> AsyncIterator[Pools]:
    """Workers that end with the test."""
    made = Pools(worker_site(tmp_path))
    yield made
    await made.close()


async def test_two_versions_serve_two_callers_with_libraries_that_exclude_each_other(
    bench: Bench, pools: Pools
) -> None:
    """Each in its own process, from its own folder; nothing is written into it."""
    for version, library in (("1.0", "1.0"), ("1.1", "2.0")):
        write_library(bench.wheels, library)
        needs = [f"inkpot=={library}"]
        bench.install(write_addon_wheel(bench.wheels, version, library="inkpot", requires=needs))
    registry = discover({}, data_dir=bench.data)
    wanted = ("stamp<1.1", "stamp>=1.1")
    addons = [registry.find_operation("press-stamp", registry.choose([each]))[0] for each in wanted]
    told = await asyncio.gather(
        *(pools.of(each).call(*PRESS, timeout_s=LIMIT_S) for each in addons)
    )
    shelf = bench.data / "addons" / "stamp"
    assert told == [
        {"version": "1.0", "library": "1.0", "file": str(shelf / "1.0" / CODE)},
        {"version": "1.1", "library": "2.0", "file": str(shelf / "1.1" / CODE)},
    ]
    for addon in addons:
        addon.verify()


async def test_worker_of_a_changed_addon_is_not_started(tmp_path: Path, pools: Pools) -> None:
    """Also where a glance sees nothing; the caller hears which add-on it is."""
    folder = put_on_shelf(tmp_path, "1.0")
    addon = discover({}, data_dir=tmp_path).get("stamp")
    (folder / CODE).write_text((folder / CODE).read_text().replace("None", "True"))
    with pytest.raises(AddonChangedError) as caught:
        await pools.of(addon).call(*PRESS, timeout_s=LIMIT_S)
    assert caught.value.details["files"] == [CODE]


async def test_worker_of_a_removed_addon_is_not_started(tmp_path: Path, pools: Pools) -> None:
    """Whoever chose it before hears that it was removed."""
    folder = put_on_shelf(tmp_path, "1.0")
    addon = discover({}, data_dir=tmp_path).get("stamp")
    folder.rename(tmp_path / "gone")
    touch_shelf(tmp_path)
    with pytest.raises(AddonMissingError, match="was removed meanwhile"):
        await pools.of(addon).call(*PRESS, timeout_s=LIMIT_S)


async def test_version_that_was_installed_again_gets_workers_of_its_own(
    tmp_path: Path, pools: Pools
) -> None:
    """The old code is not used any more, though one of its workers is still there."""
    folder = put_on_shelf(tmp_path, "1.0")
    registry = discover({}, data_dir=tmp_path)
    before = await pools.of(registry.get("stamp")).call(*PRESS, timeout_s=LIMIT_S)
    code = (folder / CODE).read_text().replace("None", "'new'")
    folder.rename(tmp_path / "gone")
    put_on_shelf(tmp_path, "1.0", files={CODE: code})
    touch_shelf(tmp_path)
    after = await pools.of(registry.get("stamp")).call(*PRESS, timeout_s=LIMIT_S)
    assert (before["library"], after["library"]) == (None, "new")
