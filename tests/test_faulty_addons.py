"""Add-ons that misbehave on purpose, all installed at once: each is named, nobody else notices."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread
from typing import Any

import psutil
import pytest

from .support.bench import GRANTED, feeder
from .support.client import DOCUMENTS, JOBS, PAGES, ApiClient
from .support.faulty import install_faulty
from .support.service import LiveService
from .support.waiting import wait_until

PROCESS = "/api/process"
LEFT_BEHIND = "left-behind"
SHEETS = 3
SETTINGS: dict[str, object] = {
    "ADDONS__VIRTUAL__NAMES": ["Plain", "Slow"],
    "ADDONS__VIRTUAL__SHEETS": SHEETS,
    "ADDONS__VIRTUAL__PAPER_MM": [105, 148],
    "ADDONS__VIRTUAL__FAULTS": ["slow@1!#2", "slow@2!#2"],
    "ALLOWED_ORIGINS": f'["{GRANTED}"]',
}
MB = 1 << 20


@dataclass
class Crowd:
    """A service among whose add-ons are all that misbehave.

    Attributes:
        service: The service.
        folder: Where they are installed.
        page: A page to work on.
    """

    service: LiveService
    folder: Path
    page: str = ""

    @property
    def main(self) -> psutil.Process:
        """The main process."""
        return psutil.Process(self.service.pid)

    def workers_of(self, addon: str) -> list[psutil.Process]:
        """The worker processes of an add-on."""
        workers = self.service.workers()
        return [each for each in workers if f"flatbed_{addon}" in each.cmdline()]

    def importers(self) -> list[int]:
        """The processes that have imported the add-on that behaves."""
        notes = self.folder / "flatbed_witness" / "imported.txt"
        return [int(line) for line in notes.read_text().split()] if notes.exists() else []


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crowd]:
    """The service that the tests of this module share."""
    folder = tmp_path_factory.mktemp("addons")
    install_faulty(folder)
    service = LiveService(tmp_path_factory.mktemp("crowd"), SETTINGS)
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("PYTHONPATH", str(folder))
        service.start()
    try:
        yield Crowd(service, folder)
    finally:
        service.close()


@pytest.fixture
def api(crowd: Crowd) -> Iterator[ApiClient]:
    """A caller, with a page to work on; its jobs are gone afterwards."""
    api = crowd.service.client()
    job = api.scan("Plain", config=feeder(XferCount=1, PixelType=1))
    api.wait_for(job, "completed")
    crowd.page = str(api.get(f"{JOBS}/{job}/next-page-info").json()["imageuid"])
    yield api
    crowd.service.close_clients()


@contextmanager
def others_work(crowd: Crowd) -> Iterator[None]:
    """Scan a batch and edit a page meanwhile; both must go on as if nothing were wrong."""
    api, over, turns = crowd.service.client(), Event(), list[int]()
    document = api.ask("POST", DOCUMENTS, 201, json={}).json()["uid"]
    body = {"source": crowd.page}
    made = api.ask("POST", f"{DOCUMENTS}/{document}/pages", 200, json=body).json()
    page = made["pages"][0]["uid"]

    def turn() -> None:
        while not over.is_set() or not turns:
            answer = api.ask("POST", f"{PAGES}/{page}/edits", json={"op": "rotate", "angle": 90})
            turns.append(answer.status_code)
            over.wait(0.1)

    job = api.scan("Slow", config=feeder())
    thread = Thread(target=turn)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
    assert set(turns) == {200}
    done = api.wait_for_end(job)
    assert (done["status"], done["pages"], done["warnings"]) == ("completed", SHEETS, [])


def do(api: ApiClient, crowd: Crowd, operation: str) -> Any:
    """Carry out an operation on the page."""
    return api.ask("POST", f"{PROCESS}/{operation}", json={"source": crowd.page})


def left_behind() -> list[psutil.Process]:
    """The children that the add-ons have forgotten, wherever in the process table they are."""
    return [
        each
        for each in psutil.process_iter(["cmdline", "status"])
        if LEFT_BEHIND in (each.info["cmdline"] or ())
        and each.info["status"] != psutil.STATUS_ZOMBIE
    ]


FAULTS = [
    ("unimportable", "be-imported", 502, -1001, "addon_unloadable", "the licence has run out"),
    ("segfault", "read-nowhere", 502, -1001, "worker_crashed", "crashed"),
    ("hang", "wait-for-ever", 504, -1001, "worker_timeout", "longer than 2 s"),
    ("deaf", "ignore-all", 504, -1001, "worker_timeout", "longer than 2 s"),
    ("chatty", "scribble", 502, -1001, "worker_garbled", "no message"),
    ("greedy", "eat-memory", 413, -1002, "addon_out_of_memory", "its 256 MB of memory"),
    ("greedy", "eat-native-memory", 413, -1002, "addon_out_of_memory", "its 256 MB of memory"),
    ("parent", "die-with-children", 502, -1001, "worker_crashed", "crashed"),
    ("liar", "tell-codes", 502, -1001, "result_invalid", "corners"),
    ("liar", "tell-text", 502, -1001, "result_invalid", "cannot be"),
    ("liar", "tell-depth", 502, -1001, "result_invalid", "64 deep"),
    ("liar", "tell-page", 502, -1001, "result_invalid", "page that is not there"),
    ("liar", "tell-path", 502, -1001, "result_invalid", "uid"),
    ("liar", "tell-many", 502, -1001, "result_invalid", "more than 10000 things"),
    ("huge", "find-much", 502, -1001, "result_too_big", "too large to be handed over"),
    ("huge", "find-many", 502, -1001, "result_too_big", "too large to be handed over"),
]


@pytest.mark.parametrize(
    ("addon", "operation", "status", "code", "error", "words"),
    FAULTS,
    ids=[fault[1] for fault in FAULTS],
)
def test_fault_is_named_and_nobody_else_notices(
    addon: str,
    operation: str,
    status: int,
    code: int,
    error: str,
    words: str,
    crowd: Crowd,
    api: ApiClient,
) -> None:
    """By its name, the add-on's and its version, and what is safe; others go on, nothing stays."""
    with others_work(crowd):
        body = {"source": crowd.page}
        found = api.refusal("POST", f"{PROCESS}/{operation}", status, json=body)
    assert (found["code"], found["error"]) == (code, error)
    assert found["message"].startswith(f"The add-on '{addon}' 6.6.6 ")
    assert words in found["message"]
    assert "Your pages are safe" in found["message"]
    assert found["details"] == {"addon": addon, "version": "6.6.6"}
    assert do(api, crowd, "bear-witness").status_code == 200
    wait_until(lambda: not left_behind())


def test_prints_disturb_nothing(crowd: Crowd, api: ApiClient) -> None:
    """At the import and in the call; from Python, from C, from a child."""
    for _ in range(2):
        assert do(api, crowd, "print-all").json() == {"printed": 4002}


def test_children_that_a_call_leaves_end_with_it(crowd: Crowd, api: ApiClient) -> None:
    """In sessions of their own, and orphans: its worker is ended, and they are."""
    assert do(api, crowd, "leave-children").json() == {"children": 3}
    wait_until(lambda: not left_behind())
    wait_until(lambda: not crowd.workers_of("parent"))


def test_addon_for_another_core_is_named_by_its_operation(crowd: Crowd, api: ApiClient) -> None:
    """Its manifest says what it would do, in words that this core does not know all of."""
    body = {"source": crowd.page}
    found = api.refusal("POST", f"{PROCESS}/think-ahead", 409, json=body)
    assert (found["code"], found["error"]) == (-1126, "core_api_unfit")
    assert found["message"] == (
        "'tomorrow' was written for core_api 9.0, this core has 1.0. Update Flatbed."
    )
    assert crowd.workers_of("tomorrow") == []


def test_addon_with_a_broken_manifest_has_no_operations(crowd: Crowd, api: ApiClient) -> None:
    """Nobody knows what it would do; the log says why it is not there."""
    body = {"source": crowd.page}
    assert api.refusal("POST", f"{PROCESS}/be-scrapped", 404, json=body)["error"] == "addon_missing"
    lines = [line for line in crowd.service.read_log() if line.event == "addon not loaded"]
    told = {line.facts["addon"]: line.facts["error"] for line in lines}
    assert set(told) == {"scrap", "tomorrow"}
    assert told["scrap"].startswith("addon.toml is no valid TOML")


def test_list_of_addons_tells_each_fault(crowd: Crowd, api: ApiClient) -> None:
    """Nothing is started for it; what an add-on said last stays until it says something else."""
    last = {addon: (operation, code, error) for addon, operation, _, code, error, _ in FAULTS}
    for operation, _, _ in last.values():
        do(api, crowd, operation)
    do(api, crowd, "bear-witness")
    wait_until(lambda: not any(crowd.workers_of(addon) for addon in ("segfault", "hang", "deaf")))
    found = {each["name"]: each["versions"] for each in api.get("/api/addons").json()}
    for addon, (_, code, error) in last.items():
        (version,) = found[addon]
        told = version["lastError"]
        assert (told["error"], told["code"]) == (error, code)
        assert told["message"].startswith(f"The add-on '{addon}' 6.6.6 ")
        assert told["at"].endswith("+00:00")
    states = {name: versions[0]["state"] for name, versions in found.items()}
    assert (states["segfault"], states["witness"]) == ("idle", "running")
    assert found["witness"][0]["lastError"] is None
    broken = {name: versions[0] for name, versions in found.items() if states[name] == "broken"}
    assert {name: each["lastError"]["error"] for name, each in broken.items()} == {
        "scrap": "manifest_invalid",
        "tomorrow": "core_api_unfit",
    }
    assert broken["tomorrow"]["operations"] == ["think-ahead"]


def test_faults_leave_main_as_it_was(crowd: Crowd, api: ApiClient) -> None:
    """Neither its memory nor its descriptors grow, whatever the add-ons throw at it."""
    operations = [fault[1] for fault in FAULTS if fault[4] != "worker_timeout"]
    for operation in operations:
        do(api, crowd, operation)
    wait_until(lambda: not left_behind())
    before, files = crowd.main.memory_info().rss, crowd.main.num_fds()
    for _ in range(2):
        for operation in operations:
            do(api, crowd, operation)
    wait_until(lambda: crowd.main.num_fds() <= files)
    assert crowd.main.memory_info().rss - before < 24 * MB


def test_nothing_of_an_addon_is_imported_before_its_first_use(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Sessions, lists, jobs: no process has it; after its first call its worker alone."""
    folder = tmp_path_factory.mktemp("addons")
    install_faulty(folder)
    service = LiveService(tmp_path_factory.mktemp("crowd"), SETTINGS)
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("PYTHONPATH", str(folder))
        service.start()
    crowd = Crowd(service, folder)
    try:
        api = service.client()
        page = service.client(GRANTED)
        page.ask("POST", "/api/sessions", 201, json={"addons": ["witness", "hang>=6"]})
        for path in ("/api/addons", "/api/server/version", "/api/device/scanners"):
            api.get(path)
        job = api.scan("Plain", config=feeder(XferCount=1))
        api.wait_for(job, "completed")
        assert crowd.importers() == []
        modules = {each.cmdline()[4] for each in service.workers()}
        assert all(name.startswith("flatbed.builtin.") for name in modules), modules
        crowd.page = str(api.get(f"{JOBS}/{job}/next-page-info").json()["imageuid"])
        pid = do(api, crowd, "bear-witness").json()["pid"]
        assert crowd.importers() == [pid]
        assert [each.pid for each in crowd.workers_of("witness")] == [pid]
        assert pid != service.pid
        service.stop()
        wait_until(lambda: not service.workers())
    finally:
        service.close()
