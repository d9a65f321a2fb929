"""Messages between the main process and a worker: a length, a JSON header, and optional bytes.

From main: `start` (config), `call`, `cancel`, `command`, `stop`. From the worker: `ready`,
`result`, `error`, `item` (a streamed result), `progress`, `frame` (with bytes), `journal`, `log`.
"""

from __future__ import annotations

import dataclasses
import json
import struct
from typing import IO, TYPE_CHECKING, Any, TypeVar

from flatbed.errors import WorkerCrashedError

if TYPE_CHECKING:
    import asyncio

T = TypeVar("T")

Message = dict[str, Any]

HEADER_LIMIT = 16 << 20
"""Bytes of one JSON header: a page of OCR words has one, a thousand pages of them have not."""

BODY_LIMIT = 64 << 20

_LENGTHS = struct.Struct(">II")


def pack(message: Message, body: bytes = b"") -> bytes:
    """One message as it goes over the pipe."""
    header = json.dumps(message, default=_to_json, separators=(",", ":")).encode()
    if len(header) > HEADER_LIMIT or len(body) > BODY_LIMIT:
        raise WorkerCrashedError("The add-on's result is too large to be handed over.")
    return _LENGTHS.pack(len(header), len(body)) + header + body


def read(stream: IO[bytes]) -> tuple[Message, bytes] | None:
    """The next message from a blocking stream; `None` at its end."""
    lengths = stream.read(_LENGTHS.size)
    if len(lengths) < _LENGTHS.size:
        return None
    header_bytes, body_bytes = _LENGTHS.unpack(lengths)
    header, body = stream.read(header_bytes), stream.read(body_bytes)
    if len(header) < header_bytes or len(body) < body_bytes:
        return None
    return json.loads(header), body


async def receive(stream: asyncio.StreamReader) -> tuple[Message, bytes] | None:
    """The next message from an asyncio stream; `None` at its end.

    Raises:
        WorkerCrashedError: If what came is no message.
    """
    try:
        header_bytes, body_bytes = _LENGTHS.unpack(await stream.readexactly(_LENGTHS.size))
        if header_bytes > HEADER_LIMIT or body_bytes > BODY_LIMIT:
            raise WorkerCrashedError("The add-on sent something that is no message.")
        header = await stream.readexactly(header_bytes)
        body = await stream.readexactly(body_bytes)
    except (EOFError, ConnectionError):  # asyncio's IncompleteReadError is the former
        return None
    return _parse(header), body


def build(kind: type[T], data: dict[str, Any]) -> T:
    """A frozen dataclass of the seam from its JSON; lists become tuples, unknown keys are left."""
    names = {field.name for field in dataclasses.fields(kind)}  # type: ignore[arg-type]
    return kind(**{name: _to_tuple(value) for name, value in data.items() if name in names})


def _parse(header: bytes) -> Message:
    try:
        message = json.loads(header)
    except (ValueError, RecursionError) as error:
        raise WorkerCrashedError("The add-on sent something that is no message.") from error
    if not isinstance(message, dict):
        raise WorkerCrashedError("The add-on sent something that is no message.")
    return message


def _to_tuple(value: Any) -> Any:
    return tuple(_to_tuple(each) for each in value) if isinstance(value, list) else value


def _to_json(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    raise TypeError(f"{type(value).__name__} cannot be handed over; use JSON values")
