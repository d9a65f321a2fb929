"""Which ports the service has, and the file by which programs find it."""

from __future__ import annotations

import errno
import json
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from flatbed import system
from flatbed.errors import FlatbedError

LOCK_NAME = "port.lock"
GROUP_STEP = 100
GROUPS = 6
"""The ports of the configuration, and five times 100 more."""

_LAST_PORT = 65535

_Sockets = Sequence[socket.socket]
Bind = Callable[[int], _Sockets]


class PortsTakenError(FlatbedError):
    """Every group of ports is in use by other programs."""

    status, name = 503, "ports_taken"
    sentence = "All of Flatbed's ports are taken. Choose others with --port and --status-port."


class AlreadyRunningError(FlatbedError):
    """Another service has this data folder."""

    status, name = 409, "already_running"
    sentence = "Flatbed is already running."


@dataclass(frozen=True, kw_only=True)
class Ports:
    """The http port of the interface and that of the status page."""

    port: int
    status_port: int

    @property
    def exists(self) -> bool:
        """Whether there are such ports."""
        return max(self.port, self.status_port) <= _LAST_PORT

    def group(self, number: int) -> Ports:
        """The same ports moved up; 0 stays, which is any free one."""
        step = number * GROUP_STEP
        return Ports(
            port=self.port and self.port + step,
            status_port=self.status_port and self.status_port + step,
        )


class LockedPorts(msgspec.Struct, kw_only=True):
    """What `port.lock` says."""

    pid: int
    started: int
    boot_id: str
    port: int
    status_port: int

    @property
    def url(self) -> str:
        """Where the service is."""
        return f"http://127.0.0.1:{self.port}"


def bind_first_free(
    wanted: Ports, before: Ports | None, bind: Bind
) -> tuple[Ports, list[socket.socket]]:
    """Listening sockets on the first group of ports that is free.

    Args:
        wanted: By the configuration.
        before: The ones that this data folder's service had last; tried first, so that pages find
            a service again that crashed.
        bind: Makes the sockets of one port, raises `OSError` if it is taken.

    Raises:
        PortsTakenError: If no group is free.
    """
    groups = [group for group in map(wanted.group, range(GROUPS)) if group.exists]
    if before in groups or (before and 0 in (wanted.port, wanted.status_port)):
        groups.insert(0, before)
    for group in groups:
        bound = _try(group, bind)
        if bound is not None:
            port, status_port = (each.getsockname()[1] for each in (bound[0][0], bound[1][0]))
            return Ports(port=port, status_port=status_port), [*bound[0], *bound[1]]
    raise PortsTakenError


def read_lock(data_folder: Path) -> LockedPorts | None:
    """Where the service of a data folder is, if one is running."""
    path = data_folder / LOCK_NAME
    return parse_lock(path.read_bytes()) if system.is_locked(path) else None


def parse_lock(text: bytes | str) -> LockedPorts | None:
    """What a lock file says; `None` if it is empty or torn."""
    try:
        return msgspec.json.decode(text, type=LockedPorts)
    except msgspec.DecodeError:
        return None


def write_lock(lock: system.FileLock, ports: Ports) -> None:
    """Say in the lock file, which is held, where the service is."""
    identity = system.ProcessIdentity.current().to_wire()
    lock.write(json.dumps({**identity, "port": ports.port, "status_port": ports.status_port}))


def _try(
    group: Ports, bind: Bind
) -> tuple[Sequence[socket.socket], Sequence[socket.socket]] | None:
    first: Sequence[socket.socket] = ()
    try:
        first = bind(group.port)
        return first, bind(group.status_port)
    except OSError as error:
        for each in first:
            each.close()
        if error.errno in (errno.EADDRINUSE, errno.EACCES):
            return None
        raise
