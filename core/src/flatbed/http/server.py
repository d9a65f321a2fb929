"""The listening side: loopback only, whose process a connection comes from, and its limits."""

from __future__ import annotations

import errno
import socket
import ssl
from collections.abc import Awaitable
from dataclasses import dataclass

import msgspec
import structlog
from tornado.http1connection import HTTP1ConnectionParameters, HTTP1ServerConnection
from tornado.httputil import (
    HTTPConnection,
    HTTPHeaders,
    HTTPInputError,
    HTTPMessageDelegate,
    HTTPServerConnectionDelegate,
    RequestStartLine,
    ResponseStartLine,
)
from tornado.iostream import IOStream, SSLIOStream
from tornado.netutil import bind_sockets
from tornado.tcpserver import TCPServer

from flatbed.errors import InvalidInputError
from flatbed.http.failures import to_body
from flatbed.http.headers import ANSWER_HEADERS, API_POLICY
from flatbed.http.peer import SocketAddress, is_own_peer

log = structlog.get_logger()

MAX_CONNECTIONS = 256
"""Of our own user: some forty pages with six connections each."""

MAX_STRANGE_CONNECTIONS = 16
"""Of everybody else: enough to be told no, too few to keep our own user out."""

_MAX_HEADER_BYTES = 16 * 2**10
_MAX_BUFFER_BYTES = 2**20
_IDLE_LIMIT_S = 75
_BODY_LIMIT_S = 300
_FREE_PORT_TRIES = 20
_NO_SUCH_ADDRESS = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)

# RFC 2606: a name that nobody can have.
_NO_HOST = "host.invalid"


@dataclass(frozen=True)
class PeerContext:
    """What is known of a connection before its first byte; Tornado reads the first two.

    Attributes:
        remote_ip: The peer's address.
        protocol: `http` or `https`.
        is_ours: The peer is a process of our OS user.
    """

    remote_ip: str
    protocol: str
    is_ours: bool


class FlatbedServer(TCPServer, HTTPServerConnectionDelegate):
    """An HTTP/1.1 server that knows whose process is at the other end of each connection.

    Args:
        application: What answers the requests.
        ssl_options: Makes it an https server.
        max_connections: At once, of our own user.
        max_strange_connections: At once, of everybody else.
    """

    def __init__(
        self,
        application: HTTPServerConnectionDelegate,
        *,
        ssl_options: ssl.SSLContext | None = None,
        max_connections: int = MAX_CONNECTIONS,
        max_strange_connections: int = MAX_STRANGE_CONNECTIONS,
    ) -> None:
        super().__init__(ssl_options=ssl_options, max_buffer_size=_MAX_BUFFER_BYTES)
        self._application = application
        self._max_connections = {True: max_connections, False: max_strange_connections}
        self._streams: dict[bool, set[IOStream]] = {True: set(), False: set()}
        self._parameters = HTTP1ConnectionParameters(
            max_header_size=_MAX_HEADER_BYTES,
            max_body_size=_MAX_BUFFER_BYTES,
            header_timeout=_IDLE_LIMIT_S,
            body_timeout=_BODY_LIMIT_S,
        )

    def handle_stream(self, stream: IOStream, address: SocketAddress) -> None:
        """Find out whose connection this is and serve it; close it if there are too many."""
        is_ours = is_own_peer(address, stream.socket.getsockname())
        if not self._has_room(is_ours=is_ours):
            log.warning("connection refused", is_ours=is_ours)
            stream.close()
            return
        self._streams[is_ours].add(stream)
        protocol = "https" if isinstance(stream, SSLIOStream) else "http"
        context = PeerContext(str(address[0]), protocol, is_ours)
        HTTP1ServerConnection(stream, self._parameters, context).start_serving(self)

    def start_request(
        self, server_conn: object, request_conn: HTTPConnection
    ) -> HTTPMessageDelegate:
        """Hand one request to the application."""
        inner = self._application.start_request(server_conn, request_conn)
        return _TidyRequest(inner, request_conn)

    def close_connections(self) -> None:
        """Close every open connection at once, WebSockets included; call `stop` first."""
        for stream in self._streams[True] | self._streams[False]:
            stream.close()

    def _has_room(self, *, is_ours: bool) -> bool:
        still_open = {stream for stream in self._streams[is_ours] if not stream.closed()}
        self._streams[is_ours] = still_open
        return len(still_open) < self._max_connections[is_ours]


def listen_on_loopback(server: TCPServer, port: int) -> int:
    """Let a server accept connections on loopback; see `bind_loopback`.

    Returns:
        The port, also where a free one was asked for.
    """
    sockets = bind_loopback(port)
    server.add_sockets(sockets)
    return int(sockets[0].getsockname()[1])


def bind_loopback(port: int) -> list[socket.socket]:
    """Listening sockets on 127.0.0.1 and, if the machine has it, ::1, both with one port.

    Both or none: on the other one of the two, somebody else could be `localhost` to a browser.

    Args:
        port: 0 for one that is free on both.

    Raises:
        OSError: With `errno.EADDRINUSE` if the port is taken on either.
    """
    tries = 1 if port else _FREE_PORT_TRIES
    while True:
        tries -= 1
        sockets = bind_sockets(port, "127.0.0.1", family=socket.AF_INET)
        try:
            return sockets + _bind_v6(sockets[0].getsockname()[1])
        except OSError:
            sockets[0].close()
            if not tries:
                raise


def _bind_v6(port: int) -> list[socket.socket]:
    try:
        return bind_sockets(port, "::1", family=socket.AF_INET6)
    except OSError as error:
        if isinstance(error, socket.gaierror) or error.errno in _NO_SUCH_ADDRESS:
            return []
        raise


class _TidyRequest(HTTPMessageDelegate):
    """One request on its way to the application, where Tornado would answer in its own words."""

    def __init__(self, inner: HTTPMessageDelegate, connection: HTTPConnection) -> None:
        self._inner = inner
        self._connection = connection

    def headers_received(
        self, start_line: RequestStartLine | ResponseStartLine, headers: HTTPHeaders
    ) -> Awaitable[None] | None:
        hosts = headers.get_list("Host")
        if len(hosts) != 1 or not hosts[0].isascii() or set(hosts[0]) & set(',/@?#<>"\\^`{|} '):
            # Tornado would refuse these with a bare 400; so the guard does, with its 421.
            headers["Host"] = _NO_HOST
        try:
            return self._inner.headers_received(start_line, headers)
        except HTTPInputError:
            self._answer_malformed()
            return None

    def data_received(self, chunk: bytes) -> Awaitable[None] | None:
        return self._inner.data_received(chunk)

    def finish(self) -> None:
        self._inner.finish()

    def on_connection_close(self) -> None:
        self._inner.on_connection_close()

    def _answer_malformed(self) -> None:
        body = msgspec.json.encode(to_body(InvalidInputError()))
        headers = HTTPHeaders(ANSWER_HEADERS)
        headers["Content-Security-Policy"] = API_POLICY
        headers["Content-Type"] = "application/json"
        headers["Content-Length"] = str(len(body))
        self._connection.write_headers(ResponseStartLine("", 400, "Bad Request"), headers, body)
        self._connection.finish()
