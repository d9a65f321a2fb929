"""The one line that strangers get: what this is, and whether it is theirs."""

from __future__ import annotations

from typing import Literal

import msgspec

from flatbed.http.base import ApiHandler
from flatbed.http.contract import CONTRACT_VERSION, core_version
from flatbed.http.guard import RouteFacts
from flatbed.http.routes import Operation, Route


class Hello(msgspec.Struct):
    """What the service is, for pages and programs that look for it.

    `yours` tells whether it runs for the OS user who asks, granted or not.
    """

    service: Literal["flatbed"]
    version: str
    contract: str
    yours: bool


class HelloHandler(ApiHandler):
    """Answers everybody, with nothing but `Hello`."""

    async def get(self) -> None:
        """Say what this is."""
        yours = self.caller.is_ours
        self.write_json(Hello("flatbed", core_version(), CONTRACT_VERSION, yours))


def hello_route() -> Route:
    """`GET /api/hello`."""
    operation = Operation(
        summary="Say what this is, and whether it is yours",
        answers={200: Hello},
        facts=RouteFacts(open_to_strangers=True, open_to_origins=True),
    )
    return Route("/api/hello", HelloHandler, {"GET": operation})
