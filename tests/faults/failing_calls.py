"""F5: the n-th call on a file of ours fails, in the main process or in the scan's worker.

EIO, ENOSPC, EINTR or a write that is cut short, for every n of a five-page scan. No page that was
told is bad, the main process lives on, and the job, or the answer, names the error.
"""

from __future__ import annotations

import argparse
import errno
import mmap
import shutil
import struct
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.faults.rig import JOBS, SCANNER, Rig

SHEETS = 5
ROLES = {"main": 1, "worker": 2}
KINDS = {"EIO": errno.EIO, "ENOSPC": errno.ENOSPC, "EINTR": errno.EINTR, "short write": 0}
NAMES = {"disk_error", "disk_full", "folder_unusable", "index_damaged", "page_corrupt"}
"""What a failed call may be called; SQLite takes EIO of a read for a damaged file."""

_SOURCE = Path(__file__).with_suffix(".c")
_FORM = struct.Struct("5i236s")
_NEVER = 1 << 30
_END_S = 60
_LOOK_S = 0.02


class Switch:
    """Arms the failure of one call, in all processes that share its file.

    Args:
        folder: Takes the file and the library.
    """

    def __init__(self, folder: Path) -> None:
        self._library, self._path = folder / "failing_calls.so", folder / "switch"
        command = ["cc", "-shared", "-fPIC", "-O1", "-w", "-o", str(self._library), str(_SOURCE)]
        subprocess.run([*command, "-ldl"], check=True)
        self._path.write_bytes(bytes(_FORM.size))
        with self._path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), _FORM.size)

    def environment(self, data: Path) -> dict[str, str]:
        """What a process needs to be reached, for calls on files below `data`."""
        return {
            "LD_PRELOAD": str(self._library),
            "FAULT_FILE": str(self._path),
            "FAULT_FOLDER": str(data),
        }

    def arm(self, role: str, nth: int, error: int) -> None:
        """Let the n-th call from now on fail; an error of 0 cuts a write short."""
        self._map[:] = _FORM.pack(ROLES[role], nth, error, 0, 0, b"")

    def disarm(self) -> tuple[int, str]:
        """No call fails from here on; how many were counted, and which one failed."""
        _, _, _, count, struck, what = _FORM.unpack(self._map[:])
        self._map[:] = bytes(_FORM.size)
        return count, what.rstrip(b"\0").decode() if struck else ""


@dataclass
class Report:
    """What was seen.

    Attributes:
        rounds: Scans.
        ends: How they ended, by status and the name of the error.
        pages: Pages that were compared.
        struck: Calls that failed, by kind.
    """

    rounds: int = 0
    ends: Counter[str] = field(default_factory=Counter)
    pages: int = 0
    struck: Counter[str] = field(default_factory=Counter)


class Trial:
    """A service whose calls can be made to fail."""

    def __init__(self, rig: Rig, switch: Switch) -> None:
        self._rig, self._switch = rig, switch
        self.report = Report()
        rig.environment |= switch.environment(rig.data) | {
            "FLATBED_ADDONS__VIRTUAL__SHEETS": str(SHEETS),
            "FLATBED_DISK_START_MIN_MB": "0",
            "FLATBED_DISK_SHEET_MIN_MB": "0",
            "FLATBED_DISK_WAIT_S": "0",
            "FLATBED_DISK_RESERVE_MB": "0",
        }
        rig.start()
        job = rig.scan(SCANNER)
        assert rig.wait_for_end(job)["status"] == "completed"
        self._expected = rig.digests(job)
        assert len(set(self._expected)) == SHEETS
        self._end_by_delete(job)

    def count(self, role: str) -> int:
        """How many calls one scan makes."""
        return self._round(role, _NEVER, errno.EIO)

    def run(self, role: str, kind: str, nths: Iterable[int]) -> None:
        """One scan for each n."""
        for nth in nths:
            self._round(role, nth, KINDS[kind])

    def _round(self, role: str, nth: int, error: int) -> int:
        ledger = self._rig.ledger()
        self._switch.arm(role, nth, error)
        job = self._try_to_scan()
        state = self._wait_for_end(job) if job else None
        count, what = self._switch.disarm()
        about = f"{role}, call {nth} ({what}), error {error}: {state}"
        self.report.rounds += 1
        self.report.struck[what.partition(" ")[0]] += 1
        if state is None:
            self.report.ends["refused"] += 1
            return count
        assert job is not None
        self._check(job, state, about)
        fed = ledger.fed()
        assert fed - self._rig.ask("GET", f"{JOBS}/{job}")["pages"] <= 1, (about, fed)
        self._end_by_delete(job)
        return count

    def _check(self, job: str, state: dict[str, Any], about: str) -> None:
        error = state["error"]["error"] if state["error"] else ""
        self.report.ends[f"{state['status']} {error}".strip()] += 1
        assert state["status"] in ("completed", "faulted", "paused"), about
        told = self._rig.digests(job)
        assert len(told) >= state["pages"], about
        assert told == self._expected[: len(told)], about
        if state["status"] == "completed":
            assert told == self._expected, about
            return
        assert error in NAMES | {"driver_crashed"}, about
        if state["status"] == "paused":
            self._rig.ask("PATCH", f"{JOBS}/{job}", {"status": "running"})
            assert self._rig.wait_for_end(job)["status"] == "completed", about
            assert self._rig.digests(job) == self._expected, about
        self.report.pages += len(told)

    def _try_to_scan(self) -> str | None:
        config = {"PixelType": 1, "Resolution": 75, "IfFeederEnabled": True}
        body = {"device": SCANNER, "config": config, "onFault": "pause"}
        answer = self._rig.client.post(JOBS, json=body)
        if answer.status_code == 201:
            return str(answer.json()["jobuid"])
        assert answer.json()["error"] in NAMES, answer.text
        return None

    def _wait_for_end(self, job: str) -> dict[str, Any]:
        most, until = 0, time.monotonic() + _END_S
        while time.monotonic() < until:
            answer = self._rig.client.get(f"{JOBS}/{job}")
            state: dict[str, Any] = answer.json()
            if answer.status_code != 200:
                assert state["error"] in NAMES, answer.text
                continue
            assert state["pages"] >= most, f"{state} after {most} pages"
            most = state["pages"]
            if state["status"] not in ("pending", "running"):
                return state
            time.sleep(_LOOK_S)
        raise AssertionError(
            f"the job did not end within {_END_S} s: {state}, {self._switch.disarm()}"
        )

    def _end_by_delete(self, job: str) -> None:
        self._rig.ask("DELETE", f"{JOBS}/{job}")


def sample(count: int, rounds: int) -> list[int]:
    """So many of the numbers from 1 to `count`, evenly spread; all of them without a number."""
    if not rounds or rounds >= count:
        return list(range(1, count + 1))
    return sorted({1 + round(each * (count - 1) / (rounds - 1)) for each in range(rounds)})


def run(rig: Rig, folder: Path, *, rounds: int) -> Report:
    """Let calls fail; `rounds` scans for each kind and process, or one for every call for 0."""
    trial = Trial(rig, Switch(folder))
    try:
        for role in ROLES:
            count = trial.count(role)
            for kind in KINDS:
                trial.run(role, kind, sample(count, rounds))
    finally:
        rig.stop()
    return trial.report


def main() -> None:
    """Run in full."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=0, help="of each kind; 0 for every call")
    options = parser.parse_args()
    assert shutil.which("cc"), "a C compiler is needed"
    with tempfile.TemporaryDirectory(prefix="flatbed-f5-") as folder:
        report = run(Rig(Path(folder)), Path(folder), rounds=options.rounds)
    print(
        f"F5: {report.rounds} scans, {report.pages} pages of scans that did not end well, all good"
    )
    for counts in (report.ends, report.struck):
        print(", ".join(f"{name}: {number}" for name, number in counts.most_common()))


if __name__ == "__main__":
    main()
