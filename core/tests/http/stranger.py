"""A second OS user who sends requests: run as root, becomes `nobody`, then connects.

The interpreter may stand where `nobody` cannot start it, so the process changes its user itself;
the system takes a socket's owner from the process at the moment it makes the socket.
"""

from __future__ import annotations

import base64
import json
import os
import pwd
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .raw import Answer, Request, connect, send

USER = "nobody"
_ROOT = Path(__file__).parents[3]
_LIMIT_S = 60


def can_become_stranger() -> bool:
    """Whether this process may run programs as another user."""
    return hasattr(os, "geteuid") and os.geteuid() == 0


def nobody_uid() -> int:
    """The number of that user."""
    return pwd.getpwnam(USER).pw_uid


def send_as_stranger(port: int, requests: Sequence[Request]) -> list[Answer]:
    """Send requests as another OS user, each on a connection of its own."""
    asked = {"port": port, "requests": [_to_wire(each) for each in requests]}
    with run_as_stranger("send", stdin=subprocess.PIPE, stdout=subprocess.PIPE) as stranger:
        printed, _ = stranger.communicate(json.dumps(asked).encode(), timeout=_LIMIT_S)
    assert stranger.returncode == 0, "the other user's process failed"
    return [
        Answer(status, tuple((name, value) for name, value in headers), base64.b64decode(body))
        for status, headers, body in json.loads(printed)
    ]


def run_as_stranger(what: str, *arguments: object, **options: Any) -> subprocess.Popen[bytes]:
    """Start this module as another OS user, to `send` or to `connect`."""
    command = [sys.executable, "-m", "core.tests.http.stranger", what, *map(str, arguments)]
    return subprocess.Popen(command, cwd=_ROOT, **options)


def _to_wire(request: Request) -> list[object]:
    body = base64.b64encode(request.body).decode()
    return [request.verb, request.path, request.headers, body, request.version, request.address]


def _from_wire(wire: list[Any]) -> Request:
    verb, path, headers, body, version, address = wire
    pairs = tuple((name, value) for name, value in headers)
    return Request(verb, path, pairs, base64.b64decode(body), version, address=address)


def _send() -> None:
    asked = json.load(sys.stdin)
    answers = [send(asked["port"], _from_wire(each)) for each in asked["requests"]]
    json.dump(
        [[each.status, each.headers, base64.b64encode(each.body).decode()] for each in answers],
        sys.stdout,
    )


def _connect(port: str, address: str) -> None:
    with connect(int(port), address) as connection:
        # Stays until the other side has looked and closes.
        connection.recv(1)


def _become_stranger() -> None:
    user = pwd.getpwnam(USER)
    os.setgroups([])
    os.setgid(user.pw_gid)
    os.setuid(user.pw_uid)


if __name__ == "__main__":
    _become_stranger()
    if sys.argv[1] == "send":
        _send()
    else:
        _connect(sys.argv[2], sys.argv[3])
