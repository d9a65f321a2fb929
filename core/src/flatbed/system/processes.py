"""Processes: who they are after a restart, and how they and their children are ended."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from flatbed.errors import InvalidInputError, UnsupportedSystemError
from flatbed.system.posix import need_posix

PROC = Path("/proc")
_BOOT_ID = PROC / "sys/kernel/random/boot_id"


def own_uid() -> int:
    """The user that this process acts as, the one whom files and peers must belong to."""
    need_posix("numbers of users")
    return os.geteuid()


def own_user_name() -> str:
    """The name of that user, as the system knows it and no variable claims; else its number."""
    uid = own_uid()
    import pwd  # noqa: PLC0415 - only POSIX has it

    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


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


@dataclass(frozen=True)
class _Stat:
    pid: int
    state: str
    parent: int
    group: int
    session: int
    started: int


def _read_stat(pid: int) -> _Stat | None:
    if not _BOOT_ID.exists():
        raise UnsupportedSystemError.of("start times of processes")
    try:
        text = (PROC / str(pid) / "stat").read_text("utf-8", "replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The name in brackets may hold blanks and brackets; the numbers come after the last one.
    fields = text.rpartition(")")[2].split()
    numbers = [int(field) for field in (fields[1], fields[2], fields[3], fields[19])]
    return _Stat(pid, fields[0], *numbers)


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
        for each in every_stat()
    ):
        return False
    os.killpg(leader.pid, number)
    return True


def every_stat() -> Iterator[_Stat]:
    for entry in PROC.iterdir():
        if entry.name.isdigit() and (found := _read_stat(int(entry.name))):
            yield found
