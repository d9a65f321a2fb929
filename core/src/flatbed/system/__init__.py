"""All that differs between operating systems: processes, limits, locks, folders, environment.

Linux has everything. macOS has what the same POSIX calls give; what it lacks here, and what Windows
lacks, is an `UnsupportedSystemError` that names it. Workers import it: nothing slow here.
"""

from __future__ import annotations

from flatbed.system.disks import (
    free_bytes,
    memory_file,
    own_folder,
    start_writing_out,
    sync_folder,
    take_room,
    total_bytes,
    user_config_folder,
    user_data_folder,
)
from flatbed.system.families import (
    WORKER_MARK,
    adopt_orphans,
    end_own_children,
    kill_family,
    own_children,
)
from flatbed.system.last_resort import LastResort
from flatbed.system.limits import disable_core_dumps, limit_memory, worker_environment
from flatbed.system.locks import FileLock, is_locked
from flatbed.system.processes import (
    ProcessIdentity,
    kill_group,
    own_uid,
    own_user_name,
    terminate_group,
)

__all__ = [
    "WORKER_MARK",
    "FileLock",
    "LastResort",
    "ProcessIdentity",
    "adopt_orphans",
    "disable_core_dumps",
    "end_own_children",
    "free_bytes",
    "is_locked",
    "kill_family",
    "kill_group",
    "limit_memory",
    "memory_file",
    "own_children",
    "own_folder",
    "own_uid",
    "own_user_name",
    "start_writing_out",
    "sync_folder",
    "take_room",
    "terminate_group",
    "total_bytes",
    "user_config_folder",
    "user_data_folder",
    "worker_environment",
]
