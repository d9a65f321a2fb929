"""Whose process is at the other end of a connection on loopback.

A port on loopback is open to every user of the machine. The system knows who owns the peer's
socket, and no header can change that.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path
from typing import Any, TypeAlias

import psutil

from flatbed.system import own_uid

SocketAddress: TypeAlias = tuple[Any, ...]
"""(host, port, ...) as sockets of the families AF_INET and AF_INET6 say it."""

_TCP4 = Path("/proc/net/tcp")
_TCP6 = Path("/proc/net/tcp6")
_NO_INODE = b"0"

# The kernel hands the table out in pieces of a page; a row can slip through between two of them
# when others close connections meanwhile.
_READS = 2


def is_own_peer(peer: SocketAddress, local: SocketAddress) -> bool:
    """Whether the peer's socket belongs to the user of this process; False if nobody can tell.

    Args:
        peer: The address that the connection came from.
        local: The address that it came to.
    """
    return peer_uid(peer, local) == own_uid()


def peer_uid(peer: SocketAddress, local: SocketAddress) -> int | None:
    """The user who owns the peer's socket of a connection that is open now.

    Ask once a connection: the system walks through all of its connections to answer.

    Returns:
        The user's number; None if the peer has closed, or where the system does not tell: others
        than Linux tell only about the processes of the own user.
    """
    theirs, ours = _End.of(peer), _End.of(local)
    if sys.platform != "linux":
        return _find_by_processes(theirs, ours)
    for _ in range(_READS):
        for table, pair in _places(theirs, ours):
            uid = _find_in(_read(table), pair)
            if uid is not None:
                return uid
    return None


@dataclass(frozen=True)
class _End:
    """One end of a connection; a v4 address is one, whichever family the socket is of."""

    address: IPv4Address | IPv6Address
    port: int

    @classmethod
    def of(cls, pair: SocketAddress) -> _End:
        address = ip_address(str(pair[0]).partition("%")[0])
        return cls(getattr(address, "ipv4_mapped", None) or address, pair[1])

    def mapped(self) -> _End:
        return _End(ip_address(f"::ffff:{self.address}"), self.port)

    def __str__(self) -> str:
        """As the kernel prints it: words of four bytes in the machine's own order."""
        packed = self.address.packed
        words = (packed[at : at + 4] for at in range(0, len(packed), 4))
        digits = "".join(f"{int.from_bytes(word, sys.byteorder):08X}" for word in words)
        return f"{digits}:{self.port:04X}"


def _places(theirs: _End, ours: _End) -> Iterator[tuple[Path, bytes]]:
    """Where the peer's own row can stand, and how it begins: its local address is the peer."""
    if theirs.address.version == 4:
        yield _TCP4, f" {theirs} {ours} ".encode()
        # A socket of the v6 family that talks to a v4 address stands in the v6 table alone.
        theirs, ours = theirs.mapped(), ours.mapped()
    yield _TCP6, f" {theirs} {ours} ".encode()


def _find_in(table: bytes, pair: bytes) -> int | None:
    start = table.find(pair)
    while start >= 0:
        end = table.find(b"\n", start)
        # Cut off behind the two addresses: state, queues, timer, retransmits, uid, timeout, inode.
        fields = table[start + len(pair) : end].split()
        # A peer that has closed leaves a row without an inode, and its user then reads 0: root.
        if fields[6] != _NO_INODE:
            return int(fields[4])
        start = table.find(pair, end)
    return None


def _read(table: Path) -> bytes:
    try:
        with table.open("rb", buffering=0) as file:
            return file.read()
    except OSError:
        # A kernel without IPv6 has no second table, and a sandbox may hide both: then nobody is
        # found, and nobody is let in.
        return b""


def _find_by_processes(theirs: _End, ours: _End) -> int | None:
    for process in psutil.process_iter():
        try:
            if process.uids().effective == own_uid() and (theirs, ours) in _connections(process):
                return own_uid()
        except psutil.Error:
            # Gone meanwhile, or kept from us by the system: then not a peer that we can know.
            continue
    return None


def _connections(process: psutil.Process) -> Iterator[tuple[_End, _End]]:
    for each in process.net_connections("tcp"):
        if each.raddr:
            yield _End.of(each.laddr), _End.of(each.raddr)
