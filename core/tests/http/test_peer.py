"""Whose process is at the other end, on the kernel's own tables and real connections."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator

import pytest

from flatbed.http import peer
from flatbed.http.peer import is_own_peer, peer_uid

from .raw import MAPPED, V4, V6, connect
from .stranger import can_become_stranger, nobody_uid, run_as_stranger

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the tables are Linux's")

PLACES = {"v4": (V4, V4), "v4-mapped": (V4, MAPPED), "v6": (V6, V6)}

# Rows as the kernel writes them: header, a listener, and one connection seen from its client.
TABLE = b"""\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:48BE 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4711 1 0
   1: 0100007F:C350 0100007F:48BE 01 00000000:00000000 00:00000000 00000000  1001        0 4712 1 0
   2: 0100007F:48BE 0100007F:C350 01 00000000:00000000 00:00000000 00000000  1000        0 4713 1 0
"""
CLIENT, SERVER = ("127.0.0.1", 50000), ("127.0.0.1", 18622)


@pytest.fixture(params=PLACES.values(), ids=list(PLACES))
def pair(request: pytest.FixtureRequest) -> Iterator[tuple[socket.socket, socket.socket]]:
    """A listener and a client of the same connection, not yet accepted."""
    listen_on, connect_to = request.param
    family = socket.AF_INET6 if ":" in listen_on else socket.AF_INET
    with (
        socket.create_server((listen_on, 0), family=family) as listener,
        connect(listener.getsockname()[1], connect_to) as client,
    ):
        yield listener, client


def test_peer_uid_of_own_client_is_own(pair: tuple[socket.socket, socket.socket]) -> None:
    """Our own process at the other end, by each way that leads to loopback."""
    listener, _ = pair
    accepted, address = listener.accept()
    with accepted:
        assert peer_uid(address, accepted.getsockname()) == os.geteuid()
        assert is_own_peer(address, accepted.getsockname())


def test_peer_uid_of_closed_client_is_unknown(pair: tuple[socket.socket, socket.socket]) -> None:
    """A peer that has closed has no owner any more, not even root, whom its row then names."""
    listener, client = pair
    client.sendall(b"DELETE / HTTP/1.1\r\n\r\n")
    client.close()
    accepted, address = listener.accept()
    with accepted:
        assert peer_uid(address, accepted.getsockname()) is None
        assert not is_own_peer(address, accepted.getsockname())


def test_peer_uid_of_half_closed_client_is_own(pair: tuple[socket.socket, socket.socket]) -> None:
    """A client that has only ended its sending still waits for the answer."""
    listener, client = pair
    client.shutdown(socket.SHUT_WR)
    accepted, address = listener.accept()
    with accepted:
        assert peer_uid(address, accepted.getsockname()) == os.geteuid()


@pytest.mark.root
@pytest.mark.skipif(not can_become_stranger(), reason="only root can become another OS user")
@pytest.mark.parametrize(("listen_on", "connect_to"), PLACES.values(), ids=PLACES)
def test_peer_uid_of_another_user_is_theirs(listen_on: str, connect_to: str) -> None:
    """A process of another OS user is known as such."""
    family = socket.AF_INET6 if ":" in listen_on else socket.AF_INET
    with socket.create_server((listen_on, 0), family=family) as listener:
        port = listener.getsockname()[1]
        with run_as_stranger("connect", port, connect_to) as stranger:
            listener.settimeout(20)
            accepted, address = listener.accept()
            with accepted:
                assert peer_uid(address, accepted.getsockname()) == nobody_uid()
                assert not is_own_peer(address, accepted.getsockname())
                ends = peer._End.of(address), peer._End.of(accepted.getsockname())
                assert peer._find_by_processes(*ends) is None
            stranger.wait(20)


def test_find_in_table_takes_the_row_of_the_client() -> None:
    """The peer's own row has the peer as its local address; ours of the same pair is another."""
    pair = f" {peer._End.of(CLIENT)} {peer._End.of(SERVER)} ".encode()
    assert pair == b" 0100007F:C350 0100007F:48BE "
    assert peer._find_in(TABLE, pair) == 1001


def test_find_in_table_with_a_row_without_inode_takes_the_next() -> None:
    """What is left of an earlier connection with the same ports does not hide the living one."""
    left = (
        b"   9: 0100007F:C350 0100007F:48BE 06 00000000:00000000 03:00001770 00000000"
        b"     0        0 0 3 0\n"
    )
    pair = b" 0100007F:C350 0100007F:48BE "
    assert peer._find_in(left, pair) is None
    assert peer._find_in(left + TABLE, pair) == 1001


@pytest.mark.parametrize(
    ("address", "printed"),
    [
        (("127.0.0.1", 18622), "0100007F:48BE"),
        (("127.0.0.2", 80), "0200007F:0050"),
        (("::1", 18622, 0, 0), "00000000000000000000000001000000:48BE"),
        (("::ffff:127.0.0.1", 18622, 0, 0), "0100007F:48BE"),
    ],
    ids=["v4", "another v4", "v6", "mapped is v4"],
)
@pytest.mark.skipif(sys.byteorder != "little", reason="the kernel prints in the machine's order")
def test_end_as_text_is_what_the_kernel_prints(address: tuple[object, ...], printed: str) -> None:
    """Four bytes a word, each the wrong way round on the machines that most people have."""
    assert str(peer._End.of(address)) == printed


def test_end_mapped_is_the_v6_form() -> None:
    """Where a v6 socket that talks to v4 stands."""
    assert str(peer._End.of(CLIENT).mapped()) == "0000000000000000FFFF00000100007F:C350"


def test_find_by_processes_knows_own_client_and_nobody_else(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    """The way for systems without the tables: our own processes are found, others are not."""
    listener, _ = pair
    accepted, address = listener.accept()
    with accepted:
        theirs, ours = peer._End.of(address), peer._End.of(accepted.getsockname())
        assert peer._find_by_processes(theirs, ours) == os.geteuid()
        assert peer._find_by_processes(theirs, peer._End(ours.address, 1)) is None


def test_peer_uid_without_tables_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sandbox that hides the tables lets nobody in, rather than everybody."""
    monkeypatch.setattr(peer, "_TCP4", peer._TCP4.with_name("no-such-table"))
    monkeypatch.setattr(peer, "_TCP6", peer._TCP6.with_name("no-such-table"))
    with socket.create_server((V4, 0)) as listener, connect(listener.getsockname()[1]):
        accepted, address = listener.accept()
        with accepted:
            assert not is_own_peer(address, accepted.getsockname())
