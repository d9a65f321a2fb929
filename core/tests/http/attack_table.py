"""Every attack that the guard must stop, sent over the wire to any route of a running service.

`AttackTable.attack_routes` walks a whole route table, `attack_route` takes one verb of one route.
Beside the attacks stand their twins, the same requests without what makes them attacks: those must
succeed, so a service that refuses everything passes no table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TypeAlias
from urllib.parse import urlsplit

from flatbed.http.routes import Route

from .attack_cases import Case, Subject
from .raw import Answer, Client, Request
from .stranger import can_become_stranger, send_as_stranger

Path: TypeAlias = str | Callable[[], str]
"""A path with real ids, or what makes a fresh one: a deleted job cannot be deleted again."""


@dataclass(frozen=True)
class Example:
    """A valid request for one verb of one route.

    What it names must belong to the granted origin: to that origin another's is not there, while
    local callers see everything.
    """

    path: Path
    body: bytes = b""

    def fresh_path(self) -> str:
        """A path on which the verb succeeds once."""
        return self.path if isinstance(self.path, str) else self.path()


@dataclass(frozen=True)
class Row:
    """What came of a case.

    Attributes:
        has_leaked: A page that may not read the answer could read it.
        has_changed: An attack was refused, and something changed all the same.
    """

    route: str
    verb: str
    attack: str
    expected: tuple[int, ...]
    got: int
    has_leaked: bool = False
    has_changed: bool = False

    @property
    def is_right(self) -> bool:
        """Whether the guard did its part."""
        return self.got in self.expected and not self.has_leaked and not self.has_changed


@dataclass(frozen=True)
class AttackTable:
    """The attacks on one running service.

    Attributes:
        base_url: Such as `http://127.0.0.1:18622`.
        granted_origin: A web origin of https with a grant, but without `compat`.
        observe: What no attack may change; compared before and after each.
        has_stranger: Attack as another OS user too; only root can.
    """

    base_url: str
    granted_origin: str
    observe: Callable[[], object] = lambda: None
    has_stranger: bool = field(default_factory=can_become_stranger)

    def attack_routes(
        self, routes: Sequence[Route], examples: Mapping[tuple[str, str], Example]
    ) -> list[Row]:
        """Attack every verb of every route.

        Args:
            routes: The route table.
            examples: By (path template, verb); a verb without one is a `KeyError`.
        """
        return [
            row
            for route in routes
            for verb in route.operations
            for row in self.attack_route(
                route, verb, examples[route.path, verb].path, examples[route.path, verb].body
            )
        ]

    def attack_route(
        self, route: Route, verb: str, example_path: Path, example_body: bytes = b""
    ) -> list[Row]:
        """Attack one verb of one route, and send the twins after that.

        Args:
            route: The row of the route table.
            verb: One of its operations.
            example_path: With real ids; attacks share one, each twin gets a fresh one.
            example_body: A valid body, JSON unless the route takes octets alone.
        """
        example = Example(example_path, example_body)
        operation = route.operations[verb]
        subject = Subject(self.port, self.granted_origin, operation, verb, example_body)
        cases = [case for case in subject.cases() if self.has_stranger or not case.by_stranger]
        strangers = [case for case in cases if case.by_stranger]
        attacks = [case for case in cases if case.is_attack and not case.by_stranger]
        twins = [case for case in cases if not case.is_attack and not case.by_stranger]
        shared = example.fresh_path()
        with Client(self.port) as client:
            run = partial(self._run, client, route, verb, body=example_body)
            rows = run(strangers, [shared] * len(strangers)) if strangers else []
            for case in attacks:
                rows += run([case], [shared])
            for case in twins:
                rows += run([case], [example.fresh_path()])
        return rows

    @property
    def port(self) -> int:
        """Where the service listens."""
        return urlsplit(self.base_url).port or 0

    def _run(
        self,
        client: Client,
        route: Route,
        verb: str,
        cases: Sequence[Case],
        paths: Sequence[str],
        *,
        body: bytes,
    ) -> list[Row]:
        requests = [
            Request(
                each.verb or verb,
                path,
                each.headers,
                b"" if each.verb else body,
                address=each.address,
            )
            for each, path in zip(cases, paths, strict=True)
        ]
        before = self.observe()
        if cases[0].by_stranger:
            answers = send_as_stranger(self.port, requests)
        else:
            answers = [client.send(request) for request in requests]
        has_changed = self.observe() != before
        return [
            Row(
                route.path,
                case.verb or verb,
                case.name,
                case.expected,
                answer.status,
                has_leaked=case.is_attack and not self._may_read(answer),
                has_changed=case.is_attack and has_changed,
            )
            for case, answer in zip(cases, answers, strict=True)
        ]

    def _may_read(self, answer: Answer) -> bool:
        return answer.header("Access-Control-Allow-Origin") in (None, self.granted_origin)


def describe(rows: Sequence[Row]) -> str:
    """The rows that are not right, one a line, for the message of an assertion."""
    return "\n".join(str(row) for row in rows if not row.is_right)
