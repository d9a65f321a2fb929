"""`scripts/setup` with a machine of made-up commands around it: what it asks for, what it says."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

SETUP = Path(__file__).parents[1] / "scripts" / "setup"
ALL_PACKAGES = (
    "ca-certificates chromium curl e2fsprogs firefox-esr fonts-liberation gcc iproute2 libc6-dev"
    " libsane-common libsane1 libzbar0 make poppler-utils procps python3-venv qpdf sane-utils"
    " strace xdotool xvfb"
)
# What any system has.
REAL_COMMANDS = "bash cat cut dirname env find mkdir mktemp mv rm sha256sum sort xargs"
BUILDING = "setup: building the client and the service's pages\n"


class Machine:
    """A folder with the script in it and a PATH on which every command is ours, and is noted."""

    def __init__(self, root: Path) -> None:
        self.root, self.bin, self.notes = root, root / "bin", root / "notes"
        for folder in ("scripts", "client/src"):
            (root / folder).mkdir(parents=True)
        self.source = root / "client" / "src" / "index.ts"
        self.source.write_text("export {};\n")
        self.bin.mkdir()
        shutil.copy(SETUP, root / "scripts")
        for name in REAL_COMMANDS.split():
            found = shutil.which(name)
            assert found is not None
            (self.bin / name).symlink_to(found)
        self.add("python3", "exit 0")
        self.add("sudo", 'exec "$@"')
        self.add("uv")
        self.add("apt-get")
        self.add("npm", f"mkdir -p {root}/client/dist {root}/core/src/flatbed/web")
        self.have(ALL_PACKAGES)

    def add(self, name: str, body: str = "exit 0") -> None:
        """Put a command on the PATH that notes how it was called."""
        file = self.bin / name
        file.write_text(f'#!/bin/bash\necho "{name} $*" >> {self.notes}\n{body}\n')
        file.chmod(0o755)

    def have(self, packages: str) -> None:
        """Say which Debian packages are installed."""
        body = f'[[ " {packages} " == *" ${{@: -1}} "* ]] && echo -n installed'
        self.add("dpkg-query", body)

    def set_up(self, *options: str) -> subprocess.CompletedProcess[str]:
        """Run the script."""
        return subprocess.run(
            [str(self.root / "scripts" / "setup"), *options],
            env={"PATH": str(self.bin), "HOME": str(self.root)},
            capture_output=True,
            text=True,
            check=False,
        )

    def calls(self, name: str) -> list[str]:
        """How a command was called, call by call, its answers to `--version` left out."""
        lines = self.notes.read_text().splitlines()
        return [
            line for line in lines if line.startswith(name + " ") and not line.endswith("--version")
        ]


@pytest.fixture
def fresh(tmp_path: Path) -> Machine:
    """A machine on which nothing is missing, with a new checkout."""
    return Machine(tmp_path)


@pytest.fixture
def machine(fresh: Machine) -> Machine:
    """The same, with the client built."""
    done = fresh.set_up()
    assert (done.returncode, done.stderr) == (0, BUILDING)
    fresh.notes.unlink()
    return fresh


def test_setup_of_a_complete_machine_only_syncs(machine: Machine) -> None:
    """No package manager is asked, nothing is said, and uv downloads no Python."""
    machine.add("uv", f'echo "downloads $UV_PYTHON_DOWNLOADS" >> {machine.notes}')
    done = machine.set_up()
    assert (done.returncode, done.stderr) == (0, "")
    assert machine.calls("apt-get") == []
    assert machine.calls("uv") == ["uv sync --quiet --locked --no-managed-python"]
    assert machine.calls("downloads")[-1] == "downloads never"


def test_setup_for_a_run_keeps_what_tests_have_installed(machine: Machine) -> None:
    """Else `make run` and `make test` would undo each other's work every time."""
    machine.have("ca-certificates libsane-common libsane1 libzbar0")
    assert machine.set_up("--runtime-only").returncode == 0
    assert machine.calls("apt-get") == []
    sync = "uv sync --quiet --locked --no-managed-python --no-dev --group client --inexact"
    assert machine.calls("uv") == [sync]


def test_setup_installs_what_is_missing_and_no_more(machine: Machine) -> None:
    """The lists are renewed first: a fresh container has none."""
    machine.have(ALL_PACKAGES.replace("libsane1 ", "").replace("curl ", ""))
    done = machine.set_up()
    assert done.stderr == "setup: installing libsane1 curl\n"
    update, install = machine.calls("apt-get")
    assert update == "apt-get -qq update"
    assert install.endswith("install --no-install-recommends libsane1 curl")


def test_setup_goes_on_where_packages_cannot_be_had(machine: Machine) -> None:
    """Flatbed runs without SANE, with the virtual scanner; it says what it does without."""
    machine.have(ALL_PACKAGES.replace("libsane1 ", ""))
    machine.add("apt-get", "exit 100")
    done = machine.set_up()
    assert done.returncode == 0
    assert "setup: not installed: libsane1; going on without\n" in done.stderr
    assert len(machine.calls("uv")) == 1


def test_setup_installs_the_others_where_one_is_not_to_be_had(machine: Machine) -> None:
    """apt installs all or nothing; a system without Firefox ESR still gets curl."""
    machine.have(ALL_PACKAGES.replace("curl ", "").replace("firefox-esr ", ""))
    machine.add("apt-get", '[[ "$*" != *firefox-esr* ]]')
    done = machine.set_up()
    assert done.returncode == 0
    assert done.stderr.endswith("setup: not installed: firefox-esr; going on without\n")
    installed = [line.partition("--no-install-recommends ")[2] for line in machine.calls("apt-get")]
    assert installed == ["", "curl firefox-esr", "curl", "firefox-esr"]


def test_setup_without_apt_says_what_is_needed(machine: Machine) -> None:
    """On another system the person installs it."""
    (machine.bin / "apt-get").unlink()
    done = machine.set_up()
    assert done.returncode == 0
    assert "setup: needed for scanners: SANE" in done.stderr
    assert len(machine.calls("uv")) == 1


def test_setup_makes_uv_where_there_is_only_a_shim(machine: Machine) -> None:
    """A command that is there and does not start is none; uv comes into a folder of its own."""
    machine.add("uv", "exit 127")
    machine.add("pip", 'mv "$PWD/.venv-tools/bin/made-uv" "$PWD/.venv-tools/bin/uv"')
    machine.add("made-uv")
    machine.add(
        "python3",
        "[[ $2 == venv ]] || exit 0; mkdir -p .venv-tools/bin\n"
        f"mv {machine.bin}/pip {machine.bin}/made-uv .venv-tools/bin",
    )
    done = machine.set_up()
    assert done.stderr == "setup: installing uv\n"
    assert machine.calls("pip") == ["pip install --quiet --disable-pip-version-check uv>=0.9,<1"]
    assert machine.calls("made-uv") == ["made-uv sync --quiet --locked --no-managed-python"]


def test_setup_without_a_python_says_so(machine: Machine) -> None:
    """What cannot be done without is asked for, in one line."""
    machine.add("uv", "exit 127")
    machine.add("python3", "exit 1")
    machine.have(ALL_PACKAGES + " python3")
    done = machine.set_up()
    assert done.returncode == 1
    assert done.stderr.startswith("setup: Python 3.11 or later is needed.")


def test_setup_with_an_unknown_option_does_nothing(machine: Machine) -> None:
    """A typing error must not install anything."""
    done = machine.set_up("--runtime")
    assert (done.returncode, machine.notes.exists()) == (1, False)
    assert done.stderr == "setup: usage: scripts/setup [--runtime-only]\n"


def test_setup_builds_the_client_once(fresh: Machine) -> None:
    """For a run too: the service hands out its pages. With exactly the packages that are locked."""
    assert fresh.set_up("--runtime-only").stderr == BUILDING
    assert fresh.calls("npm") == ["npm ci --no-audit --no-fund", "npm run build"]
    assert fresh.set_up("--runtime-only").stderr == ""
    assert len(fresh.calls("npm")) == 2


@pytest.mark.parametrize("lost", ["client/dist", "core/src/flatbed/web"])
def test_setup_builds_the_client_again_where_it_is_gone(machine: Machine, lost: str) -> None:
    """The stamp alone says nothing."""
    (machine.root / lost).rmdir()
    assert machine.set_up().stderr == BUILDING
    assert (machine.root / lost).is_dir()


def test_setup_builds_the_client_again_where_it_has_changed(machine: Machine) -> None:
    """After a `git pull`; what lies in `node_modules` is no source."""
    (machine.root / "client" / "node_modules").mkdir()
    (machine.root / "client" / "node_modules" / "index.js").write_text("")
    assert machine.set_up().stderr == ""
    machine.source.write_text("export const changed = 1;\n")
    assert machine.set_up().stderr == BUILDING
    assert machine.set_up().stderr == ""


def test_setup_shows_why_the_client_could_not_be_built(fresh: Machine) -> None:
    """And the next run tries again."""
    fresh.add("npm", "echo 'npm error code ENOTFOUND' >&2; exit 1")
    done = fresh.set_up()
    assert done.returncode == 1
    assert done.stderr.startswith(BUILDING + "npm error code ENOTFOUND\n")
    assert "setup: the client in client/ could not be built" in done.stderr
    fresh.add("npm", f"mkdir -p {fresh.root}/client/dist {fresh.root}/core/src/flatbed/web")
    assert fresh.set_up().returncode == 0
