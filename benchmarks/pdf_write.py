"""A PDF of stored pages: time, size and peak memory of ours, beside Pillow and img2pdf all at once.

A4 at 300 dpi in colour, one letter with the noise of a scanner, stored once and taken as often as
there are pages, each decoded and made a JPEG of quality 80 anew; `lossless` takes them as they are
stored. Ours runs in a worker of the add-on and leaves an encrypted file, the peers in a process of
their own with the same limit of memory and leave a plain one. Peak memory is the resident memory
of that process; Pillow makes a list of the pages that a generator would give it one by one.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import img2pdf
from PIL import Image

from flatbed.addon.types import PageFile
from flatbed.authoring.bench import Bench
from flatbed.authoring.project import read_project
from flatbed.authoring.samples import PageMaker
from flatbed.errors import FlatbedError
from measuring import machine_line, print_table
from pages import DPI, text

ADDON = Path(__file__).parents[1] / "addons" / "pdf"
QUALITY = 80
MOST_LOSSLESS = 100  # a thousand are 17 GB, and as much again for the draft
HEADER = ("way", "pages", "s", "ms a page", "file MB", "peak MB")

Row = tuple[str, ...]


def main() -> None:
    """Write PDFs of each number of pages in each way, and print one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, nargs="*", default=[10, 1000], help="(10 1000)")
    parser.add_argument("--folder", type=Path, help="on the disk to measure (a temporary one)")
    parser.add_argument("--peer", choices=PEERS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.peer:
        _be_peer(options.peer, **json.load(sys.stdin))
        return
    folder = Path(tempfile.mkdtemp(prefix="flatbed-bench-", dir=options.folder))
    try:
        _run(folder, options.pages)
    finally:
        shutil.rmtree(folder)


def _run(folder: Path, counts: Sequence[int]) -> None:
    page, limit_mb = _store_page(folder), read_project(ADDON).addon.manifest.memory_mb
    lossless = partial(_ours, folder, page, {"compression": 3}, "ours, lossless")
    rows = [
        measure(count)
        for count in counts
        for measure in (
            partial(_ours, folder, page, {}, "ours"),
            partial(_ours, folder, page, {"password": "benchmark"}, "ours, AES-256"),
            *([lossless] if count <= MOST_LOSSLESS else []),
            *(partial(_peer, folder, page, limit_mb, name) for name in PEERS),
        )
    ]
    print(machine_line())
    print_table(f"PDFs of A4 pages, at most {limit_mb} MB of address space", HEADER, rows)


def _store_page(folder: Path) -> PageFile:
    sheet = text()
    image = Image.frombytes("RGB", (sheet.width_px, sheet.height_px), sheet.rows)
    return PageMaker(folder / "pages").make(image, DPI)


def _ours(folder: Path, page: PageFile, settings: dict[str, Any], name: str, count: int) -> Row:
    work = folder / "worker"
    work.mkdir()
    try:
        return asyncio.run(_ours_in_worker(work, page, settings, name, count))
    finally:
        shutil.rmtree(work)


async def _ours_in_worker(
    folder: Path, page: PageFile, settings: dict[str, Any], name: str, count: int
) -> Row:
    bench = Bench(read_project(ADDON).addon, folder)
    try:
        started = time.perf_counter()
        answer = await bench.save([page] * count, "application/pdf", settings)
        took_s = time.perf_counter() - started
        peak_mb = bench.peak_memory_mb() or 0.0
    finally:
        await bench.close()
    return _row(name, count, took_s, len(answer.file.data), peak_mb)


def _peer(folder: Path, page: PageFile, limit_mb: int, name: str, count: int) -> Row:
    path = folder / "peer.pdf"
    order = {"page": asdict(page), "count": count, "path": str(path), "limit_mb": limit_mb}
    command = [sys.executable, __file__, "--peer", name]
    done = subprocess.run(
        command, input=json.dumps(order), capture_output=True, text=True, check=False
    )
    try:
        if done.returncode:
            reason = "out of memory" if "MemoryError" in done.stderr else "failed"
            return name, str(count), reason, "", "", ""
        told = json.loads(done.stdout)
        return _row(name, count, told["s"], path.stat().st_size, told["peak_mb"])
    finally:
        path.unlink(missing_ok=True)


def _be_peer(name: str, page: dict[str, Any], count: int, path: str, limit_mb: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (limit_mb << 20, limit_mb << 20))
    stored = PageFile(**page)
    started = time.perf_counter()
    PEERS[name]([stored] * count, Path(path))
    took_s = time.perf_counter() - started
    # Not ru_maxrss: after a fork that begins with what the parent had.
    status = Path("/proc/self/status").read_text("ascii")
    peak_kb = next(line for line in status.splitlines() if line.startswith("VmHWM:")).split()[1]
    print(json.dumps({"s": took_s, "peak_mb": int(peak_kb) / 1024}))


def _by_pillow(pages: Sequence[PageFile], path: Path) -> None:
    first, *rest = pages
    others = (page.open() for page in rest)
    first.open().save(
        path, "PDF", save_all=True, append_images=others, quality=QUALITY, resolution=DPI
    )


def _by_img2pdf(pages: Sequence[PageFile], path: Path) -> None:
    with path.open("wb") as file:
        img2pdf.convert([io.BytesIO(each) for each in _jpegs(pages)], outputstream=file)


def _jpegs(pages: Sequence[PageFile]) -> Iterator[bytes]:
    for page in pages:
        stream = io.BytesIO()
        page.open().save(stream, "JPEG", quality=QUALITY, dpi=page.dpi)
        yield stream.getvalue()


def _row(name: str, count: int, took_s: float, size: int, peak_mb: float) -> Row:
    per_page = f"{took_s * 1e3 / count:.0f}"
    return name, str(count), f"{took_s:.1f}", per_page, f"{size / 1e6:.1f}", f"{peak_mb:.0f}"


PEERS: dict[str, Callable[[Sequence[PageFile], Path], None]] = {
    "Pillow": _by_pillow,
    "img2pdf at once": _by_img2pdf,
}


if __name__ == "__main__":
    try:
        main()
    except FlatbedError as error:
        sys.exit(error.message)
