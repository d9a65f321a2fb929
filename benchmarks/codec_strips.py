"""What the size of a strip and a second thread change, and how fast the file is read back."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from statistics import median
from typing import TypeVar

from isal import isal_zlib
from PIL import Image

from codec_candidates import Write, isal, open_png, strip_png
from measuring import peak_mb, print_table, rounds, timed
from pages import Page
from png_strips import (
    PNG_SIGNATURE,
    RAW_DEFLATE,
    STRIP_BYTES,
    ZLIB_HEADER,
    join_png,
    one_stream,
    up,
)

STRIP_SIZES_KIB = (64, 128, 256, 512, 1024, 4096)
STORED_BLOCK_BYTES = 65535  # the most that deflate allows
THREADS = ThreadPoolExecutor(2)

Key = TypeVar("Key")
Result = TypeVar("Result")


def compare_strip_sizes(page: Page, runs: int, *, until: float) -> None:
    """Print what each size of strip costs: a deflater for each, one for all, two threads."""
    peaks = {kib: peak_mb(partial(_own, page, kib, _drop)) for kib in STRIP_SIZES_KIB}
    ways = {"own": _own, "one": _one, "threads": _by_threads}
    jobs = {
        (way, kib): partial(_size_of, encode, page, kib)
        for kib in STRIP_SIZES_KIB
        for way, encode in ways.items()
    }
    ms, sizes = _medians(jobs, runs, until)
    rows = [
        [
            f"{kib} KiB",
            *(f"{ms[way, kib]:.0f}" for way in ways),
            *(f"{sizes[way, kib] / 1e6:.2f}" for way in ("own", "one")),
            "-" if (peak := peaks[kib]) is None else f"{peak:.1f}",
        ]
        for kib in STRIP_SIZES_KIB
    ]
    header = ["strip", "own ms", "one stream ms", "own, 2 threads ms", "own MB", "one stream MB"]
    print_table(f"Strips: {page.description}", [*header, "own, memory MB"], rows)


def compare_readers(page: Page, runs: int, *, until: float) -> None:
    """Print how long the chosen page file takes to become an image again."""
    pieces: list[bytes] = []
    _own(page, STRIP_BYTES // 1024, pieces.append)
    data = b"".join(pieces)
    readers: dict[str, Callable[[], Image.Image]] = {
        "Pillow": partial(open_png, data, page),
        "isal, then Pillow": partial(open_strips, data, page, threads=1),
        "isal in 2 threads, then Pillow": partial(open_strips, data, page, threads=2),
    }
    ms, images = _medians(readers, runs, until)
    for name, image in images.items():
        assert image.tobytes() == page.rows, name
    rows = [[name, f"{ms[name]:.0f}"] for name in readers]
    print_table(f"Reading back: {page.description}", ["reader", "ms"], rows)


def open_strips(data: bytes, page: Page, *, threads: int) -> Image.Image:
    """Inflate strip by strip with isal and leave only the filter to Pillow's decoder."""
    strips = (THREADS.map if threads > 1 else map)(_inflate, _strips_of(data))
    stored = _stored(b"".join(strips))
    return Image.frombytes(page.mode, (page.width_px, page.height_px), stored, "zip", page.mode, 0)


def _own(page: Page, strip_kib: int, write: Write) -> None:
    strip_png(up, isal(1), strip_kib * 1024)(page, write)


def _one(page: Page, strip_kib: int, write: Write) -> None:
    deflater = isal_zlib.compressobj(1, isal_zlib.DEFLATED, RAW_DEFLATE)
    strip_png(up, one_stream(deflater), strip_kib * 1024)(page, write)


def _by_threads(page: Page, strip_kib: int, write: Write) -> None:
    strips = list(up(page, strip_kib * 1024))
    for piece in join_png(page, zip(strips, THREADS.map(isal(1), strips), strict=True)):
        write(piece)


def _size_of(encode: Callable[[Page, int, Write], None], page: Page, strip_kib: int) -> int:
    sizes: list[int] = []
    encode(page, strip_kib, lambda piece: sizes.append(len(piece)))
    return sum(sizes)


def _drop(_: bytes) -> None:
    pass


def _medians(
    jobs: Mapping[Key, Callable[[], Result]], runs: int, until: float
) -> tuple[dict[Key, float], dict[Key, Result]]:
    """Run all jobs in turn, again and again; the median milliseconds and a result of each."""
    samples: dict[Key, list[float]] = {key: [] for key in jobs}
    results: dict[Key, Result] = {}
    for _ in rounds(runs, until=until):
        for key, job in jobs.items():
            ms, results[key] = timed(job)
            samples[key].append(ms)
    return {key: median(taken) for key, taken in samples.items()}, results


def _strips_of(data: bytes) -> Iterator[bytes]:
    """The contents of the IDAT chunks that hold a strip: all but the zlib header."""
    start = len(PNG_SIGNATURE)
    while start < len(data):
        length, kind = struct.unpack_from(">I4s", data, start)
        content = data[start + 8 : start + 8 + length]
        if kind == b"IDAT" and content != ZLIB_HEADER:
            yield content
        start += length + 12


def _inflate(strip: bytes) -> bytes:
    return isal_zlib.decompressobj(RAW_DEFLATE).decompress(strip)


def _stored(data: bytes) -> bytes:
    """A zlib stream of stored blocks: nothing is left to inflate."""
    view, pieces = memoryview(data), [ZLIB_HEADER]
    for start in range(0, len(view), STORED_BLOCK_BYTES):
        block = view[start : start + STORED_BLOCK_BYTES]
        is_last = start + len(block) == len(view)
        pieces.append(struct.pack("<?HH", is_last, len(block), len(block) ^ 0xFFFF))
        pieces.append(bytes(block))
    pieces.append(isal_zlib.adler32(data).to_bytes(4, "big"))
    return b"".join(pieces)
