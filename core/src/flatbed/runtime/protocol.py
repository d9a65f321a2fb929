"""Messages between the main process and a worker: a length, a JSON header, and optional bytes.

From main: `start` (config), `call`, `cancel`, `command`, `stop`. From the worker: `ready`,
`result`, `error`, `crash` (`error` is its name), `unloadable`, `item` (a streamed result),
`progress`, `frame` (with bytes), `journal`, `log`. All that comes before the worker's mark was
printed while its interpreter started, and is skipped.
"""

from __future__ import annotations

import dataclasses
import json
import struct
from typing import IO, TYPE_CHECKING, Any, TypeVar

from flatbed.errors import ResultTooBigError, WorkerGarbledError

if TYPE_CHECKING:
    import asyncio

T = TypeVar("T")

Message = dict[str, Any]

HEADER_LIMIT = 8 << 20
"""Bytes of one JSON header: a page of OCR words has one, a thousand pages of them have not."""

VALUES_LIMIT = 500_000
"""Values in one header: in memory each takes some thirty times the bytes that it has there."""

BODY_LIMIT = 64 << 20

_LENGTHS = struct.Struct(">II")


def pack(message: Message, body: bytes = b"") -> bytes:
    """One message as it goes over the pipe.

    Raises:
        ResultTooBigError: If it is too long, or has too many values.
        TypeError: If something in it is no JSON value.
    """
    header = json.dumps(message, default=_to_json, separators=(",", ":")).encode()
    if len(header) > HEADER_LIMIT or len(body) > BODY_LIMIT or _has_too_many(header):
        raise ResultTooBigError
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
        WorkerGarbledError: If what came is no message.
    """
    try:
        header_bytes, body_bytes = _LENGTHS.unpack(await stream.readexactly(_LENGTHS.size))
        if header_bytes > HEADER_LIMIT or body_bytes > BODY_LIMIT:
            raise _no_message()
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
    # Ours are checked before they are sent: too many values are not from there.
    if _has_too_many(header):
        raise _no_message()
    try:
        message = json.loads(header)
    except (ValueError, RecursionError) as error:
        raise _no_message() from error
    if not isinstance(message, dict):
        raise _no_message()
    return message


def _has_too_many(header: bytes) -> bool:
    # Those within texts count too; nobody has so many.
    return sum(header.count(mark) for mark in (b",", b"[", b"{")) > VALUES_LIMIT


def _no_message() -> WorkerGarbledError:
    return WorkerGarbledError("The add-on sent something that is no message.")


def _to_tuple(value: Any) -> Any:
    return tuple(_to_tuple(each) for each in value) if isinstance(value, list) else value


def _to_json(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    raise TypeError(f"{type(value).__name__} cannot be handed over; use JSON values")
