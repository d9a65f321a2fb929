"""F4: the order in which a page reaches the disk, from a trace of the system calls.

File synced, spool folder synced, journal synced, file renamed, its new folder synced, index
synced, and only then the first byte to a client that names the page.
"""

from __future__ import annotations

import argparse
import re
import shutil
import tempfile
from pathlib import Path

from tests.faults.rig import JOBS, SCANNER, Rig

STEPS = ("file", "spool folder", "journal", "rename", "folder", "index", "answer")

_CALLS = "fsync,fdatasync,rename,renameat,renameat2,sendto,sendmsg,write"
_UNFINISHED = " <unfinished ...>"
_RESUMED = re.compile(r"<\.\.\. \w+ resumed>(?P<rest>.*)")
_SYNC = re.compile(r"f(?:data)?sync\(\d+<(?P<path>[^>]+)>\)\s+= 0")


def run(rig: Rig, trace: Path, *, sheets: int) -> int:
    """Trace one scan and check each page; how many there were."""
    rig.wrapper = ["strace", "-f", "-yy", "-s", "4096", "-o", str(trace), "-e", f"trace={_CALLS}"]
    rig.start()
    job = rig.scan(SCANNER)
    uids = [rig.ask("GET", f"{JOBS}/{job}/next-page-info")["imageuid"] for _ in range(sheets)]
    rig.wait_for_end(job)
    rig.stop()
    lines = join_interrupted(trace.read_text("utf-8", "replace").splitlines())
    for uid in uids:
        check(lines, uid, job)
    return len(uids)


def join_interrupted(lines: list[str]) -> list[str]:
    """Interrupted calls made whole: a sync counts at its end, a send at its beginning."""
    joined: list[str] = []
    begun: dict[str, str] = {}
    for line in lines:
        pid = line.split(maxsplit=1)[0]
        if line.endswith(_UNFINISHED):
            begun[pid] = line.removesuffix(_UNFINISHED)
            if "TCP" in line:
                joined.append(line)
        elif found := _RESUMED.search(line):
            joined.append(begun.pop(pid, "") + found["rest"])
        else:
            joined.append(line)
    return joined


def check(lines: list[str], uid: str, job: str) -> None:
    """The steps of one page, each after the one before it."""
    folder = f"/cache/pages/{uid[:2]}"
    tests = {
        "file": lambda line: _synced(line).endswith(f"{uid}.page"),
        "spool folder": lambda line: _synced(line).endswith(f"/spool/{job}"),
        "journal": lambda line: _synced(line).endswith("/journal.jsonl"),
        "rename": lambda line: "rename" in line and f'{folder}/{uid}.page"' in line,
        "folder": lambda line: _synced(line).endswith(folder),
        "index": lambda line: _synced(line).endswith("index.sqlite-wal"),
        "answer": lambda line: "TCP" in line and uid in line,
    }
    at = -1
    for step in STEPS:
        found = next((n for n in range(at + 1, len(lines)) if tests[step](lines[n])), None)
        assert found is not None, f"{step} of page {uid} is missing after line {at}"
        at = found
    first_answer = next(n for n, line in enumerate(lines) if tests["answer"](line))
    assert first_answer == at, f"page {uid} was told before it was safe"


def _synced(line: str) -> str:
    found = _SYNC.search(line)
    return found["path"] if found else ""


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sheets", type=int, default=10)
    options = parser.parse_args()
    assert shutil.which("strace"), "strace is needed"
    with tempfile.TemporaryDirectory(prefix="flatbed-f4-") as folder:
        rig = Rig(Path(folder), {"FLATBED_ADDONS__VIRTUAL__SHEETS": str(options.sheets)})
        pages = run(rig, Path(folder) / "trace", sheets=options.sheets)
    print(f"F4: {pages} pages, each {', '.join(STEPS)}")


if __name__ == "__main__":
    main()
