"""The scanners that are there: old lists rather than none, ids that stay, lies that are named."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import replace
from typing import Any

import pytest

from flatbed.errors import (
    AccessDeniedError,
    DriverCrashedError,
    FlatbedError,
    ScannerNotFoundError,
    WorkerCrashedError,
    WorkerTimeoutError,
)
from flatbed.scan import scanners as scanners_module
from flatbed.scan.scanners import KnownScanner, ListLimits, mark_used
from flatbed.storage.events import EVERYBODY

from ..made_addons import LIMIT_S, Gate
from .desk import Paper, ScanDesk
from .made_jobs import ORIGIN

OFFICE = {"id": "paper:0", "name": "Office"}
HALL = {"id": "paper:1", "name": "Hall", "fingerprint": "serial 7"}


async def names(desk: ScanDesk, **more: Any) -> list[str]:
    """The names of the listed scanners."""
    return [each.name for each in await desk.scanners.listed(**more)]


async def find(desk: ScanDesk, device: str | None) -> KnownScanner:
    """The scanner of a name."""
    async with asyncio.timeout(LIMIT_S):
        return await desk.scanners.find(device)


async def test_first_list_is_waited_for(desk: ScanDesk) -> None:
    """With all that a caller needs."""
    desk.paper.write(scanners=[OFFICE, HALL])
    office, hall = await desk.scanners.listed()
    assert (office.name, office.driver, office.address, office.type) == (
        "Office",
        "paper",
        "paper:0",
        0x100,
    )
    assert hall.name == "Hall"


async def test_device_is_ascii_json_that_finds_its_scanner_again(desk: ScanDesk) -> None:
    """Callers hand it back unchanged."""
    desk.paper.write(scanners=[OFFICE, {"id": "paper:1", "name": "Büro 2 ☃"}])
    _, other = await desk.scanners.listed()
    assert other.device.isascii()
    assert json.loads(other.device) == {"driver": "paper", "id": other.uid, "name": "Büro 2 ☃"}
    assert await find(desk, other.device) == other


async def test_list_of_before_is_shown_within_the_limit_while_a_driver_hangs(
    desk: ScanDesk, gate: Gate
) -> None:
    """Networks are searched for long; clients in use give up after 8 s."""
    assert await names(desk) == ["Office"]
    desk.scanners._listed_at = -1000
    desk.paper.write(list=[["gate", str(gate.path)]], scanners=[HALL])
    assert await names(desk) == ["Office"]
    await gate.reached()
    assert await names(desk) == ["Office"]
    gate.open()
    await desk.scanners.refresh()
    assert await names(desk) == ["Hall"]


async def test_first_list_of_a_driver_that_hangs_is_empty_after_the_limit(
    desk: ScanDesk, gate: Gate
) -> None:
    """The others are shown: nobody waits for the slowest."""
    other = Paper(desk.folder / "glass", "glass")
    other.write(scanners=[HALL])
    desk.paper.write(list=[["gate", str(gate.path)]])
    desk.others.append(other)
    await desk.stop()
    desk.list_limits = ListLimits(shown_s=0, hard_s=LIMIT_S)
    desk.start()
    assert await names(desk) == []
    await gate.reached()
    desk.scanners._limits = ListLimits(shown_s=LIMIT_S)
    assert (await find(desk, "Hall")).name == "Hall"
    desk.scanners._limits = desk.list_limits
    assert await names(desk) == ["Hall"]
    gate.open()
    await desk.scanners.refresh()
    assert sorted(await names(desk)) == ["Hall", "Office"]


async def test_driver_that_hangs_for_ever_is_ended_and_keeps_its_scanners(desk: ScanDesk) -> None:
    """It has not lost them; why it is not asked anew stands in the list of errors."""
    assert await names(desk) == ["Office"]
    desk.paper.write(list=[["hang"]])
    desk.scanners._limits = ListLimits(hard_s=0.05)
    await desk.scanners.refresh()
    assert await names(desk) == ["Office"]
    assert isinstance(desk.scanners.errors["paper"], WorkerTimeoutError)
    desk.paper.write(list=[])
    desk.scanners._limits = ListLimits(hard_s=LIMIT_S)
    await desk.scanners.refresh()
    assert desk.scanners.errors == {}


FAULTS: dict[str, tuple[dict[str, Any], type[FlatbedError]]] = {
    "error": ({"list": [["raise", "AccessDeniedError"]]}, AccessDeniedError),
    "crash": ({"list": [["exit"]]}, WorkerCrashedError),
    "bug": ({"list": [["bug"]]}, WorkerCrashedError),
    "no list": ({"scanners": {"id": "x"}}, DriverCrashedError),
    "no scanners": ({"scanners": ["x", 7]}, DriverCrashedError),
    "no id": ({"scanners": [{"name": "x"}]}, DriverCrashedError),
    "number as name": ({"scanners": [{"id": "x", "name": 7}]}, DriverCrashedError),
    "nothing": ({"scanners": None}, DriverCrashedError),
}


@pytest.mark.parametrize(("script", "kind"), FAULTS.values(), ids=FAULTS.keys())
async def test_driver_that_fails_or_lies_is_named_and_harms_no_other(
    desk: ScanDesk, script: dict[str, Any], kind: type[FlatbedError]
) -> None:
    """The other drivers' scanners are listed."""
    other = Paper(desk.folder / "glass", "glass")
    other.write(scanners=[HALL])
    desk.others.append(other)
    await desk.stop()
    desk.start()
    desk.paper.write(**script)
    assert await names(desk) == ["Hall"]
    assert type(desk.scanners.errors["paper"]) is kind


async def test_ids_stay_over_restarts_and_new_addresses(desk: ScanDesk) -> None:
    """By fingerprint where there is one, else by what the driver calls it."""
    desk.paper.write(scanners=[OFFICE, HALL])
    office, hall = await desk.scanners.listed()
    await desk.restart()
    desk.paper.write(scanners=[HALL | {"id": "paper:9", "name": "Hall, moved"}, OFFICE])
    moved, same = await desk.scanners.listed()
    assert (moved.uid, same.uid) == (hall.uid, office.uid)
    assert (moved.address, moved.name) == ("paper:9", "Hall, moved")
    assert await find(desk, hall.device) == moved


async def test_ids_of_two_drivers_never_meet(desk: ScanDesk) -> None:
    """One device reached two ways is two scanners."""
    desk.others.append(Paper(desk.folder / "glass", "glass"))
    await desk.stop()
    desk.start()
    first, second = await desk.scanners.listed()
    assert (first.address, first.uid != second.uid) == (second.address, True)


async def test_scanners_are_listed_by_type(desk: ScanDesk) -> None:
    """A bit each; eSCL is left out unless it is asked for."""
    kinds = ["sane", "escl", "wia", "twain", "ica", "", "steam"]
    desk.paper.write(scanners=[{"id": kind, "name": kind, "kind": kind} for kind in kinds])
    assert await names(desk) == ["sane", "wia", "twain", "ica", "", "steam"]
    assert await names(desk, types=0x200) == ["escl"]
    assert await names(desk, types=0x100) == ["sane", "", "steam"]
    assert await names(desk, types=0x20 | 0x10 | 0x80) == ["wia", "twain", "ica"]
    assert await names(desk, types=0) == []


async def test_find_by_device_id_name_or_address(desk: ScanDesk) -> None:
    """As people and programs have it."""
    desk.paper.write(scanners=[OFFICE, HALL])
    _, hall = await desk.scanners.listed()
    for device in (hall.device, hall.uid, "Hall", "paper:1", json.dumps({"id": hall.uid})):
        assert await find(desk, device) == hall
    assert desk.scanners.get(hall.uid) == hall
    assert desk.scanners.get("0" * 16) is None


@pytest.mark.parametrize("device", ["none", "7", "[]", '{"name": "Office"}', "{", '"Office'])
async def test_find_of_what_is_not_there_looks_again_and_says_so(
    desk: ScanDesk, device: str
) -> None:
    """It may have been switched on a moment ago."""
    assert await names(desk) == ["Office"]
    with pytest.raises(ScannerNotFoundError):
        await find(desk, device)
    assert len(desk.paper.notes("list")) == 2


async def test_find_sees_a_scanner_that_was_plugged_in_just_now(desk: ScanDesk) -> None:
    """Without waiting until the list is old."""
    assert await names(desk) == ["Office"]
    desk.paper.write(scanners=[OFFICE, HALL])
    assert (await find(desk, "Hall")).name == "Hall"


async def test_find_does_not_wait_for_drivers_that_take_longer(desk: ScanDesk, gate: Gate) -> None:
    """The named one is there: the other driver still searches its network."""
    other = Paper(desk.folder / "glass", "glass")
    other.write(scanners=[HALL])
    desk.paper.write(list=[["gate", str(gate.path)]])
    desk.others.append(other)
    await desk.stop()
    desk.start()
    assert (await find(desk, "Hall")).name == "Hall"
    await gate.reached()
    gate.open()
    await desk.scanners.refresh()


async def test_find_without_a_name_is_the_last_used_one(desk: ScanDesk) -> None:
    """Else the first; also after a restart; one that is gone is passed over."""
    desk.paper.write(scanners=[OFFICE, HALL])
    office, hall = await desk.scanners.listed()
    assert await find(desk, None) == office
    await desk.index.write(
        lambda write: mark_used(write, uid=hall.uid, name=hall.name, driver=hall.driver)
    )
    assert await find(desk, None) == hall
    await desk.restart()
    assert (await find(desk, None)).uid == hall.uid
    assert (await find(desk, "")).uid == hall.uid
    desk.paper.write(scanners=[OFFICE])
    await desk.scanners.refresh()
    assert (await find(desk, None)).uid == office.uid


async def test_find_where_there_are_none_says_so(desk: ScanDesk) -> None:
    """404 / -1040."""
    desk.paper.write(scanners=[])
    with pytest.raises(ScannerNotFoundError):
        await find(desk, None)


async def test_changes_are_told_to_everybody(desk: ScanDesk) -> None:
    """Once each; a list that stays the same tells nothing."""
    office, *_ = await desk.scanners.listed()
    await desk.scanners.refresh()
    desk.paper.write(scanners=[HALL])
    await desk.scanners.refresh()
    told = [(event.type, event.data["name"]) for event in desk.events.after(0, origin=ORIGIN)]
    assert told == [
        ("scanner.added", "Office"),
        ("scanner.added", "Hall"),
        ("scanner.removed", "Office"),
    ]
    (first, *_) = desk.events.after(0, origin=EVERYBODY)
    assert (first.subject, first.data) == (
        office.uid,
        {"name": "Office", "type": 0x100, "device": office.device},
    )


async def test_old_list_is_refreshed_while_it_is_handed_out_and_a_young_one_is_not(
    desk: ScanDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten seconds."""
    now = [50.0]

    class Clock:
        time = staticmethod(time.time)

        @staticmethod
        def monotonic() -> float:
            return now[0]

    monkeypatch.setattr(scanners_module, "time", Clock)
    await names(desk)
    now[0] += 10
    await names(desk)
    assert len(desk.paper.notes("list")) == 1
    now[0] += 0.1
    desk.paper.write(scanners=[HALL])
    assert await names(desk) == ["Office"]
    await desk.scanners.refresh()
    assert len(desk.paper.notes("list")) == 2
    assert await names(desk) == ["Hall"]


async def test_refreshes_at_the_same_time_are_one(desk: ScanDesk, gate: Gate) -> None:
    """Ten pages that open at once ask each driver once."""
    desk.paper.write(list=[["gate", str(gate.path)]])
    tasks = {desk.scanners.refresh() for _ in range(10)}
    await gate.reached()
    gate.open()
    assert len(tasks) == 1
    await tasks.pop()
    assert len(desk.paper.notes("list")) == 1


async def test_listed_afresh_waits_for_every_driver(desk: ScanDesk) -> None:
    """What the command line shows."""
    assert await names(desk) == ["Office"]
    desk.paper.write(scanners=[HALL])
    assert [each.name for each in await desk.scanners.listed_afresh()] == ["Hall"]


async def test_capabilities_are_read_once_and_kept(desk: ScanDesk) -> None:
    """Creating a job answers at once; a status that may change is asked for anew."""
    scanner = await find(desk, "Office")
    first = await desk.scanners.known_capabilities(scanner)
    assert (tuple(first.sources), tuple(first.dpi)) == (("feeder",), (150, 300))  # type: ignore[arg-type]
    assert await desk.scanners.known_capabilities(scanner) is first
    assert len(desk.paper.notes("capabilities")) == 1
    assert await desk.scanners.capabilities(scanner) is not first
    assert desk.paper.notes("capabilities") == ["capabilities of paper:0"] * 2


async def test_capabilities_asked_for_at_the_same_time_open_the_device_once(
    desk: ScanDesk, gate: Gate
) -> None:
    """Ten jobs that are created at once would find it busy with each other."""
    scanner = await find(desk, "Office")
    desk.paper.write(ask=[["gate", str(gate.path)]])
    asking = [asyncio.create_task(desk.scanners.capabilities(scanner)) for _ in range(10)]
    await gate.reached()
    gate.open()
    assert len({id(each) for each in await asyncio.gather(*asking)}) == 1
    assert len(desk.paper.notes("capabilities")) == 1


async def test_capabilities_are_asked_for_at_the_address_of_now(desk: ScanDesk) -> None:
    """It may have been plugged in elsewhere."""
    scanner = replace(await find(desk, "Office"), address="paper:9")
    await desk.scanners.capabilities(scanner)
    assert desk.paper.notes("capabilities") == ["capabilities of paper:9"]


LIES: dict[str, Any] = {
    "nothing": None,
    "a list": [],
    "unknown source": {"sources": ["roll"]},
    "unknown colour": {"colors": ["sepia"]},
    "resolution as text": {"dpi": ["300"]},
    "area of one side": {"areas_mm": {"flatbed": [210]}},
    "no colours": {"colors": []},
    "no resolutions": {"dpi": []},
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES.keys())
async def test_capabilities_that_cannot_be_are_the_drivers_fault(desk: ScanDesk, lie: Any) -> None:
    """By name, and nothing of them is kept."""
    scanner = await find(desk, "Office")
    desk.paper.write(capabilities=lie)
    with pytest.raises(DriverCrashedError, match="The driver 'paper' answered something"):
        await desk.scanners.known_capabilities(scanner)
    desk.paper.write(capabilities={})
    assert tuple((await desk.scanners.known_capabilities(scanner)).colors) == (
        *("color", "gray", "bw"),
    )


@pytest.mark.parametrize(
    ("steps", "kind"),
    [
        ([["raise", "AccessDeniedError"]], AccessDeniedError),
        ([["exit"]], WorkerCrashedError),
        ([["hang"]], WorkerTimeoutError),
    ],
    ids=["error", "crash", "hang"],
)
async def test_capabilities_of_a_driver_that_fails_say_why(
    desk: ScanDesk, steps: list[Any], kind: type[FlatbedError]
) -> None:
    """Within the limit for opening."""
    scanner = await find(desk, "Office")
    desk.paper.write(ask=steps)
    desk.scanners._limits = ListLimits(open_s=0.3 if kind is WorkerTimeoutError else LIMIT_S)
    with pytest.raises(kind):
        await desk.scanners.known_capabilities(scanner)


@pytest.mark.parametrize("fresh_process", [True, False])
async def test_driver_is_asked_in_processes_as_its_manifest_says(
    desk: ScanDesk, *, fresh_process: bool
) -> None:
    """SANE gets one for each question; one that can do more keeps its worker."""
    other = Paper(desk.folder / "glass", "glass", fresh_process=fresh_process)
    desk.others.append(other)
    await desk.stop()
    desk.start()
    await desk.scanners.refresh()
    assert len(desk.pools.of(other.addon)._idle) == (0 if fresh_process else 1)


async def test_close_gives_up_a_list_that_hangs(desk: ScanDesk, gate: Gate) -> None:
    """The service stops at once."""
    desk.paper.write(list=[["gate", str(gate.path)]])
    task = desk.scanners.refresh()
    await gate.reached()
    async with asyncio.timeout(LIMIT_S):
        await desk.scanners.close()
    assert task.cancelled()
