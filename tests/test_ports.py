"""Where the service listens, how it is found, and what it does where others were quicker."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager

import httpx
import pytest

from .conftest import MakeService
from .support.service import LiveService


@contextmanager
def taken(*ports: int, address: str = "127.0.0.1") -> Iterator[None]:
    """Somebody else listens on some ports."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with ExitStack() as stack:
        for port in ports:
            listening = stack.enter_context(closing(socket.socket(family)))
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind((address, port))
            listening.listen()
        yield


@pytest.fixture
def free_group() -> tuple[int, int]:
    """A port and one for the status page, which are free with all that are 100 and 500 above."""
    for port in range(21000, 30000, 10):
        ports = [port + step + offset for step in range(0, 600, 100) for offset in (0, 3)]
        if all(_is_free(each) for each in ports):
            return port, port + 3
    raise AssertionError("this machine has no free ports")


def _is_free(port: int) -> bool:
    with closing(socket.socket()) as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def start(make_service: MakeService, group: tuple[int, int]) -> LiveService:
    """A service that is configured for a group of ports."""
    return make_service(PORT=group[0], STATUS_PORT=group[1])


def test_service_answers_on_its_ports_and_says_so(
    free_group: tuple[int, int], make_service: MakeService
) -> None:
    """The same on the port of the status page, by v4 and by v6, and `port.lock` names them."""
    service = start(make_service, free_group)
    assert service.port == free_group[0]
    for host in ("127.0.0.1", "localhost", "[::1]"):
        for port in free_group:
            assert httpx.get(f"http://{host}:{port}/api/hello").json()["yours"] is True
    lock = json.loads((service.data / "port.lock").read_text())
    assert (lock["port"], lock["status_port"], lock["pid"]) == (*free_group, service.pid)


@pytest.mark.parametrize(
    ("which", "address"),
    [(0, "127.0.0.1"), (1, "127.0.0.1"), (0, "::1")],
    ids=["interface", "status page", "v6 alone"],
)
def test_service_takes_the_next_group_where_a_port_is_taken(
    which: int, address: str, free_group: tuple[int, int], make_service: MakeService
) -> None:
    """All move up together, so that a client finds them by its list; `localhost` is one service."""
    with taken(free_group[which], address=address):
        service = start(make_service, free_group)
        assert service.port == free_group[0] + 100
        status = httpx.get(f"http://127.0.0.1:{free_group[1] + 100}/api/hello")
        assert status.json()["service"] == "flatbed"


def test_service_tries_five_groups_more_and_then_gives_up(
    free_group: tuple[int, int], make_service: MakeService
) -> None:
    """The sixth is the last; then it ends with a sentence."""
    groups = [free_group[0] + step for step in range(0, 600, 100)]
    with taken(*groups[:5]):
        service = start(make_service, free_group)
        assert service.port == free_group[0] + 500
        service.stop()
    wanted = {"PORT": free_group[0], "STATUS_PORT": free_group[1]}
    with taken(*groups), pytest.raises(AssertionError, match="All of Flatbed's ports are taken"):
        make_service(expected_errors=("not started",), **wanted)


def test_service_comes_back_on_its_ports_after_a_crash(
    free_group: tuple[int, int], make_service: MakeService
) -> None:
    """Also if they were not the first ones, which are free again by now: pages remember them."""
    with taken(free_group[0]):
        service = start(make_service, free_group)
    assert service.port == free_group[0] + 100
    service.kill()
    service.restart()
    assert service.port == free_group[0] + 100
    assert service.client().get("/api/hello").json()["yours"] is True


def test_second_service_over_the_same_data_does_not_start(make_service: MakeService) -> None:
    """It says where the first one is, which goes on."""
    service = make_service()
    with pytest.raises(AssertionError, match=f"already running at {service.url}"):
        make_service(expected_errors=("not started",), DATA_DIR=service.data)
    assert service.client().get("/api/hello").json()["yours"] is True
