"""Where a worker's pages and files go: compressed, encrypted and synced, in the core's folder."""

from __future__ import annotations

import io
import math
import secrets
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any

from flatbed import system
from flatbed.addon.frames import FrameWriter, Sealed, new_key, wrap_key
from flatbed.addon.types import Bits, Mode, Rows
from flatbed.errors import DiskFullError, EmptyPageError
from flatbed.runtime.frame_stream import FrameStream
from flatbed.runtime.journal import UnsyncedLineError
from flatbed.runtime.room import RoomWait, disk_named, no_room_named
from flatbed.runtime.strips import PageShape, StripPipeline
from flatbed.runtime.watch import CallWatch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PIL.Image import Image

Report = Callable[[dict[str, Any]], None]
"""Takes a JSON entry about what was finished, and makes it durable where that is wanted."""

_COMPRESSING_THREADS = 2
_PROGRESS_S = 0.1
"""More than ten steps a second nobody sees."""

_ROOM_LOST = (
    "The disk became full. Free some space, put the last sheet back on the pile, then continue."
)


@dataclass(frozen=True, kw_only=True)
class Spool:
    """Where the pages of one call go.

    Attributes:
        folder: Takes the files; it is there already.
        key: Wraps the key of every page, 32 bytes.
        sheet_floor_bytes: No sheet is fed with less free disk...
        room_wait_s: ... and for that long is room waited for.
        wants_jpeg: Every page gets a JPEG beside its PNG.
        pages: How many pages the job has already.
        attempt: 1, and one more each time the job goes on after a fault.
    """

    folder: Path
    key: bytes = field(repr=False)
    sheet_floor_bytes: int = 0
    room_wait_s: float = 0
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

    def __init__(
        self,
        spool: Spool,
        watch: CallWatch,
        report: Report,
        tell_progress: Callable[[int, int], None] | None = None,
    ) -> None:
        self._tell_progress = tell_progress
        self._told_at = -math.inf
        pool = ThreadPoolExecutor(_COMPRESSING_THREADS, thread_name_prefix="strip")
        # One thread, and one page at a time, so that pages waiting for their JPEG never pile up.
        later = ThreadPoolExecutor(1, thread_name_prefix="jpeg")
        self._shop = _Workshop(spool, watch, report, pool, later, spool.pages)
        self._is_asked_first = False
        self._room = RoomWait(
            spool.folder,
            spool.sheet_floor_bytes,
            limit_s=spool.room_wait_s,
            watch=watch,
            tell=lambda entry: report(entry | {"attempt": spool.attempt}),
        )

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

    def progress(self, done: int, total: int) -> None:
        """See `PageSink`."""
        now = time.monotonic()
        if self._tell_progress is None:
            return
        if done >= total or now - self._told_at >= _PROGRESS_S:
            self._told_at = now
            self._tell_progress(done, total)

    def check_canceled(self) -> None:
        """See `PageSink`."""
        self._shop.watch.check_canceled()

    def before_sheet(self) -> None:
        """See `PageSink`."""
        self._shop.watch.check_feeding()
        self._is_asked_first = True
        self._room.wait()

    def next_command(self, timeout_s: float = 0) -> dict[str, Any] | None:
        """See `PageSink`."""
        return self._shop.watch.next_command(timeout_s)

    def new_page(
        self,
        *,
        size_px: tuple[int, int | None],
        dpi: tuple[float, float],
        mode: Mode,
        bits: Bits,
        source_page: int = 0,
    ) -> SpoolPage:
        """See `PageSink`."""
        self.check_canceled()
        # Of a driver that asks before it feeds, the sheet is on its way: here it cannot wait.
        if not self._is_asked_first:
            self._shop.watch.check_feeding()
            self._room.wait()
        shape = PageShape(size_px=size_px, dpi=dpi, mode=mode, bits=bits)
        self._shop.watch.page_begun()
        return SpoolPage(self._shop, shape, source_page)

    @contextmanager
    def new_file(self, media_type: str) -> Iterator[IO[bytes]]:
        """See `PageSink`."""
        uid, key = secrets.token_hex(16), new_key()
        path = self._shop.path(uid, "file")
        writer = FrameWriter(path, key=key, uid=uid, kind="file")
        try:
            with no_room_named(), io.BufferedWriter(FrameStream(writer), 1 << 16) as stream:
                yield stream
            with no_room_named():
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


class SpoolPage:
    """The `PageWriter` of a `SpoolSink`."""

    def __init__(self, shop: _Workshop, shape: PageShape, source_page: int = 0) -> None:
        self._shop, self._said, self._source_page = shop, shape, source_page
        self._uid, self._key = secrets.token_hex(16), new_key()
        self._is_reported = False
        try:
            self._file = self._new_file("page")
        except DiskFullError as error:
            raise DiskFullError(_ROOM_LOST) from error
        self._pipeline = StripPipeline(
            shape, self._file, shop.pool, wants_jpeg=shop.spool.wants_jpeg
        )

    def write_rows(self, rows: Rows) -> None:
        """See `PageWriter`."""
        self._shop.watch.check_canceled()
        with disk_named():
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
            if error is None:
                with disk_named():
                    self._finish()
            else:
                self._give_up(error)
        except BaseException as why:
            self._give_up(why)
            raise
        finally:
            self._shop.watch.page_ended()

    def _give_up(self, why: BaseException) -> None:
        # What the journal speaks of is a page, whatever went wrong after it.
        if self._is_reported:
            return
        self._discard()
        if isinstance(why, DiskFullError):
            raise DiskFullError(_ROOM_LOST) from why

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
        self._shop.pages += 1
        self._warn_if_short()
        if (jpeg := self._pipeline.jpeg()) is not None:
            # Only now, with the page safe, is there time to hear that the last JPEG failed; and the
            # journal speaks of a page before it speaks of what belongs to it.
            self._shop.wait_for_jpeg()
            self._shop.last_jpeg = self._shop.later.submit(self._write_jpeg, jpeg)

    def _report(self, shape: PageShape, sealed: Sealed, thumbnail: Sealed) -> None:
        entry = {"type": "page", "uid": self._uid, "ordinal": self._shop.pages} | asdict(shape)
        if self._source_page:
            entry["source_page"] = self._source_page
        wrapped = self._shop.wrapped(self._key, self._uid)
        try:
            self._shop.report(entry | asdict(sealed) | wrapped | {"thumbnail": asdict(thumbnail)})
        except UnsyncedLineError:
            self._is_reported = True
            raise
        self._is_reported = True

    def _warn_if_short(self) -> None:
        said, came = self._said.size_px[1], self._pipeline.rows
        if said is not None and came < said:
            self._shop.warn(f"Page {self._shop.pages} ended after {came} of {said} rows.")

    def _write_jpeg(self, jpeg: bytes) -> None:
        with disk_named():
            try:
                sealed = self._write_beside("jpeg", jpeg)
            except OSError:
                self._shop.path(self._uid, "jpeg").unlink(missing_ok=True)
                raise
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
        with disk_named():
            return FrameWriter(path, key=self._key, uid=self._uid, kind=kind)

    def _discard(self) -> None:
        self._file.close()
        for kind in ("page", "thumbnail"):
            # What a failing disk keeps goes with the spool; no journal speaks of it.
            with suppress(OSError):
                self._shop.path(self._uid, kind).unlink(missing_ok=True)
