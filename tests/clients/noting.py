"""Writes down which methods of a client were called, and with which of their parameters."""

from __future__ import annotations

import inspect
from typing import Any

_MAKING = "__init__"


class Calls:
    """Clients of one kind, and all that was called of any of them.

    Args:
        kind: The client's class, which stays as it is.
    """

    def __init__(self, kind: Any) -> None:
        self._kind = kind
        self._called: dict[str, set[str]] = {}

    @property
    def public(self) -> dict[str, list[str]]:
        """The parameters of everything that the class has for others, its making among it."""
        members = inspect.getmembers(self._kind, inspect.isfunction)
        return {
            name: sorted(set(inspect.signature(each).parameters) - {"self"})
            for name, each in members
            if name == _MAKING or not name.startswith("_")
        }

    @property
    def called(self) -> dict[str, list[str]]:
        """In the form of `public`, what was called so far."""
        return {name: sorted(parameters) for name, parameters in sorted(self._called.items())}

    def make(self, **options: Any) -> Any:
        """A client of that kind."""
        self.note(_MAKING, options)
        return Noted(self._kind(**options), self)

    def note(self, name: str, parameters: Any) -> None:
        """Write down one call."""
        self._called.setdefault(name, set()).update(parameters)


class Noted:
    """One client; its methods and attributes are its own."""

    def __init__(self, client: Any, calls: Calls) -> None:
        self._client, self._calls = client, calls

    def __enter__(self) -> Noted:
        self._client.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._client.__exit__(*error)

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._client, name)
        if not inspect.ismethod(found):
            return found

        def call(*positional: Any, **named: Any) -> Any:
            bound = inspect.signature(found).bind(*positional, **named)
            self._calls.note(name, bound.arguments)
            return found(*positional, **named)

        return call
