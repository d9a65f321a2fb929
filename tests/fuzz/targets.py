"""What reads bytes from outside, and all that may come of it: a value, or an error with a name."""

from __future__ import annotations

import contextlib
import io
import json
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import msgspec
import structlog
from tests.faults.bomb_others import saved
from tests.faults.bomb_tiff import G4, frame, shared, tiff, white_fax

from flatbed.addon import pixels
from flatbed.addon.frames import FrameWriter, read_file
from flatbed.addon.media_types import OPENING_BYTES, sniff
from flatbed.addon.streams import open_file
from flatbed.addon.testing import MemorySink
from flatbed.builtin.imaging.load import load_pages
from flatbed.builtin.imaging.load_kinds import find_kind
from flatbed.builtin.imaging.load_limits import LoadLimits, reading
from flatbed.builtin.imaging.load_tiff import count_frames
from flatbed.cli.document_export import PageSelection
from flatbed.errors import InvalidInputError, PageCorruptError, PageNotFoundError, TooBigError
from flatbed.http.sources import parse_document, parse_source
from flatbed.runtime.journal import FILE_NAME as JOURNAL
from flatbed.runtime.journal import JournalReader
from flatbed.runtime.manifest import FILE_NAME as MANIFEST
from flatbed.runtime.manifest import ManifestError, read_manifest
from flatbed.scan.request import JobRequest, read_treatment
from flatbed.scan.wishes import collect, unpack_settings
from flatbed.storage.finished import read_pages, read_variants

_PIXELS = 100_000
_BASE = "http://127.0.0.1:18622"
_UID, _KEY = "0" * 32, bytes(32)
_TYPES = {"", "application/pdf", *(f"image/{kind}" for kind in ("jpeg", "png", "tiff", "bmp"))}
_IMAGING = Path(pixels.__file__).parents[1] / "builtin" / "imaging" / "addon.toml"


class Target(NamedTuple):
    """One reader.

    Attributes:
        read: Takes bytes; what is not allowed to happen raises.
        seeds: Good bytes to begin with.
    """

    read: Callable[[bytes], None]
    seeds: Callable[[], list[bytes]]


def _sniff(data: bytes) -> None:
    found = sniff(data[:OPENING_BYTES])
    assert found in _TYPES | {"image/gif", "image/webp"}, found
    with contextlib.suppress(InvalidInputError):
        find_kind(io.BytesIO(data), "image/png")


def _tiff_chain(data: bytes) -> None:
    limits = LoadLimits(max_pages=50)
    with contextlib.suppress(InvalidInputError, TooBigError), reading(limits):
        assert 0 <= count_frames(io.BytesIO(data), limits) <= 50


def _pictures(data: bytes) -> None:
    settings = {"max_pixels": _PIXELS, "max_raw_bytes": 1 << 22, "max_pages": 20}
    sink = MemorySink()
    with contextlib.suppress(InvalidInputError, TooBigError):
        found = load_pages(io.BytesIO(data), settings, sink)
        assert found["pages"] == len(sink.finished)


def _png(data: bytes) -> None:
    with contextlib.suppress(PageCorruptError):
        pixels.open_png(data, most_pixels=_PIXELS)


def _frames(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        path.write_bytes(data)
        with contextlib.suppress(PageCorruptError):
            read_file(path, _KEY, _UID, "file")
        with contextlib.suppress(PageCorruptError), open_file(str(path), _KEY, _UID) as stream:
            size = stream.seek(0, 2)
            stream.seek(size // 2)
            assert len(stream.read()) == size - size // 2


def _source(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    parse_document(text, base_url=_BASE)
    with contextlib.suppress(InvalidInputError):
        parse_source(text, base_url=_BASE)


def _job(data: bytes) -> None:
    try:
        request = msgspec.json.decode(data, type=JobRequest)
    except (ValueError, RecursionError):
        return  # which the handlers' base names
    with contextlib.suppress(InvalidInputError):
        read_treatment(request)
        collect(request)


def _snapshot(data: bytes) -> None:
    with contextlib.suppress(InvalidInputError):
        unpack_settings(data.decode("latin-1"))


def _manifest(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / MANIFEST).write_bytes(data)
        with contextlib.suppress(ManifestError):
            read_manifest(Path(folder))


def _journal(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder, structlog.testing.capture_logs():
        (Path(folder) / JOURNAL).write_bytes(data)
        entries = JournalReader(Path(folder)).read_new()
        read_pages(entries)
        read_variants(entries)


def _page_ranges(data: bytes) -> None:
    with contextlib.suppress(ValueError, PageNotFoundError):
        wanted = PageSelection.parse(data.decode("utf-8", "replace"))
        assert all(0 <= place < 20 for place in wanted.places(20))


def _picture_seeds() -> list[bytes]:
    kinds = [saved(kind) for kind in ("PNG", "JPEG", "TIFF", "GIF", "WEBP", "BMP")]
    fax = tiff([frame((64, 64), bits=1, packing=G4, strip=(8, 14))] * 2, white_fax(64))
    lossless = saved("WEBP", lossless=True)
    progressive = saved("JPEG", progressive=True)
    return [*kinds, fax, lossless, progressive, saved("TIFF", compression="jpeg")]


def _tiff_seeds() -> list[bytes]:
    return [saved("TIFF"), shared(3, (8, 8), 8, 1, bytes(64)), saved("TIFF", big_tiff=True)]


def _frame_seeds() -> list[bytes]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        writer = FrameWriter(path, key=_KEY, uid=_UID, kind="file")
        writer.write(bytes(3000))
        writer.finish()
        return [path.read_bytes()]


def _source_seeds() -> list[bytes]:
    paths = [
        _UID,
        f"{_BASE}/api/storage/pages/{_UID}/content",
        f"{_BASE}/api/device/scanners/jobs/{_UID}/next-page?page={_UID}",
        f"https://[::1]:18622/api/storage/documents/{_UID}/pages/3",
        f"/api/storage/documents/{_UID}/content?pages=0",
    ]
    return [each.encode() for each in paths]


def _job_seeds() -> list[bytes]:
    config = {"PixelType": "TWPT_GRAY", "Resolution": 300.5, "PageSize": 1, "XferCount": -1}
    more = {"IfDuplexEnabled": True, "Brightness": -9, "Contrast": 1e3, "Deskew": True}
    caps = {"capabilities": [{"capability": number, "curValue": 1} for number in (1, 257, 4376)]}
    whole = {
        "device": "x",
        "config": config | more,
        "caps": caps,
        "settings": "e30=",
        "jobTimeout": 1,
    }
    return [json.dumps(each).encode() for each in (whole, {"caps": caps}, {"config": config})]


def _journal_seeds() -> list[bytes]:
    file = {"size": 5, "tag": "ab"}
    page = {"type": "page", "uid": _UID, "ordinal": 0, "size_px": [8, 8], "dpi": [300, 300]}
    whole = {**page, **file, "mode": "L", "bits": 8, "key": "00", "thumbnail": file}
    variant = {"type": "variant", "page": _UID, "kind": "jpeg", **file}
    return [
        b"".join(json.dumps(each).encode() + b"\n" for each in (whole, variant, {"type": "end"}))
    ]


TARGETS: Mapping[str, Target] = {
    "sniff": Target(_sniff, _picture_seeds),
    "tiff-chain": Target(_tiff_chain, _tiff_seeds),
    "pictures": Target(_pictures, _picture_seeds),
    "png": Target(_png, lambda: [saved("PNG")]),
    "frames": Target(_frames, _frame_seeds),
    "source": Target(_source, _source_seeds),
    "job": Target(_job, _job_seeds),
    "snapshot": Target(_snapshot, lambda: [b"e30=", b"eyJkcGkiOiAzMDB9"]),
    "manifest": Target(_manifest, lambda: [_IMAGING.read_bytes()]),
    "journal": Target(_journal, _journal_seeds),
    "page-ranges": Target(_page_ranges, lambda: [b"1-3,7", b"5-", b" 2 , 1-20"]),
}
