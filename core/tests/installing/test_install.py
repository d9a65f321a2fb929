"""Installing add-ons: real wheels, the real pip, no index."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from tests.support.wheels import (
    MANIFEST,
    write_addon_wheel,
    write_library,
    write_project,
    write_wheel,
)

from flatbed import system
from flatbed.errors import FlatbedError
from flatbed.installing import install as module
from flatbed.installing.faults import (
    AddonsBusyError,
    AlreadyInstalledError,
    InstallError,
    InstallSpaceError,
    NameClashError,
    SecondCoreError,
    SourceError,
    WheelError,
)
from flatbed.installing.pip import Sources
from flatbed.runtime.discovery import discover
from flatbed.runtime.manifest import ManifestError
from flatbed.runtime.seal import Seal

from .conftest import Bench

UNTOUCHED = [".lock"]


def test_install_of_a_wheel_takes_its_needs_along_and_seals_all(bench: Bench) -> None:
    """In a folder of its own, compiled, as its records say; the core is not among the needs."""
    for each in ("1.0", "2.0"):
        write_library(bench.wheels, each)
    needs = ["inkpot<2", "flatbed>=0.1", "winpot; sys_platform == 'win32'"]
    wheel = write_addon_wheel(bench.wheels, "1.0", library="inkpot", requires=needs)
    installed = bench.install(wheel)
    folder = bench.data / "addons" / "stamp" / "1.0"
    assert (installed.slot.folder, installed.needs) == (folder, ("inkpot 1.0",))
    assert bench.told == ["Getting what it needs: inkpot<2", "Installing stamp 1.0"]
    names = {each.name for each in folder.iterdir()}
    assert names == {
        "RECORD",
        "flatbed_stamp",
        "flatbed_stamp-1.0.dist-info",
        "inkpot",
        "inkpot-1.0.dist-info",
    }
    sealed = (folder / "RECORD").read_text()
    compiled = f"__init__.{sys.implementation.cache_tag}.pyc"
    for path in ("flatbed_stamp/addon.toml", f"inkpot/__pycache__/{compiled}"):
        assert (folder / path).is_file()
        assert f"{path},sha256=" in sealed
    assert bench.left() == [".lock", "state.json"]
    addon = discover({}, data_dir=bench.data).get("stamp")
    addon.verify()
    assert addon.version == "1.0"


def test_install_of_a_folder_builds_it(bench: Bench, tmp_path: Path) -> None:
    """By its own backend; pip's own configuration holds where ours names no source."""
    project = write_project(tmp_path / "project", "2.1")
    bench.install(project, sources=Sources())
    assert bench.versions() == ["stamp 2.1"]
    assert bench.told == [f"Building {project}", "Installing stamp 2.1"]


@pytest.mark.parametrize(
    ("wanted", "wanted_version", "found"),
    [("stamp", None, "1.1"), ("stamp<1.1", None, "1.0"), ("flatbed-stamp", "1.0", "1.0")],
    ids=["newest", "with versions", "one version"],
)
def test_install_by_name_looks_it_up(
    bench: Bench, wanted: str, wanted_version: str | None, found: str
) -> None:
    """`stamp` is `flatbed-stamp` in the folder that the configuration names."""
    for each in ("1.0", "1.1"):
        write_addon_wheel(bench.wheels, each)
    bench.install(wanted, version=wanted_version)
    assert bench.versions() == [f"stamp {found}"]


def test_two_versions_lie_side_by_side(bench: Bench) -> None:
    """With versions of one library that exclude each other."""
    for each in ("1.0", "2.0"):
        write_library(bench.wheels, each)
    write_addon_wheel(bench.wheels, "1.0", requires=["inkpot<2"])
    write_addon_wheel(bench.wheels, "1.1", requires=["inkpot>=2"])
    assert bench.install("stamp<1.1").needs == ("inkpot 1.0",)
    assert bench.install("stamp").needs == ("inkpot 2.0",)
    assert bench.versions() == ["stamp 1.0", "stamp 1.1"]


def test_install_of_a_version_that_is_there_says_so(bench: Bench) -> None:
    """It is installed again if that is wanted, or if it was changed meanwhile."""
    wheel = write_addon_wheel(bench.wheels, "1.0")
    folder = bench.install(wheel).slot.folder
    with pytest.raises(AlreadyInstalledError, match="--force"):
        bench.install(wheel)
    write_addon_wheel(bench.wheels, "1.0", files={"flatbed_stamp/more.py": ""})
    bench.install(wheel, replaces=True)
    assert (folder / "flatbed_stamp" / "more.py").is_file()
    (folder / "flatbed_stamp" / "more.py").write_text("changed")
    bench.install(wheel)
    Seal(folder, "stamp", "1.0").check()
    assert bench.left() == [".lock", "state.json"]


def test_install_keeps_scripts_and_data_of_a_wheel(bench: Bench) -> None:
    """They lie beside the modules; their hashes are held against the records too."""
    data = "flatbed_stamp-1.0.data"
    files = {
        f"{data}/scripts/press": "#!python\nprint('pressed')\n",
        f"{data}/data/share/ink/blue.txt": "blue",
        f"{data}/purelib/flatbed_stamp/late.py": "late = True\n",
    }
    folder = bench.install(write_addon_wheel(bench.wheels, "1.0", files=files)).slot.folder
    assert (folder / "share" / "ink" / "blue.txt").read_text() == "blue"
    assert (folder / "bin" / "press").read_text().endswith("print('pressed')\n")
    assert (folder / "flatbed_stamp" / "late.py").is_file()
    Seal(folder, "stamp", "1.0").check()


def test_install_finds_a_manifest_in_the_folder_of_platform_code(bench: Bench) -> None:
    """Where a wheel that is not pure Python may have its package."""
    inside = "flatbed_stamp-1.0.data/platlib/flatbed_stamp"
    text = MANIFEST.format(name="stamp", operation="press-stamp")
    wheel = write_wheel(
        bench.wheels,
        "flatbed-stamp",
        "1.0",
        files={f"{inside}/__init__.py": "", f"{inside}/addon.toml": text},
        entry_points="[flatbed.addons]\nstamp = flatbed_stamp\n",
    )
    assert (bench.install(wheel).slot.folder / "flatbed_stamp" / "addon.toml").is_file()


UNFIT: dict[str, tuple[dict[str, Any], type[FlatbedError], str]] = {
    "no entry point": ({"entry_points": ""}, WheelError, "and has 0"),
    "two entry points": (
        {"entry_points": "[flatbed.addons]\na = flatbed_stamp\nb = flatbed_stamp\n"},
        WheelError,
        "and has 2",
    ),
    "no module": (
        {"entry_points": "[flatbed.addons]\nstamp = ???\n"},
        ManifestError,
        "names no module",
    ),
    "damaged entry points": ({"entry_points": "[a]\nb\n"}, WheelError, "cannot be read"),
    "no manifest": ({"manifest": ""}, ManifestError, "addon.toml"),
    "another name": (
        {"manifest": MANIFEST.format(name="glue", operation="press")},
        WheelError,
        "is of 'glue', its entry point of 'stamp'",
    ),
    "another core": (
        {"manifest": 'manifest_version = 1\nname = "stamp"\ncore_api = "9.0"\n'},
        ManifestError,
        "was written for core_api 9.0",
    ),
    "a path that leads out": ({"files": {"../../evil.py": ""}}, WheelError, "leads out"),
    "a path from the root": ({"files": {"/tmp/evil.py": ""}}, WheelError, "leads out"),
    "a path of Windows": ({"files": {"..\\evil.py": ""}}, WheelError, "leads out"),
    "no requirement": ({"requires": ["ink pot"]}, WheelError, "requires 'ink pot'"),
    "a manifest like a bomb": ({"manifest": "#" * (2 << 20)}, WheelError, "is too big"),
    "the name of a builtin": (
        {
            "name": "virtual",
            "manifest": MANIFEST.format(name="virtual", operation="press"),
        },
        NameClashError,
        "'virtual' comes with the core",
    ),
}


@pytest.mark.parametrize(("how", "kind", "words"), UNFIT.values(), ids=UNFIT.keys())
def test_wheel_that_is_unfit_is_refused_before_pip_sees_it(
    bench: Bench, how: dict[str, Any], kind: type[FlatbedError], words: str
) -> None:
    """With the reason; nothing is left behind, and nothing is said to be installed."""
    with pytest.raises(kind) as caught:
        bench.install(write_addon_wheel(bench.wheels, "1.0", **how))
    assert words in caught.value.message
    assert [each for each in bench.told if each.startswith("Installing")] == []
    assert bench.left() == UNTOUCHED


def test_wheel_that_is_none_is_refused(bench: Bench, tmp_path: Path) -> None:
    """Text, a file cut short, another name inside, a name that no wheel has."""
    good = write_addon_wheel(bench.wheels, "1.0")
    none = tmp_path / "flatbed_stamp-2.0-py3-none-any.whl"
    none.write_text("no zip")
    with pytest.raises(WheelError, match="is no wheel, or a damaged one"):
        bench.install(none)
    none.write_bytes(good.read_bytes()[:-40])
    with pytest.raises(WheelError, match="is no wheel, or a damaged one"):
        bench.install(none)
    none.write_bytes(good.read_bytes())
    with pytest.raises(WheelError, match=r"says inside that it is flatbed-stamp 1\.0"):
        bench.install(none)
    none = tmp_path / good.name
    none.write_bytes(_locked(good.read_bytes()))
    with pytest.raises(WheelError, match="is encrypted"):
        bench.install(none)
    renamed = good.rename(tmp_path / "stamp.whl")
    with pytest.raises(WheelError, match="is not called as wheels are"):
        bench.install(renamed)
    assert bench.left() == UNTOUCHED


def _locked(archive: bytes) -> bytes:
    """The zip file with a mark at every entry that a password is needed."""
    marked = bytearray(archive)
    for head, place in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        found = archive.find(head)
        while found >= 0:
            marked[found + place] |= 1
            found = archive.find(head, found + 1)
    return bytes(marked)


def test_damaged_wheel_is_found_by_its_record(bench: Bench) -> None:
    """pip does not look at the hashes; what it would have installed is not."""
    wheel = write_addon_wheel(bench.wheels, "1.0", wrong_hash_of="flatbed_stamp/__init__.py")
    with pytest.raises(WheelError) as caught:
        bench.install(wheel)
    assert caught.value.message == (
        "flatbed_stamp/__init__.py is not what flatbed_stamp-1.0.dist-info says that it is. The"
        " wheel is damaged; nothing was changed. Get it again."
    )
    assert (bench.versions(), bench.left()) == ([], UNTOUCHED)


def test_wheel_with_a_file_called_like_the_seal_is_refused(bench: Bench) -> None:
    """It would be taken for ours."""
    with pytest.raises(WheelError, match="a file 'RECORD' beside its modules"):
        bench.install(write_addon_wheel(bench.wheels, "1.0", files={"RECORD": "x"}))
    assert bench.versions() == []


def test_second_core_among_the_needs_is_refused(bench: Bench) -> None:
    """Whether it can be had or not; so is a package of that name from whoever else."""
    wheel = write_addon_wheel(bench.wheels, "1.0", requires=["inkpot"])
    write_library(bench.wheels, "1.0", requires=["flatbed>=0.0.1"])
    with pytest.raises(SecondCoreError):
        bench.install(wheel)
    write_library(bench.wheels, "0.0.1", name="flatbed")
    with pytest.raises(SecondCoreError, match=r"bring Flatbed 0\.0\.1 along"):
        bench.install(wheel)
    write_wheel(bench.wheels, "inkpot", "1.0", files={"flatbed/__init__.py": ""})
    with pytest.raises(SecondCoreError):
        bench.install(wheel)
    assert (bench.versions(), bench.left()) == ([], UNTOUCHED)
    assert version("flatbed") != "0.0.1"


def test_needs_that_nobody_has_end_with_what_pip_said(bench: Bench) -> None:
    """Its last errors, not its progress."""
    with pytest.raises(InstallError) as caught:
        bench.install(write_addon_wheel(bench.wheels, "1.0", requires=["inkpot==7.7"]))
    assert caught.value.message.splitlines()[0] == (
        "pip could not do it; nothing was changed. It said:"
    )
    assert "No matching distribution found for inkpot==7.7" in caught.value.message
    assert (bench.versions(), bench.left()) == ([], UNTOUCHED)


@pytest.mark.parametrize(
    ("fault", "kind", "words"),
    [
        ("OSError('the press is broken')", InstallError, "pip could not do it"),
        ("OSError(28, 'No space left on device')", InstallSpaceError, "The disk is too full"),
    ],
    ids=["broken", "full"],
)
def test_build_that_fails_is_named(
    bench: Bench, tmp_path: Path, fault: str, kind: type[InstallError], words: str
) -> None:
    """And leaves nothing behind."""
    project = write_project(tmp_path / "p", "1.0", before=f"raise {fault}")
    with pytest.raises(kind, match=words):
        bench.install(project)
    assert (bench.versions(), bench.left()) == ([], UNTOUCHED)


SOURCES: dict[str, tuple[str, dict[str, Any], str]] = {
    "a name without sources": ("stamp", {"sources": Sources()}, "addon_index or addon_folder"),
    "no such file": ("./none-1.0-py3-none-any.whl", {}, "There is no file or folder"),
    "a file that is no wheel": ("{folder}/text.txt", {}, "is no wheel"),
    "a folder without a project": ("{folder}/empty", {}, "without pyproject.toml"),
    "no name": ("a b", {}, "is no add-on with versions"),
    "more than a name": ("stamp[extra]", {}, "is more than a name with versions"),
    "an option": ("--help", {}, "is no add-on with versions"),
    "no version": ("stamp", {"version": "new"}, "is no add-on with versions"),
}


@pytest.mark.parametrize(("wanted", "order", "words"), SOURCES.values(), ids=SOURCES.keys())
def test_what_is_no_source_is_refused(
    bench: Bench, tmp_path: Path, wanted: str, order: dict[str, Any], words: str
) -> None:
    """With what it takes."""
    (tmp_path / "empty").mkdir()
    (tmp_path / "text.txt").write_text("")
    with pytest.raises(SourceError) as caught:
        bench.install(wanted.format(folder=tmp_path), **order)
    assert words in caught.value.message


def test_wheel_of_another_version_than_wanted_is_refused(bench: Bench) -> None:
    """`--version` holds for files too; written in another way it is the same."""
    wheel = write_addon_wheel(bench.wheels, "1.0")
    with pytest.raises(SourceError, match=r"is version 1\.0 of 'stamp', not 2\.0"):
        bench.install(wheel, version="2.0")
    assert bench.install(wheel, version="1.0.0").slot.version == "1.0"


def test_second_install_at_once_is_told_to_wait(bench: Bench) -> None:
    """The first is not disturbed."""
    wheel = write_addon_wheel(bench.wheels, "1.0")
    system.own_folder(bench.shelf.folder)
    with system.FileLock(bench.shelf.folder / ".lock"), pytest.raises(AddonsBusyError):
        bench.install(wheel)
    assert bench.install(wheel).slot.version == "1.0"


def test_install_without_room_is_refused_beforehand(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the sizes in the wheels; the sentence says how much there is."""
    monkeypatch.setattr(system, "free_bytes", lambda _: 3 << 20)
    with pytest.raises(InstallSpaceError, match="needs 16 MiB, 3 MiB are free"):
        bench.install(write_addon_wheel(bench.wheels, "1.0"))
    assert (bench.versions(), bench.left()) == ([], UNTOUCHED)


@pytest.mark.parametrize(
    ("number", "kind", "words"),
    [
        (errno.ENOSPC, InstallSpaceError, "The disk is too full for the add-on."),
        (errno.EIO, InstallError, "RECORD: Input/output error. Look at the disk"),
    ],
    ids=["full", "broken"],
)
def test_disk_that_fails_at_the_end_is_named(
    bench: Bench,
    monkeypatch: pytest.MonkeyPatch,
    number: int,
    kind: type[InstallError],
    words: str,
) -> None:
    """What was there before is there still."""
    wheel = write_addon_wheel(bench.wheels, "1.0")
    folder = bench.install(wheel).slot.folder

    def fail(_: Path) -> None:
        raise OSError(number, os.strerror(number), "RECORD")

    monkeypatch.setattr(module, "write_seal", fail)
    with pytest.raises(kind) as caught:
        bench.install(wheel, replaces=True)
    assert words in caught.value.message
    Seal(folder, "stamp", "1.0").check()
    assert bench.left() == [".lock", "state.json"]


def test_install_clears_away_what_a_killed_one_left(bench: Bench, tmp_path: Path) -> None:
    """A kill leaves a stage, never half a version; also folders that nobody may write."""
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    project = write_project(tmp_path / "p", "1.0", before=f"open({str(gate)!r}, 'wb').close()")
    code = (
        "import sys; from pathlib import Path;"
        " from flatbed.installing.install import InstallOrder, install;"
        " from flatbed.runtime.shelf import Shelf;"
        " install(InstallOrder(wanted=sys.argv[1]), Shelf(Path(sys.argv[2])), print)"
    )
    command = [sys.executable, "-c", code, str(project), str(bench.data)]
    # Opening the gate waits for the other end: then it is building.
    with subprocess.Popen(command) as process, gate.open("rb"):
        process.send_signal(signal.SIGKILL)
    (stage,) = bench.shelf.folder.glob(".stage-*")
    (stage / "locked").mkdir(mode=0o500)
    assert bench.versions() == []
    bench.install(write_addon_wheel(bench.wheels, "1.1"))
    assert (bench.versions(), bench.left()) == (["stamp 1.1"], [".lock", "state.json"])
