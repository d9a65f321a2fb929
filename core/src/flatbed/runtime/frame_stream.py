"""A file object over an encrypted file, for what writes files as a stream."""

from __future__ import annotations

import io
from typing import Any

from flatbed.addon.frames import FrameWriter


class FrameStream(io.RawIOBase):
    """A file object over a `FrameWriter`; formats that seek back cannot be written through it."""

    def __init__(self, writer: FrameWriter) -> None:
        self._writer = writer

    def writable(self) -> bool:
        """It can be nothing else."""
        return True

    def write(self, data: Any) -> int:
        """Add bytes; how many there were."""
        self._writer.write(data)
        return len(data)
