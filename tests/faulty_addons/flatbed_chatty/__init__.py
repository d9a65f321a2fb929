"""An add-on that prints wherever it can, and into its own pipe to the service."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
import threading
from pathlib import Path

from flatbed.addon import hookimpl

_LINE = b"libchatty: the lamp is warm, the glass is clean, the sheet is white\n"

print("libchatty 0.9 says hello")
os.write(1, _LINE)
os.write(2, _LINE)


@hookimpl
def process_page(operation: str) -> dict[str, int]:
    """Print from Python, from C and from a child; or write over the messages."""
    if operation == "scribble":
        _scribble()
    for _ in range(2000):
        sys.stdout.write(_LINE.decode())
        os.write(1, _LINE)
    library = ctypes.CDLL(None)
    library.puts(_LINE)
    library.fflush(None)
    subprocess.run(["/bin/echo", "hello from a child"], check=True)
    return {"printed": 4002}


def _scribble() -> None:
    for descriptor in range(3, 32):
        name = Path(f"/proc/self/fd/{descriptor}")
        if name.exists() and str(name.readlink()).startswith("pipe:"):
            try:
                os.write(descriptor, _LINE)
            except OSError:
                continue  # the end that is read from
    threading.Event().wait()
