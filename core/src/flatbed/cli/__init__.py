"""The command line: `flatbed` and its commands."""

from __future__ import annotations

import signal
import sys
from typing import Any, NoReturn


def main() -> NoReturn:
    """Do what the arguments of this process ask for, and end it; see `failures.ExitCode`."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _leave)
    # Loaded only now, so that Ctrl-C ends the loading without a traceback too.
    from flatbed.cli.app import run_app  # noqa: PLC0415

    sys.exit(run_app())


def _leave(*_: Any) -> NoReturn:
    sys.exit(130)
