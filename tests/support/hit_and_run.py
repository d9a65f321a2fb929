"""Another OS user who sends requests and is gone before anybody can look who it was.

Run as root with the port and the bytes to send, as hexadecimal; becomes `nobody` first.
"""

from __future__ import annotations

import os
import pwd
import socket
import struct
import sys

ADDRESSES = ("127.0.0.1", "::1", "::ffff:127.0.0.1")
TIMES = 40
_AT_ONCE = struct.pack("ii", 1, 0)


def send(port: int, address: str, data: bytes, *, is_reset: bool) -> None:
    """Send and close, in order or by a reset."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as connection:
        if is_reset:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
        connection.connect((address, port))
        connection.sendall(data)


def main() -> None:
    """Send as often as it takes to be quicker than the service some of the time."""
    user = pwd.getpwnam("nobody")
    os.setgroups([])
    os.setgid(user.pw_gid)
    os.setuid(user.pw_uid)
    port, data = int(sys.argv[1]), bytes.fromhex(sys.argv[2])
    for _ in range(TIMES):
        for address in ADDRESSES:
            send(port, address, data, is_reset=False)
            send(port, address, data, is_reset=True)


if __name__ == "__main__":
    main()
