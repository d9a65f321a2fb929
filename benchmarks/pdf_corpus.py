"""Folders of damaged, odd and plain PDFs, each loaded by a real service: pages, or a named error.

Beside each file stands how many pages poppler's pdfinfo and qpdf find in it, where these are
installed and open it. Meanwhile somebody asks the main process for its hello again and again: its
time and memory may not tell which file is being read. A crash of a worker, a time limit, an answer
of 500 or above and a main process that grows by more than 20 MB are failures: the exit code is 1.

Two public sets are made for this; neither is part of this project, for their licences differ from
file to file. Get them with git and name the folders:

- https://github.com/ocrmypdf/OCRmyPDF, folder tests/resources: pages of all sorts, some invalid;
  CC-BY-SA-4.0 but where its .reuse/dep5 says otherwise.
- https://github.com/qpdf/qpdf, above all qpdf/qtest/qpdf: hundreds of broken tables, loops and
  encrypted files; Apache-2.0, or Artistic-2.0 as its older versions.

Passwords of encrypted ones stand in qpdf's *.test files: user, owner, view, master, and user1 and
owner2 to owner4 for those of its programs. Without the right one, wrong_password is a right answer.
"""

from __future__ import annotations

import argparse
import http.client
import json
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from live import LiveService, live_service
from measuring import machine_line

DOCUMENTS = "/api/storage/documents"
MAIN_MOST_MB = 20
PEERS = {"pdfinfo": ("pdfinfo",), "qpdf": ("qpdf", "--show-npages")}
ROW = "{:56} {:>20} {:>8} {:>8} {:>8} {:>9}  {}"

_LIMIT_S = 400  # above what the manifest allows, so that its own limit is seen
_PEER_LIMIT_S = 60
_PAUSE_S = 0.005
_GOOD = b"""%PDF-1.4
1 0 obj <</Type/Catalog/Pages 2 0 R>> endobj
2 0 obj <</Type/Pages/Count 1/Kids[3 0 R]>> endobj
3 0 obj <</Type/Page/Parent 2 0 R/MediaBox[0 0 72 72]>> endobj
trailer <</Root 1 0 R>>
%%EOF
"""


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What became of one file.

    Attributes:
        password: That opened it; empty for none.
        pages: How many it gave; `None` for an error.
        error: Its name; empty for none.
        peers: How many pages others find, by their names; `None` where they do not open it.
        hello_ms: The longest answer of the main process meanwhile.
    """

    path: Path
    password: str
    status: int
    pages: int | None
    error: str
    sentence: str
    took_ms: float
    hello_ms: float
    peers: dict[str, int | None] = field(default_factory=dict)

    @property
    def is_failure(self) -> bool:
        """It is neither pages nor an error that the file explains."""
        return self.status >= 500 or not (self.error or self.pages)

    @property
    def differs(self) -> bool:
        """Pages came, and everybody else who opens it finds another number of them."""
        others = {count for count in self.peers.values() if count is not None}
        return self.pages is not None and bool(others) and self.pages not in others

    @property
    def is_alone(self) -> bool:
        """It was refused, and all others open it and agree on its pages."""
        counts = set(self.peers.values())
        return bool(self.error) and len(counts) == 1 and counts.isdisjoint({None, 0})


@dataclass
class Caller:
    """Somebody else, who asks for the hello as long as this is entered."""

    port: int
    waits_ms: list[float] = field(default_factory=list)
    _worst_ms: float = 0
    _has_ended: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Ask, from another thread."""
        asker = threading.Thread(target=self._ask)
        asker.start()
        try:
            yield
        finally:
            self._has_ended.set()
            asker.join()

    def take_worst_ms(self) -> float:
        """The longest answer since this was called last."""
        worst_ms, self._worst_ms = self._worst_ms, 0
        return worst_ms

    def _ask(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port)
        while not self._has_ended.wait(_PAUSE_S):
            began = time.perf_counter()
            connection.request("GET", "/api/hello")
            connection.getresponse().read()
            self.waits_ms.append((time.perf_counter() - began) * 1e3)
            self._worst_ms = max(self._worst_ms, self.waits_ms[-1])
        connection.close()


def main() -> None:
    """Load every PDF below the folders, and print a table and what it comes to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", type=Path, nargs="*", metavar="FOLDER")
    parser.add_argument("--password", action="append", default=[], help="tried after none (often)")
    parser.add_argument("--dpi", type=float, default=200, help="of the pages (200)")
    options = parser.parse_args()
    if not options.folders:
        print("No folders of PDFs are named; --help says where some are.")
        return
    files = [path for folder in options.folders for path in _find(folder)]
    folder = Path(tempfile.mkdtemp(prefix="flatbed-corpus-"))
    try:
        with live_service(folder, FLATBED_BREAKER_CRASHES="1000") as service:
            is_fine = _run(service, files, options.password, options.dpi)
    finally:
        shutil.rmtree(folder)
    sys.exit(not is_fine)


def _find(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() == ".pdf")


def _run(service: LiveService, files: Sequence[Path], passwords: list[str], dpi: float) -> bool:
    for _ in range(20):  # until main has all that it needs
        _send(service, _GOOD, "", dpi)
    pid, caller = service.process.pid, Caller(service.port)
    alone, before_mb = _alone(service.port), _status_mb(pid, "VmRSS")
    Path(f"/proc/{pid}/clear_refs").write_text("5")  # the peak counts from here on
    with caller.asking():
        loaded = [_load(service, caller, path, passwords, dpi) for path in files]
    after_mb, most_mb = _status_mb(pid, "VmRSS"), _status_mb(pid, "VmHWM")
    # Others only now: they would take the time of the main process.
    seen = [_compare(each) for each in loaded]
    _print_files(seen)
    _print_sum(seen)
    _print_wait("hello alone", alone)
    _print_wait("hello meanwhile", caller.waits_ms)
    print(f"main: {before_mb:.1f} MB before, {most_mb:.1f} at most, {after_mb:.1f} after")
    print(machine_line())
    return not any(each.is_failure for each in seen) and most_mb - before_mb <= MAIN_MOST_MB


def _alone(port: int) -> list[float]:
    caller = Caller(port)
    with caller.asking():
        time.sleep(2)
    return caller.waits_ms


def _load(
    service: LiveService, caller: Caller, path: Path, passwords: list[str], dpi: float
) -> Seen:
    data = path.read_bytes()
    caller.take_worst_ms()
    for password in ("", *passwords):
        began = time.perf_counter()
        status, answer = _send(service, data, password, dpi)
        took_ms = (time.perf_counter() - began) * 1e3
        if answer.get("error") != "wrong_password":
            break
    else:
        password = ""
    pages = answer.get("pages")
    return Seen(
        path=path,
        password=password,
        status=status,
        pages=None if pages is None else len(pages),
        error=answer.get("error", ""),
        sentence=answer.get("message", ""),
        took_ms=took_ms,
        hello_ms=caller.take_worst_ms(),
    )


def _compare(seen: Seen) -> Seen:
    found = {name: _count(name, seen.path, seen.password) for name in PEERS if shutil.which(name)}
    return replace(seen, peers=found)


def _send(service: LiveService, data: bytes, password: str, dpi: float) -> tuple[int, Any]:
    document = f"{DOCUMENTS}/{service.ask('POST', DOCUMENTS, {})['uid']}"
    connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=_LIMIT_S)
    headers = {"Content-Type": "application/octet-stream", "Content-Length": str(len(data))}
    headers |= {"Flatbed-File-Password": password} if password else {}
    path = f"{document}/pages?type=application/pdf&dpi={dpi:g}"
    try:
        connection.request("POST", path, data, headers)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()
        service.ask("DELETE", document)


def _count(name: str, path: Path, password: str) -> int | None:
    known = {"pdfinfo": ("-upw", password), "qpdf": (f"--password={password}",)}[name]
    command = (*PEERS[name], *(known if password else ()), str(path))
    try:
        done = subprocess.run(command, capture_output=True, timeout=_PEER_LIMIT_S, check=False)
    except subprocess.TimeoutExpired:
        return None
    found = re.search(rb"^(?:Pages:\s+)?(\d+)$", done.stdout, re.MULTILINE)
    return int(found[1]) if found else None


def _print_files(seen: Sequence[Seen]) -> None:
    print(ROW.format("file", "pages or error", *PEERS, "ms", "hello ms", "sentence"))
    for each in seen:
        counts = [each.peers.get(name) for name in PEERS]
        told = str(each.pages) if each.pages is not None else each.error or str(each.status)
        print(
            ROW.format(
                each.path.name,
                told,
                *("-" if count is None else count for count in counts),
                f"{each.took_ms:.0f}",
                f"{each.hello_ms:.0f}",
                each.sentence,
            ).rstrip()
        )


def _print_sum(seen: Sequence[Seen]) -> None:
    given = [each.pages for each in seen if each.pages is not None]
    errors = Counter(each.error for each in seen if each.error and not each.is_failure)
    slowest = max(seen, key=lambda each: each.took_ms, default=None)
    print(f"\n{len(given)} gave {sum(given)} pages")
    for name, count in errors.most_common():
        print(f"{count} were refused as {name}")
    for text, found in {
        "failed": [each for each in seen if each.is_failure],
        "gave another number of pages than the others": [each for each in seen if each.differs],
        "were refused where the others agree": [each for each in seen if each.is_alone],
    }.items():
        print(f"{len(found)} {text}", *(each.path.name for each in found))
    if slowest is not None:
        print(f"the slowest, {slowest.path.name}: {slowest.took_ms:.0f} ms")


def _print_wait(name: str, waits_ms: Sequence[float]) -> None:
    most = quantiles(waits_ms, n=100)[-1]
    print(
        f"{name}: {median(waits_ms):.1f} ms in the median, {most:.1f} for 99 %,"
        f" {max(waits_ms):.1f} at most, of {len(waits_ms)}"
    )


def _status_mb(pid: int, field_name: str) -> float:
    status = Path(f"/proc/{pid}/status").read_text("ascii")
    line = next(each for each in status.splitlines() if each.startswith(f"{field_name}:"))
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    main()
