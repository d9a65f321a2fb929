"""Messages over a pipe: whole ones come through, everything else is named or the end."""

from __future__ import annotations

import asyncio
import io
import json
import struct
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flatbed.addon import Barcode, PageFile, Scanner, ScanSettings, TextLine, TextPage, TextWord
from flatbed.errors import ResultTooBigError, WorkerGarbledError
from flatbed.runtime import protocol
from flatbed.runtime.protocol import BODY_LIMIT, HEADER_LIMIT, build, pack

SHORT = st.text(max_size=6)
SCALARS = st.none() | st.booleans() | st.integers() | SHORT | st.floats(allow_nan=False)
JSON_VALUES = SCALARS | st.lists(SCALARS, max_size=3) | st.dictionaries(SHORT, SCALARS, max_size=3)


async def receive(data: bytes) -> list[tuple[protocol.Message, bytes]]:
    """All messages of a stream that ends."""
    stream = asyncio.StreamReader()
    stream.feed_data(data)
    stream.feed_eof()
    received = []
    while (message := await protocol.receive(stream)) is not None:
        received.append(message)
    return received


def read(data: bytes) -> list[tuple[protocol.Message, bytes]]:
    """The same by the worker's side, which blocks."""
    stream = io.BytesIO(data)
    received = []
    while (message := protocol.read(stream)) is not None:
        received.append(message)
    return received


def framed(header: bytes, body: bytes = b"") -> bytes:
    """Any bytes as a message."""
    return struct.pack(">II", len(header), len(body)) + header + body


@given(
    messages=st.lists(
        st.tuples(st.dictionaries(SHORT, JSON_VALUES, max_size=3), st.binary(max_size=50)),
        max_size=3,
    )
)
@settings(max_examples=60, deadline=None)
def test_messages_come_through_on_both_sides(messages: list[tuple[dict[str, Any], bytes]]) -> None:
    """Header and bytes, one behind the other."""
    data = b"".join(pack(message, body) for message, body in messages)
    assert asyncio.run(receive(data)) == messages
    assert read(data) == messages


@given(data=st.binary(max_size=64))
@settings(deadline=None)
def test_garbage_is_named_or_the_end(data: bytes) -> None:
    """Whatever an add-on writes into the pipe: never another error, never a hang."""
    try:
        received = asyncio.run(receive(data))
    except WorkerGarbledError:
        return
    assert all(isinstance(message, dict) for message, _ in received)


@pytest.mark.parametrize(
    "header",
    [b"", b"not json", b"\xff\xfe\x00", b"[1]", b"7", b"null", b"[" * 100_000],
    ids=["empty", "text", "bytes", "list", "number", "null", "deep"],
)
async def test_receive_of_a_header_that_is_no_object_is_a_crash(header: bytes) -> None:
    """The add-on has written over our pipe: nothing it says after that can be believed."""
    with pytest.raises(WorkerGarbledError, match="no message"):
        await receive(framed(header))


@pytest.mark.parametrize(
    ("header_bytes", "body_bytes"), [(HEADER_LIMIT + 1, 0), (2, BODY_LIMIT + 1), (2**32 - 1, 0)]
)
async def test_receive_of_too_much_is_refused_before_it_is_read(
    header_bytes: int, body_bytes: int
) -> None:
    """By the lengths alone: main's memory does not grow."""
    with pytest.raises(WorkerGarbledError, match="no message"):
        await receive(struct.pack(">II", header_bytes, body_bytes) + b"{}")


@pytest.mark.parametrize("kept", range(1, 20))
async def test_end_in_the_middle_of_a_message_is_the_end(kept: int) -> None:
    """A worker that was killed while it wrote."""
    data = pack({"a": 1}, b"body")
    assert len(data) == 8 + 7 + 4
    received = await receive(data + data[:kept])
    assert received == ([({"a": 1}, b"body")] * (2 if kept == 19 else 1))
    assert read(data + data[:kept]) == received


async def test_receive_of_a_broken_connection_is_the_end() -> None:
    """As a closed pipe is."""
    stream = asyncio.StreamReader()
    stream.set_exception(ConnectionResetError())
    assert await protocol.receive(stream) is None


@pytest.mark.parametrize(
    ("message", "body"),
    [({"value": "x" * (HEADER_LIMIT + 1)}, b""), ({}, bytes(BODY_LIMIT + 1))],
    ids=["header", "body"],
)
def test_pack_of_too_much_is_refused(message: dict[str, Any], body: bytes) -> None:
    """An add-on's result of gigabytes is an error of the add-on, said where it runs."""
    with pytest.raises(ResultTooBigError, match="too large"):
        pack(message, body)


@pytest.mark.parametrize(
    "value", [[[]] * 300_000, [0] * 500_001, [{}] * 260_000], ids=["lists", "numbers", "objects"]
)
async def test_too_many_values_are_refused_on_both_sides(value: Any) -> None:
    """Short as bytes, they would be hundreds of megabytes in memory."""
    with pytest.raises(ResultTooBigError):
        pack({"value": value})
    with pytest.raises(WorkerGarbledError, match="no message"):
        await receive(framed(json.dumps({"value": value}).encode()))


def test_values_of_a_long_result_come_through() -> None:
    """The words of a page of small print, with their boxes."""
    message = {"value": [[1.5, 2.5, 3.5, 4.5, "word"]] * 80_000}
    assert read(pack(message)) == [(message, b"")]


@pytest.mark.parametrize("value", [b"bytes", {1, 2}, object(), Scanner], ids=lambda v: repr(v)[:9])
def test_pack_of_what_is_no_json_is_refused(value: Any) -> None:
    """The message names the type that an add-on's author has to change."""
    with pytest.raises(TypeError, match="cannot be handed over"):
        pack({"value": value})


def test_pack_turns_the_types_of_the_seam_into_json() -> None:
    """Nested ones too; keys included, that is what a worker needs."""
    page = PageFile(uid="u", size_px=(2, 3), dpi=(300, 300), mode="L", bits=8, path="/p", key="00")
    word = TextWord(text="a", box=(0, 1, 2, 3), confidence=0.5)
    text = TextPage(lines=[TextLine(words=[word], box=(0, 1, 2, 3))])
    header = json.loads(pack({"pages": (page,), "text": text})[8:])
    assert header["pages"][0] == {
        "uid": "u",
        "size_px": [2, 3],
        "dpi": [300, 300],
        "mode": "L",
        "bits": 8,
        "path": "/p",
        "key": "00",
        "source": None,
    }
    assert header["text"]["lines"][0]["words"] == [
        {"text": "a", "box": [0, 1, 2, 3], "confidence": 0.5}
    ]


def test_build_makes_a_type_of_the_seam_with_tuples() -> None:
    """What crossed as lists is frozen again; corners are tuples of tuples."""
    corners = [[0, 0], [1, 0], [1, 1], [0, 1]]
    data = {"format": "QR", "text": "t", "raw": "", "corners": corners, "confidence": 1}
    assert build(Barcode, data) == Barcode(
        format="QR", text="t", raw="", corners=((0, 0), (1, 0), (1, 1), (0, 1)), confidence=1
    )


def test_build_leaves_out_what_it_does_not_know() -> None:
    """A newer core and an older add-on stay together."""
    assert build(ScanSettings, {"dpi": 150, "from_the_future": 1}) == ScanSettings(dpi=150)
