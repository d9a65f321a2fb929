"""The same service with more doors, each of which lacks the guard of one route.

Prints what the launcher prints, and after it one line of JSON: the port of each door by the path of
its unguarded route.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

from flatbed.http.application import route_table
from flatbed.http.guard import Caller, Guard
from flatbed.http.guarded import GuardedHandler
from flatbed.http.routes import FlatbedApplication, Operation, Route, build_application
from flatbed.http.server import FlatbedServer, listen_on_loopback
from flatbed.service import Service

from .launcher import READY, start, wait_for_the_end


class Door:
    """A listening server over the parts of a service, one of whose routes is unguarded."""

    def __init__(self, service: Service, path: str) -> None:
        routes = [_without_guard(each) if each.path == path else each for each in route_table()]
        guard = Guard(lambda: frozenset({self.port}), service._grants)
        self._server = FlatbedServer(_application(service, routes, guard))
        self.port = listen_on_loopback(self._server, 0)

    def close(self) -> None:
        """Stop listening."""
        self._server.stop()
        self._server.close_connections()


def _application(service: Service, routes: list[Route], guard: Guard) -> FlatbedApplication:
    return build_application(routes, service._application.services, guard)


def _without_guard(route: Route) -> Route:
    def admit(self: GuardedHandler) -> Operation:
        self._caller = Caller("local", is_local=True)
        self._readable_by = self.request.headers.get("Origin")
        return self.find_operation()

    return replace(route, handler=type("Unguarded", (route.handler,), {"admit": admit}))


async def serve() -> None:
    """Run the service and its doors until the end."""
    service = await start()
    assert service is not None
    doors = {route.path: Door(service, route.path) for route in route_table()}
    print(f"{READY}{service.url}")
    print(json.dumps({path: door.port for path, door in doors.items()}), flush=True)
    await wait_for_the_end()
    for door in doors.values():
        door.close()
    await service.stop()


def main() -> None:
    """The program."""
    asyncio.run(serve())


if __name__ == "__main__":
    main()
