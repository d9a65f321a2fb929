"""F9: files and requests that are a trap, one after the other against one service.

Each is refused by its name or becomes pages; the document is as it was, a good file loads after it,
nothing stays behind, main does not grow, and no worker has more memory than its manifest says.
"""

from __future__ import annotations

import argparse
import re
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil
from tests.faults import bomb_others, bomb_pdf, bomb_png, bomb_tiff
from tests.faults.bomb_edits import DENSE, REQUESTS, Request
from tests.faults.rig import Rig

DOCUMENTS = "/api/storage/documents"
MOST_S = 60
MAIN_MOST_MB = 20

FILES = {**bomb_png.FILES, **bomb_tiff.FILES, **bomb_others.FILES, **bomb_pdf.FILES}
SLOW = {**bomb_png.SLOW, **bomb_tiff.SLOW, **bomb_others.SLOW}

_OCTETS = {"Content-Type": "application/octet-stream"}
_MIB = 1 << 20
_LIMIT_S = 400
_MEMORY_OPTION = "--memory-mb"


@dataclass(frozen=True)
class Seen:
    """What became of one.

    Attributes:
        size: Bytes that were sent.
        status: Of the answer.
        error: Its name; empty for none.
        took_s: Until the answer was there.
        worker_mb: The most that a worker had until then, in the addresses that its limit is on.
        wrong: What is not as it has to be; empty for nothing.
    """

    name: str
    size: int
    status: int
    error: str
    took_s: float
    worker_mb: int
    wrong: str


class Range:
    """The service that gets them all.

    Args:
        rig: Not started yet; gets the settings that this needs.
    """

    def __init__(self, rig: Rig) -> None:
        self._rig = rig
        rig.client.timeout = httpx.Timeout(_LIMIT_S)
        self._good = bomb_others.saved("PNG")

    def __enter__(self) -> Range:
        self._rig.start()
        assert self._rig.process is not None
        for _ in range(20):
            # Until main has all that it needs for any request.
            self._forget(self._document())
        self._main = self._rig.process.pid
        self._before_mb = _status(self._main, "VmRSS")
        # The peak counts from here on.
        Path(f"/proc/{self._main}/clear_refs").write_text("5")
        return self

    def __exit__(self, *_: object) -> None:
        self._rig.stop()

    @property
    def grown_mb(self) -> int:
        """How much more memory main has had since the beginning than it had then."""
        return _status(self._main, "VmHWM") - self._before_mb

    def load(self, name: str, expected: str, data: bytes) -> Seen:
        """Load a file into a document that has a page."""
        document = self._document()
        path = f"{DOCUMENTS}/{document['uid']}/pages"
        return self._shoot(name, expected, document, Request("POST", path, data, _OCTETS))

    def ask(self, name: str, expected: str, make: Callable[[str, str], Request]) -> Seen:
        """Send a request about a document and its page."""
        document = self._document()
        request = make(document["uid"], document["pages"][0]["uid"])
        return self._shoot(name, expected, document, request)

    def _shoot(self, name: str, expected: str, before: Any, request: Request) -> Seen:
        began = time.monotonic()
        answer = self._rig.client.request(
            request.verb, request.path, content=request.body, headers=request.headers
        )
        took_s = time.monotonic() - began
        error = "" if answer.status_code < 300 else str(answer.json()["error"])
        faults = [*self._memory_faults(), *self._check(before, answer, error, expected)]
        worker_mb = max((_status(each.pid, "VmPeak") for each in self._workers()), default=0)
        size, wrong = len(request.body), "; ".join(faults)
        return Seen(name, size, answer.status_code, error, took_s, worker_mb, wrong)

    def _check(
        self, before: Any, answer: httpx.Response, error: str, expected: str
    ) -> Iterator[str]:
        if error != expected or answer.status_code >= 500:
            yield f"expected {expected or 'success'}: {answer.text[:200]}"
        path = f"{DOCUMENTS}/{before['uid']}"
        if error and self._rig.ask("GET", path) != before:
            yield "the document is another"
        # They go once the answer has been sent.
        scratch = self._rig.data / "cache" / "scratch"
        self._rig.wait_for(lambda: not list(scratch.iterdir()))
        self._forget(before)
        self._forget(self._document())

    def _memory_faults(self) -> Iterator[str]:
        for worker in self._workers():
            command = worker.cmdline()
            limit_mb = int(command[command.index(_MEMORY_OPTION) + 1])
            if _status(worker.pid, "VmPeak") > limit_mb:
                yield f"a worker has more than {limit_mb} MB"
        if self.grown_mb > MAIN_MOST_MB:
            yield f"main has grown by {self.grown_mb} MB"

    def _workers(self) -> list[psutil.Process]:
        return [each for each in self._rig.workers() if _MEMORY_OPTION in each.cmdline()]

    def _document(self) -> Any:
        made = self._rig.ask("POST", DOCUMENTS, {})
        path = f"{DOCUMENTS}/{made['uid']}/pages"
        answer = self._rig.client.post(path, content=self._good, headers=_OCTETS)
        assert answer.status_code == 200, f"a good file: {answer.status_code} {answer.text}"
        return answer.json()

    def _forget(self, document: Any) -> None:
        self._rig.ask("DELETE", f"{DOCUMENTS}/{document['uid']}")


def run(
    rig: Rig,
    files: Mapping[str, tuple[str, Callable[[], bytes]]],
    requests: Mapping[str, tuple[str, Callable[[str, str], Request]]] = REQUESTS,
    *,
    tell: Callable[[Seen, int], None] = lambda _seen, _grown: None,
) -> list[Seen]:
    """Send all of them; what became of each.

    Args:
        rig: Over an empty folder.
        files: By name: the error that has to come, empty for none, and the maker.
        requests: The same, of requests about a document and its page.
        tell: Hears of each, with how much main has grown until then.
    """
    seen = []
    with Range(rig) as range_:
        for name, (expected, make) in files.items():
            seen.append(range_.load(name, expected, make()))
            tell(seen[-1], range_.grown_mb)
        for name, (expected, ask) in requests.items():
            seen.append(range_.ask(name, expected, ask))
            tell(seen[-1], range_.grown_mb)
    return seen


def _status(pid: int, line: str) -> int:
    """MiB of one line of what the kernel says of a process."""
    found = re.search(
        rf"^{line}:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE
    )
    return int(found[1]) // 1024 if found else 0


def _print(seen: Seen, grown_mb: int) -> None:
    said = seen.error or "read"
    print(
        f"{seen.name:44} {seen.size / _MIB:8.2f} {seen.status} {said:20}"
        f" {seen.took_s:7.2f} {seen.worker_mb:6} {grown_mb:4}  {seen.wrong}",
        flush=True,
    )


def main() -> None:
    """Run all of them, or those whose names have a word."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="of which names; a regular expression")
    parser.add_argument("--short", action="store_true", help="leave out what takes seconds")
    options = parser.parse_args()
    every = FILES | ({} if options.short else SLOW)
    asked = {**REQUESTS, **({} if options.short else DENSE)}
    files = {name: each for name, each in every.items() if re.search(options.only, name)}
    requests = {name: each for name, each in asked.items() if re.search(options.only, name)}
    print(f"{'what':44} {'MiB':>8} {'':3} {'':20} {'s':>7} {'worker':>6} main")
    with tempfile.TemporaryDirectory(prefix="flatbed-f9-") as folder:
        seen = run(Rig(Path(folder)), files, requests, tell=_print)
    wrong = [each for each in seen if each.wrong]
    slowest = max(each.took_s for each in seen)
    print(f"F9: {len(seen)} sent, {len(wrong)} wrong, the slowest took {slowest:.1f} s")
    # By hand only: in a test the machine may be slow.
    raise SystemExit(bool(wrong) or slowest > MOST_S)


if __name__ == "__main__":
    main()
