"""A file on its way: in the temporary folder, encrypted by a key that only this process has."""

from __future__ import annotations

import io
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import IO, Any

from flatbed.addon.frames import FrameWriter, new_key
from flatbed.addon.streams import open_file
from flatbed.errors import disk_fault


class Scratch:
    """What is written once, front to back, and then read in any order. Used with `with`."""

    def __init__(self) -> None:
        self._uid, self._key = secrets.token_hex(16), new_key()
        self._stack = ExitStack()

    def __enter__(self) -> Scratch:
        folder = tempfile.TemporaryDirectory(prefix="flatbed-pdf-")
        self._stack.callback(folder.cleanup)
        self._folder, self._path = folder, Path(folder.name) / "draft"
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @contextmanager
    def write(self) -> Iterator[IO[bytes]]:
        """A stream that can only be written; once, before `read`.

        Raises:
            DiskFullError: If there is no room, here or at a write.
            DiskFaultError: If the disk fails otherwise.
        """
        with _disk_named():
            writer = FrameWriter(self._path, key=self._key, uid=self._uid, kind="file")
        with closing(writer):
            yield _Spill(writer)
            with _disk_named():
                writer.seal()

    def read(self) -> IO[bytes]:
        """What was written, as a stream that can seek, as long as the `with` block is."""
        stream = self._stack.enter_context(open_file(str(self._path), self._key, self._uid))
        # Who kills this process from now on leaves nothing behind.
        self._folder.cleanup()
        return stream


class _Spill(io.RawIOBase, IO[bytes]):
    """A `FrameWriter` as a file object."""

    def __init__(self, writer: FrameWriter) -> None:
        self._writer = writer

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        with _disk_named():
            self._writer.write(data)
        return len(data)


@contextmanager
def _disk_named() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise disk_fault(error) from error
