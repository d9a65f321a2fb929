"""Wheels and projects of add-ons that tests make, with no index and nothing to download."""

from __future__ import annotations

import base64
import hashlib
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from flatbed.runtime.seal import write_seal

MANIFEST = """manifest_version = 1
name = "{name}"
core_api = "1.0"
description = "Puts a stamp on pages."

[operations.{operation}]
hook = "process_page"
input = "none"
"""
CODE = '''"""An add-on of a test: says which library it sees."""

from flatbed.addon import hookimpl

{library}


@hookimpl
def process_page(operation):
    return {{"version": "{version}", "library": LIBRARY, "file": __file__}}
'''
NO_LIBRARY = "LIBRARY = None"


def write_wheel(
    folder: Path,
    distribution: str,
    version: str,
    *,
    files: Mapping[str, str | bytes],
    requires: Sequence[str] = (),
    entry_points: str = "",
    metadata: str = "",
    wrong_hash_of: str = "",
) -> Path:
    """A wheel of pure Python.

    Args:
        folder: Takes it; made where it is not there.
        distribution: Its name, as `flatbed-stamp`.
        version: Of it.
        files: By their path in the wheel.
        requires: Requirements.
        entry_points: The whole text of `entry_points.txt`.
        metadata: Further lines of the metadata.
        wrong_hash_of: The path of a file whose hash in `RECORD` is another's.
    """
    folder.mkdir(parents=True, exist_ok=True)
    stem = f"{distribution.replace('-', '_')}-{version}"
    facts = f"Metadata-Version: 2.4\nName: {distribution}\nVersion: {version}\n{metadata}"
    facts += "".join(f"Requires-Dist: {each}\n" for each in requires)
    inside = {
        **{path: _bytes(content) for path, content in files.items()},
        f"{stem}.dist-info/METADATA": facts.encode(),
        f"{stem}.dist-info/WHEEL": (
            b"Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        ),
    }
    if entry_points:
        inside[f"{stem}.dist-info/entry_points.txt"] = entry_points.encode()
    path = folder / f"{stem}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        rows = [
            _row(name, b"another" if name == wrong_hash_of else content)
            for name, content in inside.items()
        ]
        inside[f"{stem}.dist-info/RECORD"] = "".join(
            [*rows, f"{stem}.dist-info/RECORD,,\n"]
        ).encode()
        for name, content in inside.items():
            archive.writestr(name, content)
    return path


def write_library(folder: Path, version: str, *, name: str = "inkpot", **more: object) -> Path:
    """A wheel of a library with the constant `VERSION`; `more` as for `write_wheel`."""
    files = {f"{name}/__init__.py": f"VERSION = {version!r}\n"}
    return write_wheel(folder, name, version, files=files, **more)  # type: ignore[arg-type]


def write_addon_wheel(
    folder: Path,
    version: str,
    *,
    name: str = "stamp",
    library: str = "",
    requires: Sequence[str] = (),
    manifest: str | None = None,
    files: Mapping[str, str | bytes] | None = None,
    entry_points: str | None = None,
    wrong_hash_of: str = "",
) -> Path:
    """A wheel `flatbed-<name>` with an add-on whose operation tells which library it sees.

    Args:
        folder: Takes it.
        version: Of it.
        name: Of the add-on; its operation is `press-<name>`.
        library: The module whose `VERSION` it tells; without one it tells `None`.
        requires: Requirements.
        manifest: In place of the usual one.
        files: Besides or in place of the usual ones.
        entry_points: In place of the usual ones.
        wrong_hash_of: As for `write_wheel`.
    """
    package = f"flatbed_{name.replace('-', '_')}"
    text = MANIFEST.format(name=name, operation=f"press-{name}") if manifest is None else manifest
    usual = {
        f"{package}/__init__.py": CODE.format(
            library=f"from {library} import VERSION as LIBRARY" if library else NO_LIBRARY,
            version=version,
        ),
        f"{package}/addon.toml": text,
    }
    points = f"[flatbed.addons]\n{name} = {package}\n"
    return write_wheel(
        folder,
        f"flatbed-{name}",
        version,
        files={**usual, **(files or {})},
        requires=requires,
        entry_points=points if entry_points is None else entry_points,
        metadata="License-Expression: Apache-2.0\nAuthor: A. Writer\n",
        wrong_hash_of=wrong_hash_of,
    )


def put_on_shelf(data: Path, version: str, *, name: str = "stamp", **addon: object) -> Path:
    """An add-on in the data folder, as `flatbed addons install` leaves it; its folder.

    Args:
        data: The service's folder.
        version: Of the add-on.
        name: Of it.
        addon: As for `write_addon_wheel`.
    """
    folder = data / "addons" / name / version
    wheel = write_addon_wheel(data / "made", version, name=name, **addon)  # type: ignore[arg-type]
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    write_seal(folder)
    return folder


def touch_shelf(data: Path) -> None:
    """Let a running service see that something has changed, as every command does."""
    new = data / "addons" / ".new"
    new.write_text("{}")
    new.rename(data / "addons" / "state.json")


_BACKEND = '''"""A build backend that needs nothing: hands out the wheel that lies beside it."""

import pathlib, shutil

HERE = pathlib.Path(__file__).parent


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    {before}
    (wheel,) = (HERE / "made").glob("*.whl")
    return pathlib.Path(shutil.copy(wheel, wheel_directory)).name


def build_sdist(sdist_directory, config_settings=None):
    raise NotImplementedError
'''


def write_project(folder: Path, version: str, *, before: str = "pass", **addon: object) -> Path:
    """The folder of an add-on's project, which builds without an index.

    Args:
        folder: Becomes the project's.
        version: Of it.
        before: A statement that its build begins with.
        addon: As for `write_addon_wheel`.
    """
    backend = folder / "backend"
    write_addon_wheel(backend / "made", version, **addon)  # type: ignore[arg-type]
    (backend / "own_backend.py").write_text(_BACKEND.format(before=before), "utf-8")
    (folder / "pyproject.toml").write_text(
        '[build-system]\nrequires = []\nbuild-backend = "own_backend"\nbackend-path = ["backend"]\n'
        f'[project]\nname = "flatbed-{addon.get("name", "stamp")}"\nversion = "{version}"\n',
        "utf-8",
    )
    return folder


def _row(name: str, content: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
    return f"{name},sha256={digest},{len(content)}\n"


def _bytes(content: str | bytes) -> bytes:
    return content if isinstance(content, bytes) else content.encode()
