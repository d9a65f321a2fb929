"""Which hooks a module implements, found out in a process of its own.

Run as `python -m flatbed.authoring.implemented MODULE MEMORY_MB PATH...`; it prints a JSON list.
"""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys

from flatbed import system
from flatbed.errors import WorkerCrashedError
from flatbed.runtime.addons import Addon

_LIMIT_S = 60
_MARK = "hooks: "


def implemented_hooks(addon: Addon) -> set[str]:
    """The hooks that an add-on implements.

    Raises:
        WorkerCrashedError: If it cannot be imported; `trace` in the details says why.
    """
    command = [sys.executable, "-m", __name__, addon.module]
    command += [str(addon.manifest.memory_mb), *addon.paths]
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            errors="replace",
            env=system.worker_environment(os.environ),
            timeout=_LIMIT_S,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise WorkerCrashedError(f"Importing it took longer than {_LIMIT_S} s.") from error
    _, mark, said = done.stdout.rpartition(_MARK)
    if done.returncode != 0 or not mark:
        last = (done.stderr.strip().splitlines() or [f"it ended with {done.returncode}"])[-1]
        raise WorkerCrashedError(f"It cannot be imported: {last}", trace=done.stderr)
    return set(json.loads(said.partition("\n")[0]))


def _main() -> None:
    module, memory_mb, *paths = sys.argv[1:]
    system.limit_memory(int(memory_mb))
    sys.path[:0] = paths
    found = importlib.import_module(module)
    names = [name for name in dir(found) if hasattr(getattr(found, name), "flatbed_impl")]
    print(f"{_MARK}{json.dumps(names)}")  # noqa: T201 - it is read by our parent


if __name__ == "__main__":
    _main()
