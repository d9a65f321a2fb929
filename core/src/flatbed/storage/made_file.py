"""A file on its way to be kept: what an operation made, or its answer."""

from __future__ import annotations

import secrets
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from flatbed.addon.frames import FrameReader, FrameWriter, new_key, unwrap_key
from flatbed.errors import WorkerCrashedError
from flatbed.runtime.outcome import Outcome
from flatbed.runtime.room import disk_named
from flatbed.storage.delivery import Delivery
from flatbed.storage.finished import FinishedFile, Hex, Uid

JSON = "application/json"

_NOT_ONE = "The add-on did not write the one file that it was asked for."


class _Written(FinishedFile, frozen=True, kw_only=True):
    """What a worker says of a file."""

    uid: Uid
    key: Hex
    media_type: Annotated[str, Meta(pattern=r"^[a-z]+/[a-z0-9.+-]+\Z", max_length=200)]


@dataclass(frozen=True, kw_only=True)
class MadeFile:
    """One encrypted file, `<uid>.file` in a folder.

    Attributes:
        folder: Where it lies.
        uid: Its id.
        key: Its key, plain.
        media_type: What it is.
        file: Its size and the tag of its last frame.
    """

    folder: Path
    uid: str
    key: bytes = field(repr=False)
    media_type: str
    file: FinishedFile

    def open(self) -> FrameReader:
        """The file; the caller closes it.

        Raises:
            WorkerCrashedError: If it is not there.
        """
        path = self.folder / f"{self.uid}.file"
        try:
            return FrameReader(path, key=self.key, uid=self.uid, kind="file")
        except OSError as error:
            raise WorkerCrashedError(_NOT_ONE) from error

    @property
    def record(self) -> dict[str, Any]:
        """What the index keeps of it beside its key."""
        return {"media_type": self.media_type, "size": self.file.size, "tag": self.file.tag}


def made_by(outcome: Outcome | Delivery) -> MadeFile:
    """The one file that a call of an add-on left.

    Raises:
        WorkerCrashedError: If there is not one, or it is not what it says.
    """
    try:
        (entry,) = outcome.files
        said = msgspec.convert(entry, _Written)
    except ValueError as error:  # of which msgspec's is one, as that of another number of files
        raise WorkerCrashedError(_NOT_ONE) from error
    return MadeFile(
        folder=outcome.folder,
        uid=said.uid,
        key=unwrap_key(bytes.fromhex(said.key), by=outcome.key, uid=said.uid),
        media_type=said.media_type,
        file=FinishedFile(size=said.size, tag=said.tag),
    )


def write_json(folder: Path, data: bytes) -> MadeFile:
    """Write an answer down as an encrypted file; blocks.

    Raises:
        DiskFullError: If there is no room for it.
    """
    uid, key = secrets.token_hex(16), new_key()
    with disk_named():
        writer = FrameWriter(folder / f"{uid}.file", key=key, uid=uid, kind="file")
        try:
            writer.write(data)
            sealed = writer.finish()
        finally:
            writer.close()
    file = FinishedFile(**asdict(sealed))
    return MadeFile(folder=folder, uid=uid, key=key, media_type=JSON, file=file)
