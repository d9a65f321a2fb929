"""Where a worker's pages and files go: compressed, encrypted and synced, in the core's folder."""

from __future__ import annotations

import errno
import io
import secrets
import shutil
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any

from flatbed import system
from flatbed.addon.frames import FrameWriter, Sealed, new_key, wrap_key
from flatbed.addon.types import Bits, Mode, Rows
from flatbed.errors import DiskFullError, EmptyPageError
from flatbed.runtime.strips import PageShape, StripPipeline
from flatbed.runtime.watch import CallWatch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PIL.Image import Image

Report = Callable[[dict[str, Any]], None]
"""Takes a JSON entry about what was finished, and makes it durable where that is wanted."""

_COMPRESSING_THREADS = 2
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT}


@dataclass(frozen=True, kw_only=True)
class Spool:
    """Where the pages of one call go.

    Attributes:
        folder: Takes the files; it is there already.
        key: Wraps the key of every page, 32 bytes.
        sheet_floor_bytes: No page is begun with less free disk.
        wants_jpeg: Every page gets a JPEG beside its PNG.
        pages: How many pages the job has already.
        attempt: 1, and one more each time the job goes on after a fault.
    """

    folder: Path
    key: bytes = field(repr=False)
    sheet_floor_bytes: int = 0
    wants_jpeg: bool = False
    pages: int = 0
    attempt: int = 1


@dataclass
class _Workshop:
    """What a sink and its pages share."""

    spool: Spool
    watch: CallWatch
    report: Report
    pool: ThreadPoolExecutor
    later: ThreadPoolExecutor
    pages: int
    last_jpeg: Future[None] | None = None

    def path(self, uid: str, kind: str) -> Path:
        return self.spool.folder / f"{uid}.{kind}"

    def wrapped(self, key: bytes, uid: str) -> dict[str, str]:
        return {"key": wrap_key(key, by=self.spool.key, uid=uid).hex()}

    def warn(self, message: str) -> None:
        self.report({"type": "warning", "message": message})

    def wait_for_jpeg(self) -> None:
        if self.last_jpeg is not None:
            self.last_jpeg.result()


class SpoolSink:
    """The `PageSink` of a worker."""

    def __init__(self, spool: Spool, watch: CallWatch, report: Report) -> None:
        pool = ThreadPoolExecutor(_COMPRESSING_THREADS, thread_name_prefix="strip")
        # One thread, and one page at a time, so that pages waiting for their JPEG never pile up.
        later = ThreadPoolExecutor(1, thread_name_prefix="jpeg")
        self._shop = _Workshop(spool, watch, report, pool, later, spool.pages)

    @property
    def pages(self) -> int:
        """See `PageSink`."""
        return self._shop.pages

    @property
    def attempt(self) -> int:
        """See `PageSink`."""
        return self._shop.spool.attempt

    def device_opened(self) -> None:
        """See `PageSink`."""
        self._shop.watch.device_opened()

    def warn(self, message: str) -> None:
        """See `PageSink`."""
        self._shop.warn(message)

    def check_canceled(self) -> None:
        """See `PageSink`."""
        self._shop.watch.check_canceled()

    def before_sheet(self) -> None:
        """See `PageSink`."""
        self.check_canceled()
        self._check_room()

    def next_command(self, timeout_s: float = 0) -> dict[str, Any] | None:
        """See `PageSink`."""
        return self._shop.watch.next_command(timeout_s)

    def new_page(
        self, *, size_px: tuple[int, int | None], dpi: tuple[float, float], mode: Mode, bits: Bits
    ) -> SpoolPage:
        """See `PageSink`."""
        self.before_sheet()
        shape = PageShape(size_px=size_px, dpi=dpi, mode=mode, bits=bits)
        self._shop.watch.page_begun()
        return SpoolPage(self._shop, shape)

    @contextmanager
    def new_file(self, media_type: str) -> Iterator[IO[bytes]]:
        """See `PageSink`."""
        uid, key = secrets.token_hex(16), new_key()
        path = self._shop.path(uid, "file")
        writer = FrameWriter(path, key=key, uid=uid, kind="file")
        try:
            with _no_room_named(), io.BufferedWriter(_FrameStream(writer), 1 << 16) as stream:
                yield stream
            with _no_room_named():
                sealed = writer.seal()
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        finally:
            writer.close()
        entry = {"type": "file", "uid": uid, "media_type": media_type}
        self._shop.report(entry | asdict(sealed) | self._shop.wrapped(key, uid))

    def close(self) -> None:
        """Wait for what is still being written."""
        try:
            self._shop.wait_for_jpeg()
        finally:
            self._shop.later.shutdown()
            self._shop.pool.shutdown()

    def _check_room(self) -> None:
        free = shutil.disk_usage(self._shop.spool.folder).free
        if free < self._shop.spool.sheet_floor_bytes:
            raise DiskFullError(
                f"Only {free >> 20} MB are free on the disk. Free some space, then continue."
            )


class SpoolPage:
    """The `PageWriter` of a `SpoolSink`."""

    def __init__(self, shop: _Workshop, shape: PageShape) -> None:
        self._shop, self._said = shop, shape
        self._uid, self._key = secrets.token_hex(16), new_key()
        self._is_reported = False
        self._file = self._new_file("page")
        self._pipeline = StripPipeline(
            shape, self._file, shop.pool, wants_jpeg=shop.spool.wants_jpeg
        )

    def write_rows(self, rows: Rows) -> None:
        """See `PageWriter`."""
        self._shop.watch.check_canceled()
        with _no_room_named():
            self._pipeline.add(rows)
        self._shop.watch.rows_came()

    def write_image(self, image: Image) -> None:
        """See `PageWriter`."""
        self.write_rows(image.tobytes())

    def __enter__(self) -> SpoolPage:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                with _no_room_named():
                    self._finish()
            else:
                self._discard()
        except BaseException:
            # What the journal speaks of is a page, whatever went wrong after it.
            if not self._is_reported:
                self._discard()
            raise
        finally:
            self._shop.watch.page_ended()

    def _finish(self) -> None:
        if self._pipeline.rows == 0:
            raise EmptyPageError
        shape = self._pipeline.finish()
        # Made while the page is on its way to the disk.
        small = self._shop.pool.submit(self._pipeline.thumbnail)
        sealed = self._file.finish()
        thumbnail = self._write_beside("thumbnail", small.result())
        # The folder's entry must be on the disk before the journal speaks of the file.
        system.sync_folder(self._shop.spool.folder)
        self._report(shape, sealed, thumbnail)
        self._is_reported = True
        self._shop.pages += 1
        self._warn_if_short()
        if (jpeg := self._pipeline.jpeg()) is not None:
            # Only now, with the page safe, is there time to hear that the last JPEG failed; and the
            # journal speaks of a page before it speaks of what belongs to it.
            self._shop.wait_for_jpeg()
            self._shop.last_jpeg = self._shop.later.submit(self._write_jpeg, jpeg)

    def _report(self, shape: PageShape, sealed: Sealed, thumbnail: Sealed) -> None:
        entry = {"type": "page", "uid": self._uid, "ordinal": self._shop.pages} | asdict(shape)
        wrapped = self._shop.wrapped(self._key, self._uid)
        self._shop.report(entry | asdict(sealed) | wrapped | {"thumbnail": asdict(thumbnail)})

    def _warn_if_short(self) -> None:
        said, came = self._said.size_px[1], self._pipeline.rows
        if said is not None and came < said:
            self._shop.warn(f"Page {self._shop.pages} ended after {came} of {said} rows.")

    def _write_jpeg(self, jpeg: bytes) -> None:
        with _no_room_named():
            sealed = self._write_beside("jpeg", jpeg)
        entry = {"type": "variant", "kind": "jpeg", "page": self._uid}
        self._shop.report(entry | asdict(sealed))

    def _write_beside(self, kind: str, data: bytes) -> Sealed:
        """A file that can be made again from the page, so it is not waited for on the disk."""
        writer = self._new_file(kind)
        try:
            writer.write(data)
            return writer.seal()
        finally:
            writer.close()

    def _new_file(self, kind: str) -> FrameWriter:
        path = self._shop.path(self._uid, kind)
        with _no_room_named():
            return FrameWriter(path, key=self._key, uid=self._uid, kind=kind)

    def _discard(self) -> None:
        self._file.close()
        for kind in ("page", "thumbnail"):
            self._shop.path(self._uid, kind).unlink(missing_ok=True)


class _FrameStream(io.RawIOBase):
    """A file object over a `FrameWriter`; formats that seek back cannot be written through it."""

    def __init__(self, writer: FrameWriter) -> None:
        self._writer = writer

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._writer.write(data)
        return len(data)


@contextmanager
def _no_room_named() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise DiskFullError from error
        raise
