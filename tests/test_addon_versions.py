"""Two versions of an add-on made from the template, installed beside a service that runs."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from core.tests.authoring.uv import needs_uv, run_uv

from flatbed.authoring.new_project import make_project

from .conftest import MakeService
from .support.bench import GRANTED, OTHER
from .support.client import JOBS, ApiClient
from .support.service import LiveService
from .support.wheels import write_library

LIMIT_S = 100
ROUNDS = 5


def change(file: Path, *changes: tuple[str, str]) -> None:
    """Change words of a file that stand in it once."""
    text = file.read_text("utf-8")
    for old, new in changes:
        assert text.count(old) == 1, (file, old)
        text = text.replace(old, new)
    file.write_text(text, "utf-8")


def build(folder: Path, version: str, needs: str) -> Path:
    """The wheel of the add-on `gauge` in a version that tells which library it has."""
    folder.mkdir()
    project = make_project("gauge", folder)
    change(
        project / "pyproject.toml",
        ('version = "0.1.0"', f'version = "{version}"'),
        ('dependencies = ["flatbed>=0.1"]', f'dependencies = ["flatbed>=0.1", "inkpot{needs}"]'),
    )
    change(
        project / "src" / "flatbed_gauge" / "__init__.py",
        ("import PIL\n", "import inkpot\nimport PIL\n"),
        ('"pillow": PIL.__version__', '"inkpot": inkpot.VERSION'),
        ('return {"ink": ', 'return {"inkpot": inkpot.VERSION, "ink": '),
    )
    run_uv("build", "--wheel", "--out-dir", folder, project)
    (wheel,) = folder.glob("*.whl")
    return wheel


@pytest.fixture
def install(tmp_path: Path) -> Callable[[LiveService, Path], str]:
    """Installs a wheel from the command line, with libraries from a folder alone."""
    for version in ("1.4", "2.0"):
        write_library(tmp_path / "libraries", version)

    def install(service: LiveService, wheel: Path) -> str:
        settings = {
            "FLATBED_DATA_DIR": str(service.data),
            "FLATBED_ADDON_FOLDER": str(tmp_path / "libraries"),
        }
        done = subprocess.run(
            [sys.executable, "-m", "flatbed.cli", "addons", "install", str(wheel)],
            env={**os.environ, **settings},
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    return install


def begin(api: ApiClient, wanted: str) -> dict[str, str]:
    """Begin a session; the header that belongs to it."""
    answer = api.ask("POST", "/api/sessions", 201, json={"addons": [wanted]}).json()
    return {"Flatbed-Session": answer["sessionuid"]}


def scan(api: ApiClient) -> str:
    """Scan one page; a `source`."""
    job = api.ask("POST", JOBS, 201, json={"config": {"Resolution": 75}}).json()["jobuid"]
    api.ask("GET", f"{JOBS}/{job}/next-page", 200)
    api.ask("GET", f"{JOBS}/{job}/next-page", 204)
    return f"{JOBS}/{job}/content?page=0"


@needs_uv
def test_two_versions_of_the_template_serve_two_callers_at_once(
    tmp_path: Path, make_service: MakeService, install: Callable[[LiveService, Path], str]
) -> None:
    """1.0 needs a library below 2, 1.1 the same library from 2 on."""
    service = make_service(ALLOWED_ORIGINS=[GRANTED, OTHER], ADDONS__VIRTUAL__PAPER_MM=[40, 50])
    for version, needs in (("1.0", "<2"), ("1.1", ">=2")):
        install(service, build(tmp_path / version, version, needs))
    callers = {"1.4": service.client(GRANTED), "2.0": service.client(OTHER)}
    headers = {
        "1.4": begin(callers["1.4"], "gauge<1.1"),
        "2.0": begin(callers["2.0"], "gauge>=1.0"),
    }
    sources = {library: scan(api) for library, api in callers.items()}

    def measure(library: str) -> list[str]:
        body = {"source": sources[library]}
        path = "/api/process/measure-ink"
        ask = callers[library].ask
        answers = [
            ask("POST", path, 200, headers=headers[library], json=body) for _ in range(ROUNDS)
        ]
        return [answer.json()["inkpot"] for answer in answers]

    with ThreadPoolExecutor(2) as both:
        found = dict(zip(callers, both.map(measure, callers), strict=True))
    assert found == {"1.4": ["1.4"] * ROUNDS, "2.0": ["2.0"] * ROUNDS}
    (entry,) = [
        each for each in callers["1.4"].get("/api/addons").json() if each["name"] == "gauge"
    ]
    states = {each["version"]: (each["state"], each["where"]) for each in entry["versions"]}
    assert states == {"1.0": ("running", "installed"), "1.1": ("running", "installed")}
