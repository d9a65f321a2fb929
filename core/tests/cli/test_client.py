"""What commands ask of the service, where it answers otherwise than it should."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from flatbed.cli.client import ServiceClient
from flatbed.cli.failures import AnswerError, ServiceLostError
from flatbed.errors import InternalError, PaperJamError

OK = b"HTTP/1.1 200 OK\r\nContent-Length: "
BAD = b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: "


@asynccontextmanager
async def _answering(answer: bytes) -> AsyncIterator[ServiceClient]:
    """A client of something that gives one answer to everything."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        client = ServiceClient(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        yield client
        client.close()


async def test_error_of_the_service_is_raised_as_it_was_there() -> None:
    """Class, sentence and details."""
    body = b'{"code": -1020, "error": "paper_jam", "message": "Stuck.", "details": {"sheet": 3}}'
    async with _answering(BAD + b"%d\r\n\r\n%s" % (len(body), body)) as client:
        with pytest.raises(PaperJamError, match="Stuck") as raised:
            await client.job("1")
    assert raised.value.details == {"sheet": 3}


async def test_error_in_place_of_a_page_is_raised_and_not_written() -> None:
    """A file must not end up with JSON in it."""
    body = b'{"code": -1020, "error": "paper_jam", "message": "Stuck."}'
    written = bytearray()
    async with _answering(BAD + b"%d\r\n\r\n%s" % (len(body), body)) as client:
        with pytest.raises(PaperJamError, match="Stuck"):
            await client.save_page("1", 1, "image/png", written.extend)
    assert written == b""


async def test_error_of_a_stranger_is_an_internal_one() -> None:
    """Some other program's page of words."""
    async with _answering(BAD + b"5\r\n\r\noops!") as client:
        with pytest.raises(InternalError):
            await client.job("1")


@pytest.mark.parametrize("body", [b"", b"null", b"{}", b"<html>"])
async def test_answer_that_is_not_the_contract_s_is_told(body: bytes) -> None:
    """As from a service of another version."""
    async with _answering(OK + b"%d\r\n\r\n%s" % (len(body), body)) as client:
        with pytest.raises(AnswerError):
            await client.job("1")


async def test_no_content_in_place_of_a_page_is_told() -> None:
    """It would be an empty file."""
    async with _answering(b"HTTP/1.1 204 No Content\r\n\r\n") as client:
        with pytest.raises(AnswerError):
            await client.save_page("1", 1, "image/png", bytearray().extend)


@pytest.mark.parametrize("answer", [b"", OK + b"100\r\n\r\nonly a part"], ids=["none", "half"])
async def test_connection_that_breaks_is_a_lost_service(answer: bytes) -> None:
    """Half a page is no page."""
    async with _answering(answer) as client:
        with pytest.raises(ServiceLostError):
            await client.save_page("1", 1, "image/png", bytearray().extend)


async def test_nobody_at_the_address_is_a_lost_service() -> None:
    """The port is closed again when the context ends."""
    async with _answering(b"") as client:
        pass
    with pytest.raises(ServiceLostError):
        await ServiceClient(client.url).job("1")


@pytest.mark.parametrize(
    ("body", "is_flatbed"),
    [
        (b'{"service": "flatbed", "yours": true}', True),
        (b'{"service": "flatbed", "yours": false}', False),
        (b'{"service": "other", "yours": true}', False),
        (b"<html>", False),
    ],
    ids=["ours", "another user's", "another program", "no JSON"],
)
async def test_hello_tells_whether_this_is_our_flatbed(*, body: bytes, is_flatbed: bool) -> None:
    """A port of before may be anybody's now."""
    async with _answering(OK + b"%d\r\n\r\n%s" % (len(body), body)) as client:
        assert await client.is_flatbed() is is_flatbed


async def test_fault_of_the_disk_is_raised_to_whoever_saves() -> None:
    """After the answer has been read to its end."""

    def full(_: bytes) -> None:
        raise OSError(28, "No space left on device")

    async with _answering(OK + b"4\r\n\r\npage") as client:
        with pytest.raises(OSError, match="No space left on device"):
            await client.save_page("1", 1, "image/png", full)
