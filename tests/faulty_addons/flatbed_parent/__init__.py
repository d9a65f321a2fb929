"""An add-on that leaves children behind: in its group, in sessions of their own, and orphans."""

from __future__ import annotations

import os
import subprocess
import sys

from flatbed.addon import hookimpl

_CHILD = "import signal; [signal.signal(each, signal.SIG_IGN) for each in (1, 2, 15)]; "
_WAIT = _CHILD + "print('here', flush=True); signal.pause()"
_ORPHAN = (
    "import subprocess, sys; "
    f"child = subprocess.Popen([sys.executable, '-c', {_WAIT!r}, 'left-behind'],"
    " stdout=subprocess.PIPE, start_new_session=True); child.stdout.readline()"
)


@hookimpl
def process_page(operation: str) -> dict[str, int]:
    """Start children and forget them."""
    for leads in (False, True):
        child = subprocess.Popen(
            [sys.executable, "-c", _WAIT, "left-behind"],
            stdout=subprocess.PIPE,
            start_new_session=leads,
        )
        assert child.stdout is not None
        child.stdout.readline()
    subprocess.run([sys.executable, "-c", _ORPHAN], check=True)
    if operation == "die-with-children":
        os.abort()
    return {"children": 3}
