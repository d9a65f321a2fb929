"""Processes, locks, limits and folders, tried on real ones."""

from __future__ import annotations

import os
import select
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from flatbed import system
from flatbed.errors import FolderError, InvalidInputError, UnsupportedSystemError
from flatbed.system import FileLock, ProcessIdentity, is_locked

LIMIT_S = 20
Act = Callable[[ProcessIdentity], bool]
WAITING = "import sys; print('up'); sys.stdin.read()"
WITH_CHILD = (
    "import subprocess, sys\n"
    "other = subprocess.Popen([sys.executable, '-c', 'import sys; sys.stdin.read()'])\n"
    "print(other.pid)\n"
    "sys.stdin.read()"
)
LOCKING = (
    "import sys; from flatbed.system import FileLock\n"
    "with FileLock(sys.argv[1]): print('locked'); sys.stdin.read()"
)


@contextmanager
def python(code: str, *arguments: str, leads: bool = True) -> Iterator[subprocess.Popen[str]]:
    """A process that runs a piece of Python, killed afterwards."""
    process = subprocess.Popen(
        [sys.executable, "-u", "-c", code, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=leads,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def say(process: subprocess.Popen[str]) -> str:
    """The next line that a process prints."""
    assert process.stdout is not None
    return process.stdout.readline().strip()


def die_unreaped(process: subprocess.Popen[str]) -> None:
    """Kill a child and leave it a zombie."""
    process.kill()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)


@contextmanager
def expected_end(pid: int) -> Iterator[None]:
    """Hold that a process, ours or not, ends because of what the block does."""
    descriptor = os.pidfd_open(pid)
    try:
        yield
        assert select.select([descriptor], [], [], LIMIT_S)[0], f"process {pid} goes on"
    finally:
        os.close(descriptor)


def test_current_process_is_running() -> None:
    """The identity of this process names its pid and holds while it lives."""
    identity = ProcessIdentity.current()
    assert identity.pid == os.getpid()
    assert identity.is_running()


def test_identity_of_a_missing_process_says_so() -> None:
    """A child that has been reaped is not there."""
    with python(WAITING) as process:
        process.kill()
        process.wait(LIMIT_S)
        with pytest.raises(ProcessLookupError):
            ProcessIdentity.of(process.pid)


def test_identity_of_a_dead_process_is_not_running() -> None:
    """Neither as a zombie nor after it has been reaped."""
    with python(WAITING) as process:
        say(process)
        identity = ProcessIdentity.of(process.pid)
        assert identity.is_running()
        die_unreaped(process)
        assert not identity.is_running()
        process.wait(LIMIT_S)
        assert not identity.is_running()


@pytest.mark.parametrize(
    ("started", "boot_id"), [(1, None), (None, "another boot")], ids=["reused pid", "other boot"]
)
@pytest.mark.parametrize("act", [system.terminate_group, system.kill_group])
def test_another_process_with_this_pid_is_left_alone(
    started: int | None, boot_id: str | None, act: Act
) -> None:
    """A pid whose start or boot differs is a stranger: not running, and no signal reaches it."""
    with python(WAITING) as process:
        say(process)
        true = ProcessIdentity.of(process.pid)
        stranger = ProcessIdentity(true.pid, started or true.started, boot_id or true.boot_id)
        assert not stranger.is_running()
        assert not act(stranger)
        assert ProcessIdentity.of(process.pid).is_running()
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(LIMIT_S) == 0


def test_process_name_with_brackets_is_understood() -> None:
    """The name in the process table is text from outside; it cannot shift the numbers."""
    rename = "open('/proc/self/comm', 'w').write('x) Z 1 (y'); " + WAITING
    with python("import sys; " + rename) as process:
        say(process)
        assert ProcessIdentity.of(process.pid).is_running()
        assert ProcessIdentity.of(process.pid).started >= ProcessIdentity.current().started


def test_identity_survives_the_wire() -> None:
    """What a lock file holds gives the same identity back, whatever else stands beside it."""
    identity = ProcessIdentity(17, 4711, "b00t")
    assert identity.to_wire() == {"pid": 17, "started": 4711, "boot_id": "b00t"}
    assert ProcessIdentity.from_wire(identity.to_wire() | {"ports": [18622]}) == identity


@pytest.mark.parametrize(
    "wire",
    [{}, {"pid": 17, "started": 4711}, {"pid": "17", "started": 4711, "boot_id": "b"}],
    ids=["empty", "part", "text for a number"],
)
def test_identity_of_broken_wire_is_refused(wire: dict[str, object]) -> None:
    """Half a lock file names no process."""
    with pytest.raises(InvalidInputError):
        ProcessIdentity.from_wire(wire)


@pytest.mark.parametrize(
    ("act", "status"),
    [(system.terminate_group, -15), (system.kill_group, -9)],
    ids=["terminate", "kill"],
)
def test_signal_reaches_the_children_too(act: Act, status: int) -> None:
    """A worker's tesseract must not go on when the worker is ended."""
    with python(WITH_CHILD) as process:
        grandchild = int(say(process))
        with expected_end(grandchild):
            assert act(ProcessIdentity.of(process.pid))
        assert process.wait(LIMIT_S) == status


@pytest.mark.parametrize("is_reaped", [False, True], ids=["zombie", "reaped"])
def test_kill_of_a_dead_leader_reaches_its_children(is_reaped: bool) -> None:  # noqa: FBT001
    """A worker that crashed leaves its tesseract, which is found by the group's number."""
    with python(WITH_CHILD) as process:
        grandchild = int(say(process))
        identity = ProcessIdentity.of(process.pid)
        die_unreaped(process)
        if is_reaped:
            process.wait(LIMIT_S)
        with expected_end(grandchild):
            assert system.kill_group(identity)


def test_kill_of_a_dead_group_signals_nothing() -> None:
    """Nobody is left, so no number is signalled that may soon be another's."""
    with python(WAITING) as process:
        say(process)
        identity = ProcessIdentity.of(process.pid)
        process.kill()
        process.wait(LIMIT_S)
    assert not system.kill_group(identity)


def test_kill_spares_an_older_group_of_the_same_number() -> None:
    """What was there before the process meant had started cannot be what it left."""
    with python(WITH_CHILD) as process:
        grandchild = int(say(process))
        true = ProcessIdentity.of(process.pid)
        process.kill()
        process.wait(LIMIT_S)
        later = ProcessIdentity(true.pid, true.started + 1_000_000, true.boot_id)
        assert not system.kill_group(later)
        with expected_end(grandchild):
            assert system.kill_group(true)


def test_kill_of_a_process_in_our_group_spares_the_group() -> None:
    """A process that leads no group is ended alone; this test process shares its group."""
    with python(WAITING, leads=False) as process:
        say(process)
        assert system.kill_group(ProcessIdentity.of(process.pid))
        assert process.wait(LIMIT_S) == -9


def test_memory_limit_stops_a_big_allocation() -> None:
    """A worker under 256 MiB cannot take 512, and says MemoryError instead of swapping."""
    code = (
        "from flatbed.system import limit_memory\n"
        "limit_memory(256)\n"
        "try: bytearray(512 * 2**20)\n"
        "except MemoryError: print('refused')"
    )
    with python(code) as process:
        assert say(process) == "refused"


def test_memory_limit_never_rises() -> None:
    """A second, higher limit leaves the first one standing."""
    code = (
        "import resource; from flatbed.system import limit_memory\n"
        "limit_memory(256); limit_memory(1024)\n"
        "print(resource.getrlimit(resource.RLIMIT_AS))"
    )
    with python(code) as process:
        assert say(process) == "(268435456, 268435456)"


def test_core_dumps_are_off_for_files_and_programs() -> None:
    """The limit of 1 byte is the only one that also keeps Linux from piping a core away."""
    code = (
        "import resource; from flatbed.system import disable_core_dumps\n"
        "hard = resource.getrlimit(resource.RLIMIT_CORE)[1]; disable_core_dumps()\n"
        "print(resource.getrlimit(resource.RLIMIT_CORE)[0] == (hard and 1))"
    )
    with python(code) as process:
        assert say(process) == "True"


def test_worker_environment_keeps_what_libraries_need() -> None:
    """Locale, paths and SANE's variables pass; secrets, displays and Flatbed's own do not."""
    passing = {"PATH": "/bin", "LC_ALL": "C", "SANE_CONFIG_DIR": "/x", "XDG_RUNTIME_DIR": "/r"}
    kept_back = {"DISPLAY": ":0", "AWS_SECRET_ACCESS_KEY": "s", "FLATBED_PORT": "0", "LCX": "x"}
    assert system.worker_environment(passing | kept_back) == passing


def test_lock_is_exclusive_between_processes(tmp_path: Path) -> None:
    """While another process holds the lock it cannot be had; afterwards it can."""
    lock = FileLock(tmp_path / "port.lock")
    with python(LOCKING, str(lock.path)) as process:
        assert say(process) == "locked"
        assert is_locked(lock.path)
        assert not lock.acquire()
        with pytest.raises(BlockingIOError, match=r"port\.lock is locked"), lock:
            pass
    assert not is_locked(lock.path)
    assert lock.acquire()
    lock.release()


def test_lock_ends_with_the_killed_process(tmp_path: Path) -> None:
    """A lock file that stays behind is no lock."""
    path = tmp_path / "port.lock"
    with python(LOCKING, str(path)) as process:
        say(process)
        process.kill()
        process.wait(LIMIT_S)
        assert path.exists()
        assert not is_locked(path)


def test_lock_is_seen_by_its_own_process(tmp_path: Path) -> None:
    """`is_locked` counts us in, and a second lock object of ours is refused."""
    with FileLock(tmp_path / "a") as lock:
        assert is_locked(lock.path)
        assert not FileLock(lock.path).acquire()
        assert lock.acquire(), "one that holds it keeps it"
    assert not is_locked(lock.path)


def test_lock_is_not_inherited_by_programs(tmp_path: Path) -> None:
    """A child that outlives us, as a scan worker does, must not keep our lock."""
    lock = FileLock(tmp_path / "a")
    lock.acquire()
    with python(WAITING) as process:
        say(process)
        lock.release()
        assert not is_locked(lock.path)


def test_look_at_a_lock_does_not_refuse_it(tmp_path: Path) -> None:
    """`is_locked` takes the lock for an instant, which must not make an `acquire` fail."""
    looking = (
        "import sys; from flatbed.system import is_locked\n"
        "print('looking')\n"
        "while True: is_locked(sys.argv[1])"
    )
    lock = FileLock(tmp_path / "a")
    assert lock.acquire()
    lock.release()
    with python(looking, str(lock.path)) as process:
        assert say(process) == "looking"
        for _ in range(2000):
            assert lock.acquire()
            lock.release()


def test_lock_of_a_deleted_file_is_taken_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file deleted between its opening and its locking would be a lock that nobody sees."""
    lock = FileLock(tmp_path / "a")
    opened = os.open
    calls: list[Path] = []

    def open_and_lose(path: Path, *rest: int) -> int:
        descriptor = opened(path, *rest)
        if not calls:
            lock.path.unlink()
        calls.append(path)
        return descriptor

    monkeypatch.setattr(os, "open", open_and_lose)
    assert lock.acquire()
    monkeypatch.undo()
    assert len(calls) == 2
    assert is_locked(lock.path)
    lock.release()


def test_lock_file_is_private_and_no_link(tmp_path: Path) -> None:
    """The file is made 0600 whatever the umask, and a link in its place is refused."""
    before = os.umask(0)
    try:
        with FileLock(tmp_path / "a") as lock:
            assert stat.S_IMODE(lock.path.stat().st_mode) == 0o600
    finally:
        os.umask(before)
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="symbolic"):
        FileLock(tmp_path / "link").acquire()
    assert not (tmp_path / "elsewhere").exists()


def test_lock_text_is_replaced_and_read_by_others(tmp_path: Path) -> None:
    """A shorter text leaves nothing of the longer one; who holds no lock can read, not write."""
    holder, other = FileLock(tmp_path / "a"), FileLock(tmp_path / "a")
    assert other.read() == ""
    with holder:
        holder.write('{"pid": 12345}')
        holder.write('{"pid": 1}')
        assert other.read() == '{"pid": 1}'
        with pytest.raises(RuntimeError, match="without its lock"):
            other.write("mine")
    assert other.read() == '{"pid": 1}'


def test_is_locked_without_a_file_is_false(tmp_path: Path) -> None:
    """A lock that was never taken is free, and looking at it makes no file."""
    assert not is_locked(tmp_path / "a")
    assert list(tmp_path.iterdir()) == []


def test_own_folder_is_made_for_us_alone(tmp_path: Path) -> None:
    """A new folder and those above it are closed to others."""
    made = system.own_folder(tmp_path / "data" / "cache")
    assert made == tmp_path / "data" / "cache"
    for folder in (made, made.parent):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_own_folder_closes_an_open_one(tmp_path: Path) -> None:
    """A folder of ours that others could read is closed, what is in it stays."""
    (tmp_path / "data").mkdir(0o755)
    (tmp_path / "data" / "page").write_text("kept")
    system.own_folder(tmp_path / "data")
    assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700
    assert (tmp_path / "data" / "page").read_text() == "kept"


def test_own_folder_refuses_what_is_no_folder_of_ours(tmp_path: Path) -> None:
    """A symbolic link, even to a folder of ours, and a file are refused by their path."""
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    (tmp_path / "file").write_text("")
    for name in ("link", "file"):
        with pytest.raises(FolderError, match=f"{tmp_path}/{name} cannot be used"):
            system.own_folder(tmp_path / name)


@pytest.mark.root
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_own_folder_refuses_another_users(tmp_path: Path) -> None:
    """Root must not adopt a folder that another user can still change."""
    (tmp_path / "theirs").mkdir(0o755)
    os.chown(tmp_path / "theirs", 65534, 65534)
    with pytest.raises(FolderError, match="belongs to another user"):
        system.own_folder(tmp_path / "theirs")
    assert stat.S_IMODE((tmp_path / "theirs").stat().st_mode) == 0o755


def test_sync_folder_takes_a_folder_only(tmp_path: Path) -> None:
    """The names of a folder are synced; a file in its place is a mistake of the caller."""
    system.sync_folder(tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(NotADirectoryError):
        system.sync_folder(tmp_path / "file")


def test_disk_has_room_within_its_size(tmp_path: Path) -> None:
    """Free space, in bytes, is what `df` says the user can have, and the size what it says."""
    shown = subprocess.run(
        ["df", "--block-size=1", "--output=avail,size", str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
    )
    free, total = map(int, shown.stdout.splitlines()[1].split())
    assert abs(system.free_bytes(tmp_path) - free) < 2**30
    assert system.total_bytes(tmp_path) == total


def test_user_folders_follow_the_system(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """On Linux they are what the XDG variables say."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "d"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "c"))
    assert system.user_data_folder() == tmp_path / "d" / "flatbed"
    assert system.user_config_folder() == tmp_path / "c" / "flatbed"


def test_own_uid_is_the_effective_user() -> None:
    """It is the user that owns what this process makes."""
    assert system.own_uid() == Path(f"/proc/{os.getpid()}").stat().st_uid


def test_own_user_name_is_that_of_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the variables say; a number where the system knows no name."""
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.setenv(name, "somebody else")
    told = subprocess.run(["id", "-un"], capture_output=True, text=True, check=True)
    assert system.own_user_name() == told.stdout.strip()
    monkeypatch.setattr(os, "geteuid", lambda: 54321)
    assert system.own_user_name() == "54321"


def test_missing_call_of_a_system_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a system without POSIX calls the error says what is missing."""
    monkeypatch.setattr("flatbed.system.posix.IS_POSIX", False)
    with pytest.raises(UnsupportedSystemError, match="no file locks on this operating system"):
        is_locked("a")


def test_missing_process_table_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without Linux's process table no process can be told from another with its number."""
    monkeypatch.setattr("flatbed.system.processes._BOOT_ID", tmp_path / "none")
    with pytest.raises(UnsupportedSystemError, match="start times of processes"):
        ProcessIdentity.current()


def test_start_writing_out_leaves_the_file_as_it_is(tmp_path: Path) -> None:
    """It hurries the disk and changes nothing; a descriptor that is closed is no error either."""
    path = tmp_path / "file"
    path.write_bytes(b"0123456789")
    with path.open("rb") as file:
        system.start_writing_out(file.fileno(), 2, 4)
        descriptor = file.fileno()
    system.start_writing_out(descriptor, 0, 1)
    assert path.read_bytes() == b"0123456789"
