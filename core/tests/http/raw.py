"""Requests byte by byte: what no decent HTTP client would send, and what a browser does."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

LIMIT_S = 10

V4, V6, MAPPED = "127.0.0.1", "::1", "::ffff:127.0.0.1"


@dataclass(frozen=True)
class Answer:
    """An answer as it came; header names in lower case."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str | None:
        """The value of a header, None if it is not there; twice is a failure."""
        values = [value for each, value in self.headers if each == name.lower()]
        assert len(values) <= 1, f"{name} came {len(values)} times: {values}"
        return values[0] if values else None


@dataclass(frozen=True)
class Request:
    """A request of exactly these headers; `Content-Length` is added to a body alone."""

    verb: str
    path: str
    headers: tuple[tuple[str, str], ...]
    body: bytes = b""
    version: str = "HTTP/1.1"
    address: str = field(default=V4, kw_only=True)

    def encode(self) -> bytes:
        """The bytes on the wire."""
        lines = [f"{self.verb} {self.path} {self.version}"]
        lines += [f"{name}: {value}" for name, value in self.headers]
        names = {name.lower() for name, _ in self.headers}
        if self.body and not names & {"content-length", "transfer-encoding"}:
            lines.append(f"Content-Length: {len(self.body)}")
        return "\r\n".join([*lines, "", ""]).encode("latin-1") + self.body


def connect(port: int, address: str = V4) -> socket.socket:
    """A connection to the service by one of the ways that lead to it."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    connection = socket.socket(family, socket.SOCK_STREAM)
    connection.settimeout(LIMIT_S)
    connection.connect((address, port))
    return connection


def receive(connection: socket.socket, verb: str = "GET") -> Answer:
    """Read one answer."""
    response = http.client.HTTPResponse(connection, method=verb)
    response.begin()
    body = b"" if response.status == 101 else response.read()
    headers = tuple((name.lower(), value) for name, value in response.getheaders())
    return Answer(response.status, headers, body)


class Client:
    """Sends one request after the other, on one connection as long as the service keeps it."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._kept: dict[str, socket.socket] = {}

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        for connection in self._kept.values():
            connection.close()

    def send(self, request: Request) -> Answer:
        """Send a request and read its answer."""
        kept = self._kept.pop(request.address, None)
        connection = kept or connect(self._port, request.address)
        connection.sendall(request.encode())
        answer = receive(connection, request.verb)
        if answer.status == 101 or answer.header("Connection") == "close":
            connection.close()
        else:
            self._kept[request.address] = connection
        return answer


def send(port: int, request: Request) -> Answer:
    """Send one request on a connection of its own."""
    with connect(port, request.address) as connection:
        connection.sendall(request.encode())
        return receive(connection, request.verb)


def ask(
    port: int,
    verb: str,
    path: str,
    headers: Sequence[tuple[str, str]] = (),
    body: bytes = b"",
    **more: Any,
) -> Answer:
    """Send one request with the right `Host`, unless the headers have one."""
    if "host" not in {name.lower() for name, _ in headers}:
        headers = [("Host", f"127.0.0.1:{port}"), *headers]
    return send(port, Request(verb, path, tuple(headers), body, **more))
