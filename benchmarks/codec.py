"""Compare codecs for page files, beside Pillow's PNG, over pages as a scanner delivers them.

Every codec takes each page through the whole way of a page file: encode, encrypt in frames of
1 MiB by AES-256-GCM, write and sync; then back to an image, and to PNG where the file is none.
Each result is checked to hold the very pixels. Needs numpy, zlib-ng and zstandard besides what
flatbed needs. Takes less than three minutes.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median

import PIL
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from PIL import Image

from codec_candidates import CANDIDATES, Candidate, open_png
from codec_strips import compare_readers, compare_strip_sizes
from measuring import machine_line, peak_mb, print_table, rounds, share_of, timed
from pages import KINDS, Page

FRAME_BYTES = 1 << 20
TAG_BYTES = 16
SLOW_MS, SLOW_RUNS = 200, 2  # a codec this slow is out of the question after two runs
CODECS_S, STRIPS_S = 130, 30  # where the machine is busy, fewer runs have to do
KINDS_FOR_STRIPS = ("text", "photo")
HEADER = (
    "codec",
    "encode ms",
    "MB/s",
    "MB",
    "encrypt ms",
    "write+sync ms",
    "durable ms",
    "decode ms",
    "to PNG ms",
    "memory MB",
)


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One page's way through one codec; times in milliseconds."""

    encode_ms: float
    encrypt_ms: float
    write_ms: float
    decode_ms: float
    to_png_ms: float
    file_bytes: int

    @property
    def durable_ms(self) -> float:
        """From the page's pixels to the synced, encrypted file."""
        return self.encode_ms + self.encrypt_ms + self.write_ms


def main() -> None:
    """Print the machine, a table for each kind of page, and the tables about strips."""
    asked = _arguments()
    print(machine_line())
    print(f"Medians of at most {asked.runs} alternating runs; peer: Pillow {PIL.__version__}.")
    print("Durable is encode, encrypt, write and sync; memory is what encoding adds to the rows.")
    pages = [KINDS[kind]() for kind in asked.kinds]
    deadline = time.monotonic() + CODECS_S
    for done, page in enumerate(pages):
        until = share_of(deadline, len(pages) - done)
        with tempfile.TemporaryDirectory(dir=asked.folder) as folder:
            compare_codecs(page, asked.runs, until=until, folder=Path(folder))
    deadline = time.monotonic() + STRIPS_S
    for page in (page for page in pages if page.kind in KINDS_FOR_STRIPS):
        compare_strip_sizes(page, asked.runs, until=share_of(deadline, 2))
        compare_readers(page, asked.runs, until=deadline)


def compare_codecs(page: Page, runs: int, *, until: float, folder: Path) -> None:
    """Print the table of all codecs for one page."""
    peaks = {c.name: peak_mb(partial(c.encode, page, _drop)) for c in CANDIDATES}
    samples: dict[str, list[Sample]] = {c.name: [] for c in CANDIDATES}
    for number in rounds(runs, until=until):
        for candidate in CANDIDATES:
            taken = samples[candidate.name]
            if number < SLOW_RUNS or taken[0].encode_ms < SLOW_MS:
                sample, image, as_png = measure(candidate, page, folder)
                taken.append(sample)
                if number == 0:
                    check(candidate, page, image, open_png(as_png, page))
    rows = [_row(name, taken, peaks[name], page) for name, taken in samples.items()]
    most = max(len(taken) for taken in samples.values())
    print_table(f"{page.description}, runs: {most}", HEADER, rows)


def check(candidate: Candidate, page: Page, *images: Image.Image) -> None:
    """Hold a codec to its word: the very pixels come back."""
    for image in images:
        assert image.mode == page.pillow_mode, candidate.name
        assert image.tobytes() == page.rows, f"{candidate.name} changed the {page.kind} page"


def measure(candidate: Candidate, page: Page, folder: Path) -> tuple[Sample, Image.Image, bytes]:
    """Take a page through a codec, once.

    Returns:
        What it cost, the image that came back, and the PNG that would be handed out.
    """
    encode_ms, data = timed(partial(_encoded, candidate, page))
    encrypt_ms, write_ms = _store(data, folder / "page")
    decode_ms, image = timed(partial(candidate.decode, data, page))
    to_png_ms, as_png = timed(partial(_to_png, candidate, data, page))
    sample = Sample(
        encode_ms=encode_ms,
        encrypt_ms=encrypt_ms,
        write_ms=write_ms,
        decode_ms=decode_ms,
        to_png_ms=to_png_ms,
        file_bytes=len(data),
    )
    return sample, image, as_png


def _encoded(candidate: Candidate, page: Page) -> bytes:
    pieces: list[bytes] = []
    candidate.encode(page, pieces.append)
    return b"".join(pieces)


def _to_png(candidate: Candidate, data: bytes, page: Page) -> bytes:
    return b"".join(candidate.to_png(data, page)) if candidate.to_png else data


def _store(data: bytes, path: Path) -> tuple[float, float]:
    """Encrypt frame by frame into a file; milliseconds of encryption, and of writing and sync."""
    cipher = AESGCM(AESGCM.generate_key(256))
    frame = bytearray(FRAME_BYTES + TAG_BYTES)
    encrypt_ms = write_ms = 0.0
    with path.open("wb", buffering=0) as file:
        for number, start in enumerate(range(0, len(data), FRAME_BYTES)):
            plain = memoryview(data)[start : start + FRAME_BYTES]
            sealed = memoryview(frame)[: len(plain) + TAG_BYTES]
            nonce = number.to_bytes(12, "big")
            encrypt_ms += timed(partial(cipher.encrypt_into, nonce, plain, b"page", sealed))[0]
            write_ms += timed(partial(file.write, sealed))[0]
        write_ms += timed(partial(os.fsync, file.fileno()))[0]
    path.unlink()
    return encrypt_ms, write_ms


def _row(name: str, samples: Sequence[Sample], peak: float | None, page: Page) -> list[str]:
    encode_ms = median(s.encode_ms for s in samples)
    return [
        name,
        f"{encode_ms:.1f}",
        f"{len(page.rows) / encode_ms / 1e3:.0f}",
        f"{samples[0].file_bytes / 1e6:.2f}",
        f"{median(s.encrypt_ms for s in samples):.1f}",
        f"{median(s.write_ms for s in samples):.1f}",
        f"{median(s.durable_ms for s in samples):.1f}",
        f"{median(s.decode_ms for s in samples):.1f}",
        f"{median(s.to_png_ms for s in samples):.0f}",
        "-" if peak is None else f"{peak:.1f}",
    ]


def _drop(_: bytes) -> None:
    pass


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS), metavar="KIND")
    parser.add_argument("--runs", type=int, default=5, help="most runs to take the median of")
    parser.add_argument("--folder", help="where page files are written; default: system's temp")
    return parser.parse_args()


if __name__ == "__main__":
    main()
