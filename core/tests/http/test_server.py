"""The listening side: where it listens, who is at the other end, and how much it takes."""

from __future__ import annotations

import errno
import json
import socket
import ssl
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from tornado.netutil import bind_sockets

from flatbed.http.headers import ANSWER_HEADERS
from flatbed.http.server import bind_loopback

from .demo import DemoServer
from .raw import MAPPED, V4, V6, Request, ask, connect, receive, send
from .stranger import can_become_stranger, send_as_stranger

needs_root = pytest.mark.skipif(
    not can_become_stranger(), reason="only root can become another OS user"
)


@pytest.fixture
def _no_v6(monkeypatch: pytest.MonkeyPatch) -> None:
    def bind(port: int, address: str, **more: object) -> list[socket.socket]:
        if address == "::1":
            raise OSError(errno.EADDRNOTAVAIL, "no such address")
        return bind_sockets(port, address, **more)  # type: ignore[arg-type]

    monkeypatch.setattr("flatbed.http.server.bind_sockets", bind)


def test_bind_loopback_to_a_free_port_takes_it_on_both() -> None:
    """One port on 127.0.0.1 and ::1, and on nothing else."""
    sockets = bind_loopback(0)
    names = [each.getsockname()[:2] for each in sockets]
    for each in sockets:
        each.close()
    port = names[0][1]
    assert port > 0
    assert names == [("127.0.0.1", port), ("::1", port)]


@pytest.mark.parametrize("taken", [V4, V6])
def test_bind_loopback_to_a_port_taken_on_either_takes_neither(taken: str) -> None:
    """Who has the other one of the two would be `localhost` to a browser, in our name."""
    family = socket.AF_INET6 if ":" in taken else socket.AF_INET
    with socket.create_server((taken, 0), family=family) as other:
        port = other.getsockname()[1]
        with pytest.raises(OSError, match="in use") as caught:
            bind_loopback(port)
        assert caught.value.errno == errno.EADDRINUSE
        # Nothing of the attempt is left on the one that was free.
        free, free_family = (V6, socket.AF_INET6) if taken == V4 else (V4, socket.AF_INET)
        socket.create_server((free, port), family=free_family).close()


@pytest.mark.usefixtures("_no_v6")
def test_bind_loopback_without_v6_goes_on() -> None:
    """A machine whose loopback has no ::1 still has 127.0.0.1."""
    (only,) = bind_loopback(0)
    assert only.getsockname()[0] == "127.0.0.1"
    only.close()


@pytest.mark.parametrize(
    ("address", "host"), [(V4, "127.0.0.1"), (MAPPED, "localhost"), (V6, "[::1]")]
)
def test_request_of_own_user_by_each_way_is_ours(
    address: str, host: str, server: DemoServer
) -> None:
    """v4, v4-mapped and v6 are all loopback."""
    request = Request("GET", "/api/hello", (("Host", f"{host}:{server.port}"),), address=address)
    assert json.loads(send(server.port, request).body)["yours"] is True


@pytest.mark.root
@needs_root
@pytest.mark.parametrize("address", [V4, MAPPED, V6])
def test_request_of_another_user_is_strange_whatever_it_says(
    address: str, server: DemoServer
) -> None:
    """No header makes another OS user one of ours."""
    forged = (
        ("Host", f"localhost:{server.port}"),
        ("Origin", f"http://localhost:{server.port}"),
        ("Sec-Fetch-Site", "same-origin"),
        ("X-Forwarded-For", "127.0.0.1"),
        ("X-Real-IP", "127.0.0.1"),
        ("X-Scheme", "https"),
    )
    hello, change = send_as_stranger(
        server.port,
        [
            Request("GET", "/api/hello", forged, address=address),
            Request("POST", "/api/demo/jobs", forged, b"{}", address=address),
        ],
    )
    assert json.loads(hello.body)["yours"] is False
    assert json.loads(change.body)["error"] == "another_user"
    assert change.status == 403
    assert server.services.changes == 0


def test_request_of_a_peer_that_closed_at_once_is_not_carried_out(server: DemoServer) -> None:
    """Nobody can say whose it was, so it does nothing; from a peer that stays it does."""
    change = Request("POST", "/api/demo/jobs", (("Host", f"127.0.0.1:{server.port}"),), b"{}")
    is_held, may_go_on = threading.Event(), threading.Event()

    def hold() -> None:
        is_held.set()
        may_go_on.wait(10)

    holder = threading.Thread(target=lambda: server.call(hold))
    holder.start()
    assert is_held.wait(10)
    # The service does not get to look before the peer is gone.
    with connect(server.port) as hasty:
        hasty.sendall(change.encode())
    may_go_on.set()
    holder.join()
    # This one comes after it in the queue of connections.
    assert ask(server.port, "GET", "/api/hello").status == 200
    assert server.services.changes == 0
    assert send(server.port, change).status == 201
    assert server.services.changes == 1


def test_handle_stream_beyond_the_limit_closes_and_goes_on_once_there_is_room() -> None:
    """Full is full for the next one alone, and only while it is full."""
    with DemoServer(max_connections=2) as server:
        first, second = connect(server.port), connect(server.port)
        assert _hello_on(first, server.port)
        assert _hello_on(second, server.port)
        with connect(server.port) as third:
            assert third.recv(1) == b""
        assert _hello_on(first, server.port)
        first.close()
        second.close()
        assert ask(server.port, "GET", "/api/hello").status == 200


@pytest.mark.root
@needs_root
def test_handle_stream_beyond_the_limit_for_strangers_keeps_our_own_room() -> None:
    """Another user can use up its own few places, not ours."""
    with DemoServer(max_strange_connections=0) as server:
        request = Request("GET", "/api/hello", (("Host", f"127.0.0.1:{server.port}"),))
        with pytest.raises(AssertionError, match="process failed"):
            send_as_stranger(server.port, [request])
        assert send(server.port, request).status == 200


def test_request_with_headers_beyond_16_kib_is_dropped(server: DemoServer) -> None:
    """Up to that it is read, beyond it the connection is closed without an answer."""
    assert ask(server.port, "GET", "/api/hello", [("X-Big", "a" * 15_000)]).status == 200
    with connect(server.port) as connection:
        big = "a" * 17_000
        request = Request("GET", "/api/hello", (("Host", "127.0.0.1"), ("X-Big", big)))
        connection.sendall(request.encode())
        assert _read_to_end(connection) == b""


@pytest.mark.parametrize(
    "hosts",
    [(), ("",), ("a", "b"), ("a,b",), ("user@127.0.0.1",), ("\xe4\xf6",), ('"',)],
    ids=["none", "empty", "two", "two in one", "user", "not ASCII", "quote"],
)
@pytest.mark.parametrize("version", ["HTTP/1.1", "HTTP/1.0"])
def test_request_with_unusable_host_is_misdirected(
    hosts: tuple[str, ...], version: str, server: DemoServer
) -> None:
    """What Tornado would answer with a bare 400, or take for 127.0.0.1, is the guard's 421."""
    headers = tuple(("Host", host) for host in hosts)
    answer = send(server.port, Request("GET", "/api/hello", headers, version=version))
    assert answer.status == 421
    assert json.loads(answer.body)["error"] == "misdirected"


def test_request_for_another_server_by_its_target_finds_nothing(server: DemoServer) -> None:
    """A target that names a host is a path that nobody has, not a way around `Host`."""
    target = f"http://127.0.0.1:{server.port}/api/demo/jobs"
    assert ask(server.port, "GET", target).status == 404
    assert ask(server.port, "GET", "/api/demo/jobs").status == 200


def test_request_that_tornado_cannot_read_has_our_body_and_headers(server: DemoServer) -> None:
    """A query of too many parameters fails before any handler is there."""
    query = "&".join("a=1" for _ in range(2000))
    answer = ask(server.port, "GET", f"/api/demo/jobs?{query}")
    assert json.loads(answer.body) == {
        "code": -2113,
        "message": "The request cannot be understood.",
        "statusCode": 400,
        "error": "invalid_input",
    }
    assert {name: answer.header(name) for name in ANSWER_HEADERS} == ANSWER_HEADERS
    assert answer.header("Server") is None


def test_connection_stays_open_over_answers_and_refusals(server: DemoServer) -> None:
    """A refusal is an answer like others: the next request can follow it."""
    with connect(server.port) as connection:
        for host, status in (("127.0.0.1", 200), ("evil.example", 421), ("localhost", 200)):
            request = Request("GET", "/api/hello", (("Host", f"{host}:{server.port}"),))
            connection.sendall(request.encode())
            assert receive(connection).status == status


def test_request_by_tls_is_one_of_https(tmp_path: Path) -> None:
    """The same peer, the same guard, and URLs that say https."""
    contexts = _tls(tmp_path)
    with DemoServer(ssl_options=contexts[0]) as server:
        with connect(server.port) as plain, contexts[1].wrap_socket(plain) as secure:
            host = ("Host", f"127.0.0.1:{server.port}")
            origin = ("Origin", f"https://localhost:{server.port}")
            secure.sendall(Request("POST", "/api/demo/jobs", (host, origin), b"{}").encode())
            answer = receive(secure)
        assert answer.header("Location") == f"https://127.0.0.1:{server.port}/api/demo/jobs/job-0"


def test_close_connections_ends_open_ones(server: DemoServer) -> None:
    """Stopping does not wait for clients that keep their connection."""
    with connect(server.port) as connection:
        assert _hello_on(connection, server.port)
        server.stop()
        assert connection.recv(1) == b""


def _tls(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """What a server with a certificate of its own needs, and a client that asks for no more."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .sign(key, hashes.SHA256())
    )
    file = folder / "both.pem"
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file.write_bytes(secret + certificate.public_bytes(pem))
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(file)
    client = ssl.create_default_context(cafile=file)
    client.check_hostname = False
    return server, client


def _hello_on(connection: socket.socket, port: int) -> bool:
    request = Request("GET", "/api/hello", (("Host", f"127.0.0.1:{port}"),))
    connection.sendall(request.encode())
    return receive(connection).status == 200


def _read_to_end(connection: socket.socket) -> bytes:
    try:
        return connection.recv(65536)
    except ConnectionResetError:
        return b""
