"""All that differs between operating systems: processes, limits, locks, folders, environment.

Linux has everything. macOS has what the same POSIX calls give; what it lacks here, and what Windows
lacks, is an `UnsupportedSystemError` that names it. Workers import this module: nothing slow here.
"""

from __future__ import annotations

import ctypes
import os
import signal
import stat
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from flatbed.errors import FolderError, InvalidInputError, UnsupportedSystemError

if sys.platform != "win32":
    import fcntl
    import resource

_IS_POSIX = os.name == "posix"
_PROC = Path("/proc")
_BOOT_ID = _PROC / "sys/kernel/random/boot_id"

_SYNC_FILE_RANGE_WRITE = 2


def _find_sync_file_range() -> Callable[[int, int, int, int], int] | None:
    """sync_file_range(2), which only Linux has, and Python has not."""
    found = getattr(ctypes.CDLL(None), "sync_file_range", None) if _IS_POSIX else None
    if found is not None:
        found.argtypes = (ctypes.c_int, ctypes.c_int64, ctypes.c_int64, ctypes.c_uint)
    return found


_sync_file_range = _find_sync_file_range()

_WORKER_VARIABLES = frozenset(
    {"PATH", "HOME", "USER", "LOGNAME", "LANG", "LANGUAGE", "TZ", "TMPDIR", "VIRTUAL_ENV"}
    | {"LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TESSDATA_PREFIX", "OMP_THREAD_LIMIT"}
    | {"PYTHONPATH", "PYTHONHOME", "PYTHONUTF8", "PYTHONIOENCODING", "PYTHONNOUSERSITE"}
    | {"PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX", "PYTHONHASHSEED", "PYTHONWARNINGS"}
    # Without these no process starts on Windows.
    | {"SYSTEMROOT", "SYSTEMDRIVE", "TEMP", "TMP", "USERPROFILE", "APPDATA", "LOCALAPPDATA"}
)
_WORKER_PREFIXES = ("LC_", "SANE_", "XDG_", "PYINSANE_")


def own_uid() -> int:
    """The user that this process acts as, the one whom files and peers must belong to."""
    _need_posix("numbers of users")
    return os.geteuid()


@dataclass(frozen=True)
class ProcessIdentity:
    """One process and no other, even after its pid has been given to a new one.

    Attributes:
        pid: Its number.
        started: When it started, in clock ticks since the boot.
        boot_id: Which boot of the machine that was.
    """

    pid: int
    started: int
    boot_id: str

    @classmethod
    def of(cls, pid: int) -> Self:
        """The identity of a process that is there now.

        Raises:
            ProcessLookupError: If there is none with this number.
        """
        found = _read_stat(pid)
        if found is None:
            raise ProcessLookupError(f"there is no process {pid}")
        return cls(pid, found.started, _read_boot_id())

    @classmethod
    def current(cls) -> Self:
        """The identity of this very process."""
        return cls.of(os.getpid())

    def to_wire(self) -> dict[str, Any]:
        """What a lock file holds; see `from_wire`."""
        return asdict(self)

    @classmethod
    def from_wire(cls, wire: Mapping[str, Any]) -> Self:
        """The identity that `to_wire` described; other keys are left alone.

        Raises:
            InvalidInputError: If a part is missing or of another type.
        """
        pid, started, boot_id = wire.get("pid"), wire.get("started"), wire.get("boot_id")
        if isinstance(pid, int) and isinstance(started, int) and isinstance(boot_id, str):
            return cls(pid, started, boot_id)
        raise InvalidInputError("This does not name a process: pid, start or boot is missing.")

    def is_running(self) -> bool:
        """Whether this very process is alive; a zombie is not."""
        found = self._find()
        return found is not None and found.state not in "ZX"

    def _find(self) -> _Stat | None:
        found = _read_stat(self.pid)
        is_same = found and found.started == self.started and _read_boot_id() == self.boot_id
        return found if is_same else None


def terminate_group(identity: ProcessIdentity) -> bool:
    """Ask a process and its children to end (SIGTERM); see `kill_group`."""
    return _signal_group(identity, signal.SIGTERM)


def kill_group(identity: ProcessIdentity) -> bool:
    """End a process and its children at once (SIGKILL).

    Reaches the whole group of a process that leads one, and the process alone where it leads none.
    A leader that died before its children is no obstacle: what is left of its session is reached.

    Returns:
        Whether a signal was sent; never to a process that is not the one meant.
    """
    return _signal_group(identity, signal.SIGKILL)


def limit_memory(limit_mb: int) -> None:
    """Bound the address space of this process and its children to come.

    Args:
        limit_mb: In MiB; a lower limit that holds already stays.
    """
    _need_posix("memory limits")
    _set_limit(resource.RLIMIT_AS, limit_mb * 2**20)


def disable_core_dumps() -> None:
    """Keep the memory of this process, with pages and keys in it, from being written to disk."""
    _need_posix("limits of core dumps")
    # Linux hands a core to a program such as systemd-coredump whatever the limit, unless it is 1.
    _set_limit(resource.RLIMIT_CORE, 1)


def worker_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """The variables that a worker may see: what libraries need, no secrets, no display."""
    return {
        name: value
        for name, value in environ.items()
        if name in _WORKER_VARIABLES or name.startswith(_WORKER_PREFIXES)
    }


class FileLock:
    """A lock on a file that ends with its process, however that ends; the file stays.

    The file is made for its owner alone (0600), follows no symbolic link and is not inherited by
    programs that are started meanwhile. Its text can say who holds it.

    Args:
        path: The file; its folder must be there.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self._descriptor: int | None = None

    def acquire(self) -> bool:
        """Take the lock without waiting; False if somebody else has it."""
        _need_posix("file locks")
        while self._descriptor is None:
            descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
            if not _take(descriptor):
                os.close(descriptor)
                return False
            if _is_at(descriptor, self.path):
                self._descriptor = descriptor
            else:
                # The file was deleted between the opening and the lock: a lock that no one sees.
                os.close(descriptor)
        return True

    def release(self) -> None:
        """Give the lock back; nothing if it is not held."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def read(self) -> str:
        """The file's text, whoever holds the lock; empty if there is none (yet)."""
        try:
            return self.path.read_text("utf-8")
        except FileNotFoundError:
            return ""

    def write(self, text: str) -> None:
        """Replace the file's text and wait until it is on disk; only while the lock is held."""
        if self._descriptor is None:
            raise RuntimeError(f"{self.path} is written without its lock")
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, text.encode(), 0)
        os.fsync(self._descriptor)

    def __enter__(self) -> Self:
        if not self.acquire():
            raise BlockingIOError(f"{self.path} is locked by another process")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self.release()


def is_locked(path: str | os.PathLike[str]) -> bool:
    """Whether somebody, this process included, holds the `FileLock` of a file."""
    _need_posix("file locks")
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    except FileNotFoundError:
        return False
    try:
        return not _try_lock(descriptor, fcntl.LOCK_SH)
    finally:
        os.close(descriptor)


def sync_folder(path: str | os.PathLike[str]) -> None:
    """Wait until the names in a folder (new, renamed, deleted) are on disk."""
    _need_posix("syncing of folders")
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def start_writing_out(descriptor: int, offset: int, size: int) -> None:
    """Let the system begin to write a part of a file to the disk, so that its sync is short.

    Does nothing where the system has no call for it: the sync does it all then.
    """
    if _sync_file_range is not None:
        _sync_file_range(descriptor, offset, size, _SYNC_FILE_RANGE_WRITE)


def free_bytes(path: str | os.PathLike[str]) -> int:
    """How much this user can still write to the disk that a file or folder is on."""
    _need_posix("free space")
    found = os.statvfs(path)
    return found.f_bavail * found.f_frsize


def total_bytes(path: str | os.PathLike[str]) -> int:
    """How big the disk is that a file or folder is on."""
    _need_posix("size of disks")
    found = os.statvfs(path)
    return found.f_blocks * found.f_frsize


def own_folder(path: str | os.PathLike[str]) -> Path:
    """Make a folder, or take an existing one, that nobody but its owner may enter (0700).

    Missing folders above it are made the same way.

    Raises:
        FolderError: If it is a symbolic link, not a folder, somebody else's, or cannot be made.
    """
    _need_posix("rights of folders")
    folder = Path(path)
    try:
        for missing in reversed([each for each in (folder, *folder.parents) if not each.exists()]):
            missing.mkdir(0o700, exist_ok=True)
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError as error:
        raise FolderError.of(folder, f"cannot be used ({error.strerror})") from error
    try:
        _tighten(descriptor, folder)
    finally:
        os.close(descriptor)
    return folder


def user_data_folder() -> Path:
    """Where the system keeps a user's data; it need not be there yet."""
    import platformdirs  # noqa: PLC0415 - workers do without it

    return Path(platformdirs.user_data_dir("flatbed", appauthor=False))


def user_config_folder() -> Path:
    """Where the system keeps a user's configuration; it need not be there yet."""
    import platformdirs  # noqa: PLC0415 - workers do without it

    return Path(platformdirs.user_config_dir("flatbed", appauthor=False))


def _need_posix(what: str) -> None:
    if not _IS_POSIX:
        raise UnsupportedSystemError.of(what)


@dataclass(frozen=True)
class _Stat:
    state: str
    group: int
    session: int
    started: int


def _read_stat(pid: int) -> _Stat | None:
    if not _BOOT_ID.exists():
        raise UnsupportedSystemError.of("start times of processes")
    try:
        text = (_PROC / str(pid) / "stat").read_text("utf-8", "replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The name in brackets may hold blanks and brackets; the numbers come after the last one.
    fields = text.rpartition(")")[2].split()
    return _Stat(fields[0], int(fields[2]), int(fields[3]), int(fields[19]))


def _read_boot_id() -> str:
    return _BOOT_ID.read_text("ascii").strip()


def _signal_group(identity: ProcessIdentity, number: signal.Signals) -> bool:
    found = identity._find()  # noqa: SLF001 - the other half of the same thing
    try:
        if found is None:
            return _signal_orphans(identity, number)
        if found.group == identity.pid:
            os.killpg(identity.pid, number)
        else:
            os.kill(identity.pid, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def _signal_orphans(leader: ProcessIdentity, number: signal.Signals) -> bool:
    """Reach what a dead leader left: the system keeps its number reserved while its group lives."""
    if _read_stat(leader.pid) or _read_boot_id() != leader.boot_id:
        return False
    if not any(
        each.group == each.session == leader.pid and each.started >= leader.started
        for each in _every_stat()
    ):
        return False
    os.killpg(leader.pid, number)
    return True


def _every_stat() -> Iterator[_Stat]:
    for entry in _PROC.iterdir():
        if entry.name.isdigit() and (found := _read_stat(int(entry.name))):
            yield found


def _set_limit(kind: int, wanted: int) -> None:
    hard = resource.getrlimit(kind)[1]
    limit = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(kind, (limit, limit))


def _take(descriptor: int) -> bool:
    while not _try_lock(descriptor, fcntl.LOCK_EX):
        if not _try_lock(descriptor, fcntl.LOCK_SH):
            return False
        # Nobody holds it: a mere look by `is_locked` was in the way for an instant.
        fcntl.flock(descriptor, fcntl.LOCK_UN)
    return True


def _try_lock(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_at(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.lstat())
    except FileNotFoundError:
        return False


def _tighten(descriptor: int, folder: Path) -> None:
    found = os.fstat(descriptor)
    if found.st_uid != own_uid():
        raise FolderError.of(folder, "belongs to another user")
    if stat.S_IMODE(found.st_mode) != 0o700:
        os.fchmod(descriptor, 0o700)
