"""What a worker may have: memory, no core dumps, a few variables."""

from __future__ import annotations

import sys
from collections.abc import Mapping

from flatbed.system.posix import need_posix

if sys.platform != "win32":
    import resource

_WORKER_VARIABLES = frozenset(
    {"PATH", "HOME", "USER", "LOGNAME", "LANG", "LANGUAGE", "TZ", "TMPDIR", "VIRTUAL_ENV"}
    | {"LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TESSDATA_PREFIX", "OMP_THREAD_LIMIT"}
    | {"PYTHONPATH", "PYTHONHOME", "PYTHONUTF8", "PYTHONIOENCODING", "PYTHONNOUSERSITE"}
    | {"PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX", "PYTHONHASHSEED", "PYTHONWARNINGS"}
    # Without these no process starts on Windows.
    | {"SYSTEMROOT", "SYSTEMDRIVE", "TEMP", "TMP", "USERPROFILE", "APPDATA", "LOCALAPPDATA"}
)
_WORKER_PREFIXES = ("LC_", "SANE_", "XDG_", "PYINSANE_")


def limit_memory(limit_mb: int) -> None:
    """Bound the address space of this process and its children to come.

    Args:
        limit_mb: In MiB; a lower limit that holds already stays.
    """
    need_posix("memory limits")
    _set_limit(resource.RLIMIT_AS, limit_mb * 2**20)


def disable_core_dumps() -> None:
    """Keep the memory of this process, with pages and keys in it, from being written to disk."""
    need_posix("limits of core dumps")
    # Linux hands a core to a program such as systemd-coredump whatever the limit, unless it is 1.
    _set_limit(resource.RLIMIT_CORE, 1)


def worker_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """The variables that a worker may see: what libraries need, no secrets, no display."""
    return {
        name: value
        for name, value in environ.items()
        if name in _WORKER_VARIABLES or name.startswith(_WORKER_PREFIXES)
    }


def _set_limit(kind: int, wanted: int) -> None:
    hard = resource.getrlimit(kind)[1]
    limit = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(kind, (limit, limit))
