"""WebSockets: in through the guard, out with a reason."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

from flatbed.errors import WorkerCrashedError

from .demo import GRANTED, DemoServer
from .raw import ask

LIMIT_S = 10


@asynccontextmanager
async def _socket(server: DemoServer, **headers: str) -> AsyncIterator[WebSocketClientConnection]:
    url = f"ws://127.0.0.1:{server.port}/api/demo/events"
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    client = await websocket_connect(HTTPRequest(url, headers=named))
    yield client
    client.close()


async def _read(client: WebSocketClientConnection) -> str | bytes | None:
    return await asyncio.wait_for(client.read_message(), LIMIT_S)


@pytest.mark.parametrize(
    ("headers", "caller"),
    [
        ({}, "local"),
        ({"Origin": GRANTED}, GRANTED),
        (
            {"Origin": GRANTED, "Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "websocket"},
            GRANTED,
        ),
    ],
    ids=["native", "granted", "granted in a browser"],
)
async def test_socket_of_an_admitted_caller_is_opened_as_theirs(
    headers: dict[str, str], caller: str, server: DemoServer
) -> None:
    """The same principal as in any request."""
    async with _socket(server, **headers) as client:
        assert await _read(client) == caller


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Host": "evil.example"}, 421),
        # Tornado by itself takes this for same-origin, and lets any such socket in.
        ({"Origin": "http://evil.example:{port}", "Host": "evil.example:{port}"}, 421),
        ({"Origin": "https://evil.example", "Sec_Fetch_Site": "same-origin"}, 403),
    ],
    ids=["ungranted", "null", "rebound", "rebound page", "says it is ours"],
)
async def test_socket_of_an_attacker_is_refused_before_the_handshake(
    headers: dict[str, str], status: int, server: DemoServer
) -> None:
    """An answer as everywhere, and no socket."""
    filled = {name: value.format(port=server.port) for name, value in headers.items()}
    with pytest.raises(HTTPClientError) as caught:
        async with _socket(server, **filled):
            pass
    assert caught.value.code == status
    assert server.call(lambda: len(server.application.sockets)) == 0


@pytest.mark.parametrize(
    "missing", ["Upgrade", "Connection", "Sec-WebSocket-Version", "Sec-WebSocket-Key"]
)
def test_socket_without_a_whole_handshake_is_bad_input(missing: str, server: DemoServer) -> None:
    """The answer is in our form, whatever part of the handshake is not there."""
    whole = {
        "Upgrade": "websocket",
        "Connection": "keep-alive, Upgrade",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    }
    assert ask(server.port, "GET", "/api/demo/events", list(whole.items())).status == 101
    del whole[missing]
    answer = ask(server.port, "GET", "/api/demo/events", list(whole.items()))
    assert (answer.status, json.loads(answer.body)["error"]) == (400, "invalid_input")


async def test_close_revoked_closes_sockets_of_that_origin_alone(server: DemoServer) -> None:
    """A grant that is taken back ends open sockets, with the reason."""
    async with _socket(server, Origin=GRANTED) as shop, _socket(server) as native:
        assert await _read(shop) == GRANTED
        assert await _read(native) == "local"
        server.grants.granted.clear()
        server.call(lambda: server.application.sockets.close_revoked(server.application.guard))
        assert await _read(shop) is None
        assert (shop.close_code, shop.close_reason) == (4403, "origin_blocked")
        assert server.limits.wait_for(GRANTED, 0)
        assert server.call(lambda: len(server.application.sockets)) == 1


async def test_close_with_an_error_says_status_and_name(server: DemoServer) -> None:
    """4000 and the status: what the answer to a request would have been."""
    async with _socket(server) as client:
        await _read(client)
        (socket,) = server.application.sockets
        server.call(lambda: socket.close_with(WorkerCrashedError()))
        assert await _read(client) is None
        assert (client.close_code, client.close_reason) == (4502, "worker_crashed")


async def test_close_all_says_that_the_service_stops(server: DemoServer) -> None:
    """A client that reads this looks for the service again."""
    async with _socket(server) as client:
        await _read(client)
        server.call(server.application.sockets.close_all)
        assert await _read(client) is None
        assert (client.close_code, client.close_reason) == (1001, "going_away")


async def test_message_to_a_socket_that_only_talks_closes_it(server: DemoServer) -> None:
    """Nobody listens here, and nobody pretends to."""
    async with _socket(server) as client:
        await _read(client)
        await client.write_message("hello?")
        assert await _read(client) is None
        assert (client.close_code, client.close_reason) == (4400, "invalid_input")


async def test_socket_holds_a_place_of_its_origin_until_it_closes() -> None:
    """An open socket is a request in flight."""
    with DemoServer(max_in_flight=1) as server:
        async with _socket(server, Origin=GRANTED) as client:
            await _read(client)
            assert server.limits.in_flight(GRANTED) == 1
            full = await asyncio.to_thread(
                ask, server.port, "GET", "/api/demo/jobs", [("Origin", GRANTED)]
            )
            assert full.status == 429
            client.close()
            assert await asyncio.to_thread(server.limits.wait_for, GRANTED, 0)
