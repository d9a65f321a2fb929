"""What libraries print: kept from the pipe to main, handed on as far as anybody can read it."""

from __future__ import annotations

import os
import subprocess
import sys
import threading

import pytest

from flatbed.runtime import chatter

LIMIT_S = 30
PRINTING = """
import os, subprocess, sys
from flatbed.runtime import chatter
source, output, printed = chatter.move_standard_streams()
print("by print", flush=True)
os.write(1, b"by write\\n")
os.write(2, b"by error\\n")
subprocess.run([sys.executable, "-c", "print('by child')"])
output.write(b"message " + source.read() + b"|" + os.read(0, 1) + b"|" + os.read(printed, 1000))
output.flush()
"""


def collect(*pieces: bytes) -> list[str]:
    """What is handed on of pieces that are printed, the last of which is END."""
    read_end, write_end = os.pipe()
    sent: list[str] = []
    done = threading.Event()

    def send(text: str) -> None:
        sent.append(text)
        if text.endswith("END"):
            done.set()

    chatter.forward(read_end, send)
    for piece in pieces:
        os.write(write_end, piece)
    os.close(write_end)
    assert done.wait(LIMIT_S)
    return sent


def test_standard_streams_are_moved_out_of_the_reach_of_prints() -> None:
    """Python's print, a library's write, and a child's: none of them comes between messages."""
    done = subprocess.run(
        [sys.executable, "-c", PRINTING], input=b"from main", capture_output=True, check=True
    )
    assert done.stdout == b"message from main||by print\nby write\nby error\nby child\n"
    assert done.stderr == b""


def test_printed_lines_are_handed_on() -> None:
    """Whatever bytes they are."""
    assert "".join(collect(b"caf\xe9 END")) == "caf\ufffd END"


def test_flood_of_prints_is_dropped_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """16 KiB a second go on; a library in debug mode must fill neither the log nor the pipe."""
    printed = [
        (100.0, b"x" * 16_000),
        (100.2, b"y" * 1_000),
        (100.9, b"z" * 65_536),
        (100.9, b"short"),
        (101.5, b"END"),
        (101.6, b""),
    ]
    now = [100.0]
    sent: list[str] = []

    class Clock:
        def monotonic(self) -> float:
            return now[0]

    def read(_: int, __: int) -> bytes:
        now[0], data = printed.pop(0)
        return data

    with monkeypatch.context() as patch:
        patch.setattr(chatter, "time", Clock())
        patch.setattr(os, "read", read)
        chatter._forward(0, sent.append)
    assert sent == ["x" * 16_000, "(66536 bytes more were printed)", "short", "END"]
