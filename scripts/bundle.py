"""Makes a fresh environment that holds exactly what a bundle lists.

python scripts/bundle.py full                       into dist/bundles/full
python scripts/bundle.py minimal --folder /tmp/m    into another folder
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any, NoReturn

ROOT = Path(__file__).parents[1]
MANIFESTS = ROOT / "manifests"
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
"""Companies put a certificate authority of their own here; uv would not look."""
PROJECTS = ("core", "addons/*", "addons/ocr/*")
"""Where the distributions of this repository are."""


def main() -> None:
    """Build the wheels, make the environment, and say what is in it."""
    options = _parse_arguments()
    wanted = read_bundle(options.bundle)
    projects = find_projects()
    check(options.bundle, wanted, projects)
    folder = options.folder or ROOT / "dist" / "bundles" / Path(options.bundle).stem
    wheels = [build(projects[name][1], ROOT / "dist" / "wheels") for name in wanted]
    install(folder, wheels)
    for name, version in wanted.items():
        print(f"{name} {version}")
    print(f"Ready: {folder}/bin/flatbed")


def read_bundle(name: str) -> dict[str, str]:
    """The versions of the distributions of a bundle, by name."""
    path = Path(name) if name.endswith(".toml") else MANIFESTS / f"{name}.toml"
    if not path.exists():
        known = ", ".join(sorted(each.stem for each in MANIFESTS.glob("*.toml")))
        fail(f"There is no bundle '{name}'. There are: {known}")
    return dict(tomllib.loads(path.read_text("utf-8"))["distributions"])


def find_projects() -> dict[str, tuple[str, Path]]:
    """(version, folder) of every distribution of this repository, by name."""
    files = (path for each in PROJECTS for path in ROOT.glob(f"{each}/pyproject.toml"))
    read: list[tuple[Path, dict[str, Any]]] = [
        (path.parent, tomllib.loads(path.read_text("utf-8"))["project"]) for path in files
    ]
    return {project["name"]: (project["version"], folder) for folder, project in read}


def check(bundle: str, wanted: dict[str, str], projects: dict[str, tuple[str, Path]]) -> None:
    """Refuse a bundle that lists what is not here."""
    for name, version in wanted.items():
        here = projects.get(name, ("none",))[0]
        if here != version:
            fail(f"'{bundle}' lists {name} {version}, and here is {here}. Change one of the two")


def build(project: Path, folder: Path) -> Path:
    """The wheel of a project."""
    run("uv", "build", "--quiet", "--wheel", "--out-dir", str(folder), str(project))
    stem = re.sub(r"[-.]+", "_", _name_of(project))
    return max(folder.glob(f"{stem}-*.whl"), key=lambda path: path.stat().st_mtime_ns)


def install(folder: Path, wheels: list[Path]) -> None:
    """A new environment with these wheels; what they need has the versions of uv.lock."""
    if folder.exists():
        if not (folder / "pyvenv.cfg").exists():
            fail(f"{folder} is there and no environment. Choose another folder")
        shutil.rmtree(folder)
    run("uv", "venv", "--quiet", "--no-python-downloads", str(folder))
    locked = ROOT / "dist" / "locked.txt"
    export = ("uv", "export", "--quiet", "--locked", "--no-hashes", "--all-packages")
    run(*export, "--no-emit-workspace", "--output-file", str(locked))
    into = ("uv", "pip", "install", "--quiet", "--python", str(folder / "bin" / "python"))
    run(*into, "--constraints", str(locked), *map(str, wheels))


def run(*command: str) -> None:
    """Run a command here; end as it did where it fails."""
    environment = {**os.environ, "UV_PYTHON_DOWNLOADS": "never"}
    if CERTIFICATES.is_file():
        environment.setdefault("SSL_CERT_FILE", str(CERTIFICATES))
    done = subprocess.run(command, cwd=ROOT, env=environment, check=False)
    if done.returncode:
        fail(f"'{' '.join(command[:3])}' failed; the lines above say why")


def fail(message: str) -> NoReturn:
    """Say why not, and end."""
    print(f"bundle: {message}.", file=sys.stderr)
    sys.exit(1)


def _name_of(project: Path) -> str:
    return str(tomllib.loads((project / "pyproject.toml").read_text("utf-8"))["project"]["name"])


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("bundle", help="a file of manifests/, without .toml; or any file")
    parser.add_argument("--folder", type=Path, help="instead of dist/bundles/BUNDLE")
    return parser.parse_args()


if __name__ == "__main__":
    main()
