"""Ports: which group is taken, and the file that says where the service is."""

from __future__ import annotations

import errno
import json
import os
import socket
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from flatbed.ports import (
    LOCK_NAME,
    LockedPorts,
    Ports,
    PortsTakenError,
    bind_first_free,
    parse_lock,
    read_lock,
    write_lock,
)
from flatbed.system import FileLock, ProcessIdentity

WANTED = Ports(port=18622, status_port=18625)
Bind = Callable[[int], Sequence[socket.socket]]


class Machine:
    """A machine with some ports taken, without touching those of this one.

    Attributes:
        tried: The ports that were asked for, in order.
        open: The sockets that were given out.
    """

    def __init__(self, *taken: int, fault: int = errno.EADDRINUSE) -> None:
        self._taken, self._fault = taken, fault
        self.tried: list[int] = []
        self.open: list[socket.socket] = []
        self.numbers: dict[int, int] = {}

    def bind(self, port: int) -> Sequence[socket.socket]:
        """A listening socket that stands for a port."""
        self.tried.append(port)
        if port in self._taken:
            raise OSError(self._fault, "not for you")
        given = socket.create_server(("127.0.0.1", 0))
        self.open.append(given)
        self.numbers[port] = given.getsockname()[1]
        return [given]

    def leaked(self) -> list[socket.socket]:
        """Sockets that are open still; closes them."""
        left = [each for each in self.open if each.fileno() >= 0]
        for each in left:
            each.close()
        return left


def bind_at(machine: Machine, before: Ports | None = None) -> tuple[Ports, list[int]]:
    """What was bound, and the ports that were tried on the way."""
    ports, sockets = bind_first_free(WANTED, before, machine.bind)
    assert [each.getsockname()[1] for each in sockets] == [ports.port, ports.status_port]
    assert machine.leaked() == sockets
    return ports, machine.tried


def test_group_of_ports_moves_both_up_and_leaves_any_free_one() -> None:
    """Groups are 100 apart; 0 is no number to add to."""
    assert WANTED.group(0) == WANTED
    assert WANTED.group(5) == Ports(port=19122, status_port=19125)
    assert Ports(port=0, status_port=18625).group(2) == Ports(port=0, status_port=18825)


def test_bind_takes_the_configured_ports_when_they_are_free() -> None:
    """Nothing else is tried."""
    machine = Machine()
    ports, tried = bind_at(machine)
    assert tried == [18622, 18625]
    assert ports == Ports(port=machine.numbers[18622], status_port=machine.numbers[18625])


@pytest.mark.parametrize("fault", [errno.EADDRINUSE, errno.EACCES], ids=["in use", "not allowed"])
@pytest.mark.parametrize(
    ("taken", "tried"),
    [
        ([18622], [18622, 18722, 18725]),
        ([18625], [18622, 18625, 18722, 18725]),
        ([18622, 18725], [18622, 18722, 18725, 18822, 18825]),
    ],
    ids=["first", "second", "one of each group"],
)
def test_bind_moves_to_the_next_group_when_one_port_is_taken(
    taken: list[int], tried: list[int], fault: int
) -> None:
    """Both move, and nothing stays bound of the group that was left."""
    assert bind_at(Machine(*taken, fault=fault))[1] == tried


def test_bind_with_every_group_taken_says_so() -> None:
    """The configured group and five more, then a sentence with a way out."""
    machine = Machine(*range(18622, 19123, 100))
    with pytest.raises(PortsTakenError) as caught:
        bind_first_free(WANTED, None, machine.bind)
    assert machine.tried == [18622, 18722, 18822, 18922, 19022, 19122]
    assert caught.value.name == "ports_taken"
    assert "--port" in caught.value.message


def test_bind_with_a_fault_of_another_kind_raises_it_and_leaves_nothing_open() -> None:
    """Only a taken port is a reason to move on."""
    machine = Machine(18625, fault=errno.EMFILE)
    with pytest.raises(OSError, match="not for you"):
        bind_first_free(WANTED, None, machine.bind)
    assert machine.leaked() == []


def test_bind_tries_no_port_above_the_last() -> None:
    """A high port leaves fewer groups; there is no port 65,622."""
    machine = Machine(65522, 65525)
    with pytest.raises(PortsTakenError):
        bind_first_free(Ports(port=65522, status_port=65525), None, machine.bind)
    assert machine.tried == [65522]


@pytest.mark.parametrize(
    ("wanted", "before", "first"),
    [
        (WANTED, WANTED.group(2), 18822),
        (WANTED, Ports(port=40000, status_port=40001), 18622),
        (WANTED, Ports(port=18622, status_port=18825), 18622),
        (Ports(port=0, status_port=0), Ports(port=40000, status_port=40001), 40000),
        (Ports(port=0, status_port=0), None, 0),
    ],
    ids=["a group of ours", "configured anew", "mixed groups", "any free one", "first start"],
)
def test_bind_tries_the_ports_of_before_first_where_the_configuration_has_them(
    wanted: Ports, before: Ports | None, first: int
) -> None:
    """Pages find a service again that crashed; a changed configuration is kept to."""
    machine = Machine()
    bind_first_free(wanted, before, machine.bind)
    machine.leaked()
    assert machine.tried[0] == first


def test_bind_goes_on_from_the_first_group_when_the_ports_of_before_are_taken() -> None:
    """They have no right to them."""
    machine = Machine(18822)
    assert bind_at(machine, WANTED.group(2))[1] == [18822, 18622, 18625]


def test_lock_names_the_process_and_its_ports_while_it_is_held(tmp_path: Path) -> None:
    """What the command line finds the service by."""
    lock = FileLock(tmp_path / LOCK_NAME)
    with lock:
        write_lock(lock, Ports(port=18722, status_port=18725))
        found = read_lock(tmp_path)
    assert found is not None
    assert (found.port, found.status_port, found.url) == (18722, 18725, "http://127.0.0.1:18722")
    assert ProcessIdentity(found.pid, found.started, found.boot_id) == ProcessIdentity.current()
    assert found.pid == os.getpid()


def test_lock_of_a_service_that_is_gone_names_nobody(tmp_path: Path) -> None:
    """The file stays, its lock does not; the next service reads the ports of before from it."""
    lock = FileLock(tmp_path / LOCK_NAME)
    with lock:
        write_lock(lock, WANTED)
    assert read_lock(tmp_path) is None
    before = parse_lock(lock.read())
    assert before is not None
    assert (before.port, before.status_port) == (18622, 18625)


def test_read_lock_of_a_folder_without_one_names_nobody(tmp_path: Path) -> None:
    """A data folder that no service has had."""
    assert read_lock(tmp_path) is None


@pytest.mark.parametrize(
    "text",
    [b"", b'{"pid": 1, "sta', b"[]", b'{"pid": "one"}', b"\xff\xfe"],
    ids=["empty", "torn", "other JSON", "wrong type", "no text"],
)
def test_parse_lock_of_what_is_not_whole_is_nothing(text: bytes) -> None:
    """A service that was killed while it wrote must not keep the next from starting."""
    assert parse_lock(text) is None


def test_parse_lock_leaves_out_what_it_does_not_know() -> None:
    """A newer service may say more."""
    known = {"pid": 7, "started": 8, "boot_id": "b", "port": 1, "status_port": 2}
    assert parse_lock(json.dumps(known | {"tls_port": 3})) == LockedPorts(
        pid=7, started=8, boot_id="b", port=1, status_port=2
    )
