"""pip in a process of its own: makes wheels, and installs them into a folder."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from flatbed import system
from flatbed.installing.faults import InstallError, InstallSpaceError, SecondCoreError

_SOURCES = frozenset({"PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "PIP_NO_INDEX"})
_PLACES = frozenset({"PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_REQUIREMENT", "PIP_CONSTRAINT"})
_TOLD_MOST = 5
"""Lines of what pip said last."""

_NO_ROOM = re.compile(r"No space left on device|Disk quota exceeded")
_NO_CORE = re.compile(r"No matching distribution found for flatbed(?![\w-])", re.IGNORECASE)


@dataclass(frozen=True)
class Sources:
    """Where the configuration says that packages are; without any, pip's own says it.

    Attributes:
        index: Address of an index.
        folder: With wheels in it.
    """

    index: str = ""
    folder: Path | None = None

    def __bool__(self) -> bool:
        return bool(self.index or self.folder)


class Pip:
    """pip with a place for what it leaves lying about.

    Args:
        sources: Where packages come from.
        scratch: A folder that goes when all is done.
    """

    def __init__(self, sources: Sources, scratch: Path) -> None:
        self._sources = sources
        self._environment = dict(_environment(os.environ, sources, scratch))

    def make_wheels(self, wanted: Sequence[str], folder: Path, *options: str) -> list[Path]:
        """Get or build wheels of what is wanted, and of all that it needs.

        Args:
            wanted: Requirements, or paths of projects.
            folder: Takes the wheels.
            options: Of `pip wheel`.

        Returns:
            What is in the folder then.

        Raises:
            InstallError: With what pip said last.
        """
        where = self._where()
        self._run("wheel", "--wheel-dir", str(folder), *where, *options, "--", *wanted)
        return sorted(folder.glob("*.whl"))

    def install(self, wheels: Sequence[Path], target: Path) -> None:
        """Unpack wheels into a folder, exactly these.

        Raises:
            InstallError: With what pip said last.
        """
        options = ("--no-deps", "--no-index", "--no-compile", "--no-warn-conflicts")
        self._run("install", "--target", str(target), *options, "--", *map(str, wheels))

    def _where(self) -> Iterator[str]:
        if not self._sources.index and self._sources.folder:
            yield "--no-index"
        if self._sources.folder:
            yield from ("--find-links", str(self._sources.folder))

    def _run(self, command: str, *arguments: str) -> None:
        plain = ("--disable-pip-version-check", "--no-input", "--no-color")
        process = subprocess.Popen(
            [sys.executable, "-m", "pip", command, *plain, "--progress-bar", "off", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=self._environment,
            start_new_session=True,
            text=True,
            errors="replace",
        )
        identity = system.ProcessIdentity.of(process.pid)
        try:
            said, _ = process.communicate()
        except BaseException:
            # A compiler that it started would go on without it.
            system.kill_group(identity)
            process.wait()
            raise
        if process.returncode:
            raise _fault(said)


def _environment(
    environ: Mapping[str, str], sources: Sources, scratch: Path
) -> Iterator[tuple[str, str]]:
    left_out = _PLACES | (_SOURCES if sources else frozenset[str]())
    yield from ((name, value) for name, value in environ.items() if name not in left_out)
    # On the disk of the data folder, and gone with all else that is broken off.
    yield "TMPDIR", str(scratch)
    yield "PIP_USER", "0"
    yield "PYTHONDONTWRITEBYTECODE", "1"
    if sources:
        # Nothing from elsewhere gets in between; an address with a password is on no command line.
        yield "PIP_CONFIG_FILE", os.devnull
    if sources.index:
        yield "PIP_INDEX_URL", sources.index


def _fault(said: str) -> InstallError:
    if _NO_ROOM.search(said):
        return InstallSpaceError()
    if _NO_CORE.search(said):
        return SecondCoreError(
            "Something that the add-on needs would bring another Flatbed along. Nothing was"
            " changed; an add-on's needs must not require flatbed."
        )
    return InstallError(f"pip could not do it; nothing was changed. It said:\n{_last_words(said)}")


def _last_words(said: str) -> str:
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("ERROR:")]
    return "\n".join(f"  {line}" for line in (errors or lines)[-_TOLD_MOST:])
