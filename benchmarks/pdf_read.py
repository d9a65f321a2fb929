"""A PDF of 24 pages drawn at 300 dpi: ours in workers, beside poppler's pdftoppm and pdfium alone.

A4 in color, made here: 16 pages of text in the standard fonts, 7 of some 3,000 lines and curves,
and one with a photograph under its text. Ours ends with 24 stored pages, packed and encrypted, and
the PDF itself beside them; pdftoppm with 24 plain files, PPM where PNG is not said; pdfium alone
(pypdfium2) with nothing: each page is drawn into memory and forgotten. Every way runs once in each
round, one after the other, and what it takes is the median of the rounds. One file is the work of
one worker: the second core draws another file, where the peers have half of the pages in each of
two processes. Workers are started already; the start of the peers counts, some 0.1 s.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import math
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from statistics import median

import pikepdf
import pypdfium2 as pdfium
from PIL import Image

from flatbed.addon.types import StoredFile
from flatbed.authoring.bench import Bench
from flatbed.authoring.project import read_project
from flatbed.authoring.samples import PageMaker
from flatbed.errors import FlatbedError
from measuring import machine_line, print_table, rounds
from pages import LETTER, photo

ADDON = Path(__file__).parents[1] / "addons" / "pdf"
PDF = "application/pdf"
PAGES, DPI, PT = 24, 300, 72
A4_PT = (595, 842)
DRAWN, PHOTO = (1, 4, 7, 13, 16, 19, 22), 10  # by place in the file, as many in each half
FONTS = ("Helvetica", "Times-Roman", "Courier")
OURS = {1: "ours, 1 worker", 2: "ours, 2 workers"}
HEADER = ("way", "files", "s", "ms a page", "of the first", "peak MB")
_TIME_LIMIT_S = 900


def main() -> None:
    """Draw the pages in each way, and print one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5, help="of each way, alternating (5)")
    parser.add_argument("--folder", type=Path, help="on the disk to measure (a temporary one)")
    parser.add_argument("--peer", nargs=3, metavar=("PDF", "FIRST", "LAST"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.peer:
        _draw_by_pdfium(options.peer[0], int(options.peer[1]), int(options.peer[2]))
        return
    folder = Path(tempfile.mkdtemp(prefix="flatbed-bench-", dir=options.folder))
    try:
        asyncio.run(_run(folder, options.runs))
    finally:
        shutil.rmtree(folder)


async def _run(folder: Path, runs: int) -> None:
    path = folder / "pages.pdf"
    path.write_bytes(make_pdf())
    file = PageMaker(folder / "file").make_file(path.read_bytes())
    work, output = folder / "worker", folder / "output"
    work.mkdir()
    ours = Bench(read_project(ADDON).addon, work)
    peers = _peers(path, output)
    taken: dict[tuple[str, int], list[float]] = {}
    try:
        await _load(ours, [file] * 2, work)  # started and warm
        for _ in rounds(runs, until=time.monotonic() + _TIME_LIMIT_S):
            for count in (1, 2):
                seconds = await _load(ours, [file] * count, work)
                taken.setdefault((OURS[count], count), []).append(seconds)
            for name, draw in peers.items():
                output.mkdir()
                taken.setdefault((name, 1), []).append(_time(draw))
                shutil.rmtree(output)
        peak_mb = ours.peak_memory_mb() or 0.0
    finally:
        await ours.close()
    _print({way: median(each) for way, each in taken.items()}, peak_mb, runs)


def _print(seconds: dict[tuple[str, int], float], peak_mb: float, runs: int) -> None:
    first = next(iter(seconds.values())) / PAGES
    rows = [
        (
            name,
            str(files),
            f"{took_s:.2f}",
            f"{took_s * 1e3 / PAGES / files:.0f}",
            f"{took_s / PAGES / files / first:.2f}",
            f"{peak_mb:.0f}" if name.startswith("ours") else "",
        )
        for (name, files), took_s in seconds.items()
    ]
    print(machine_line())
    print_table(f"{PAGES} pages of A4 at {DPI} dpi, medians of {runs} runs", HEADER, rows)


async def _load(ours: Bench, files: Sequence[StoredFile], work: Path) -> float:
    before = set(work.iterdir())
    settings = {"dpi": float(DPI)}
    started = time.perf_counter()
    answers = await asyncio.gather(*(ours.load(file, PDF, settings) for file in files))
    took_s = time.perf_counter() - started
    assert [len(answer.pages) for answer in answers] == [PAGES] * len(files)
    for each in set(work.iterdir()) - before - {work / "dump", work / "state"}:
        shutil.rmtree(each)
    return took_s


def _peers(path: Path, output: Path) -> dict[str, Callable[[], None]]:
    alone = (sys.executable, __file__, "--peer", str(path))
    peers: dict[str, Callable[[], None]] = {
        "pdfium alone": partial(_run_all, [(*alone, "1", str(PAGES))]),
        "pdfium alone, 2 processes": partial(
            _run_all, [(*alone, str(first), str(last)) for first, last in _halves()]
        ),
    }
    if shutil.which("pdftoppm") is None:
        return peers
    command = ("pdftoppm", "-r", str(DPI), str(path), str(output / "page"))
    parts = [(*command, "-f", str(first), "-l", str(last)) for first, last in _halves()]
    return peers | {
        "pdftoppm": partial(_run_all, [command]),
        "pdftoppm, 2 processes": partial(_run_all, parts),
        "pdftoppm -png": partial(_run_all, [(*command, "-png")]),
    }


def _halves() -> tuple[tuple[int, int], tuple[int, int]]:
    return (1, PAGES // 2), (PAGES // 2 + 1, PAGES)


def _run_all(commands: Sequence[Sequence[str]]) -> None:
    running = [subprocess.Popen(command) for command in commands]
    assert [each.wait(_TIME_LIMIT_S) for each in running] == [0] * len(running)


def _draw_by_pdfium(path: str, first: int, last: int) -> None:
    document = pdfium.PdfDocument(path)
    for number in range(first - 1, last):
        page = document[number]
        page.render(scale=DPI / PT).close()
        page.close()
    document.close()


def make_pdf() -> bytes:
    """The file that all of them draw; the same in every run."""
    stream = io.BytesIO()
    with pikepdf.new() as pdf:
        fonts = pikepdf.Dictionary(
            {f"/F{number}": _font(pdf, name) for number, name in enumerate(FONTS)}
        )
        pictures = pikepdf.Dictionary(I=_photo(pdf))
        for number in range(PAGES):
            content = _text(number)
            if number in DRAWN:
                content = _drawing(number)
            elif number == PHOTO:
                content = b"q 500 0 0 700 47 90 cm /I Do Q " + content
            page = pdf.add_blank_page(page_size=A4_PT)
            page.obj.Resources = pikepdf.Dictionary(Font=fonts, XObject=pictures)
            page.obj.Contents = pdf.make_stream(content)
        pdf.save(stream, compress_streams=True)
    return stream.getvalue()


def _font(pdf: pikepdf.Pdf, name: str) -> pikepdf.Object:
    entries = {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": f"/{name}"}
    return pdf.make_indirect(
        pikepdf.Dictionary({key: pikepdf.Name(value) for key, value in entries.items()})
    )


def _photo(pdf: pikepdf.Pdf) -> pikepdf.Stream:
    picture, packed = photo(), io.BytesIO()
    size_px = picture.width_px, picture.height_px
    Image.frombytes("RGB", size_px, picture.rows).save(packed, "JPEG", quality=80)
    return pdf.make_stream(
        packed.getvalue(),
        Type=pikepdf.Name.XObject,
        Subtype=pikepdf.Name.Image,
        Width=size_px[0],
        Height=size_px[1],
        ColorSpace=pikepdf.Name.DeviceRGB,
        BitsPerComponent=8,
        Filter=pikepdf.Name.DCTDecode,
    )


def _text(number: int) -> bytes:
    """50 lines of words."""
    rng, words = random.Random(number), LETTER.split()
    lines = [b"BT /F%d 11 Tf 14 TL 60 780 Td" % (number % len(FONTS))]
    for _ in range(50):
        lines.append(f"({' '.join(rng.choice(words) for _ in range(11))}) Tj T*".encode())
    return b"\n".join([*lines, b"ET"])


def _drawing(number: int) -> bytes:
    """Curves around a middle, filled shapes one over the other, a grid."""
    rng = random.Random(number)
    lines = [f"0.3 w {x} 60 m {x} 780 l S" for x in range(60, 540, 8)]
    for step in range(2500):
        angle, radius = step / 7, 40 + step / 12
        x, y = 300 + radius * math.cos(angle), 420 + radius * math.sin(angle)
        color = " ".join(f"{rng.random():.2f}" for _ in range(3))
        lines.append(f"{color} RG 0.6 w 300 420 m {x:.1f} {y + 40:.1f} {x:.1f} {y:.1f} v S")
    for _ in range(400):
        color = " ".join(f"{rng.random():.2f}" for _ in range(3))
        place = f"{rng.uniform(60, 480):.1f} {rng.uniform(60, 740):.1f}"
        lines.append(f"{color} rg {place} {rng.uniform(4, 40):.1f} {rng.uniform(4, 40):.1f} re f")
    return "\n".join(lines).encode()


def _time(action: Callable[[], object]) -> float:
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


if __name__ == "__main__":
    try:
        main()
    except FlatbedError as error:
        sys.exit(error.message)
