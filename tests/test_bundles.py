"""Bundles: environments that hold exactly what they list, and add-ons that need no other."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from .support.client import JOBS, ApiClient
from .support.service import LiveService

ROOT = Path(__file__).parents[1]
BUNDLES = sorted(path.stem for path in (ROOT / "manifests").glob("*.toml"))
ADDONS = sorted(
    path.parent.name
    for path in (ROOT / "addons").glob("*/pyproject.toml")
    if path.parent.name != "template"
)
_OWN_TOOLS = os.pathsep.join([str(ROOT / ".venv-tools/bin"), str(Path.home() / ".local/bin")])
_LIMIT_S = 100

MakeEnvironment = Callable[[dict[str, str]], Path]
Start = Callable[[Path], LiveService]


def make(bundle: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the script as `make bundle` does."""
    return subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "bundle.py"), bundle, "--folder", str(folder)],
        capture_output=True,
        text=True,
        timeout=_LIMIT_S,
        env={**os.environ, "PATH": f"{_OWN_TOOLS}{os.pathsep}{os.environ['PATH']}"},
        check=False,
    )


def listed(bundle: str) -> dict[str, str]:
    """The distributions of a bundle with their versions."""
    text = (ROOT / "manifests" / f"{bundle}.toml").read_text("utf-8")
    return dict(tomllib.loads(text)["distributions"])


@pytest.fixture(scope="module")
def environment_of(tmp_path_factory: pytest.TempPathFactory) -> MakeEnvironment:
    """Makes the environment of a bundle; of two that list the same, one."""

    @cache
    def make_once(wanted: tuple[tuple[str, str], ...]) -> Path:
        folder = tmp_path_factory.mktemp("bundle")
        manifest = folder / "wanted.toml"
        lines = [f'{name} = "{version}"' for name, version in wanted]
        manifest.write_text("\n".join(["[distributions]", *lines]), "utf-8")
        done = make(str(manifest), folder / "made")
        assert done.returncode == 0, done.stderr
        return folder / "made"

    return lambda wanted: make_once(tuple(wanted.items()))


def versions(environment: Path) -> dict[str, str]:
    """Our distributions in an environment."""
    look = (
        "import json; from importlib.metadata import distributions;"
        "print(json.dumps({d.name: d.version for d in distributions()"
        " if d.name.startswith('flatbed')}))"
    )
    python = str(environment / "bin" / "python")
    found: dict[str, str] = json.loads(subprocess.check_output([python, "-c", look]))
    return found


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts the service of an environment."""
    services: list[LiveService] = []

    def start(environment: Path) -> LiveService:
        folder = tmp_path / "service"
        folder.mkdir()
        python = str(environment / "bin" / "python")
        services.append(LiveService(folder, {"ADDONS__VIRTUAL__SHEETS": 4}, python=python))
        return services[-1].start()

    yield start
    for service in services:
        service.close()


def scan_labels(api: ApiClient) -> str:
    """Scan sheets, the last with barcodes on it; its `source`."""
    config = {"Resolution": 150, "IfFeederEnabled": True}
    job = api.ask("POST", JOBS, 201, json={"config": config}).json()["jobuid"]
    while api.ask("GET", f"{JOBS}/{job}/next-page").status_code == 200:
        pass
    return f"{JOBS}/{job}/content?page=3"


def read_barcodes(api: ApiClient) -> None:
    """What the add-on `barcode` is for."""
    body = {"source": scan_labels(api)}
    assert len(api.ask("POST", "/api/process/read-barcode", 200, json=body).json()) > 1


def write_pdf(api: ApiClient) -> None:
    """What the add-on `pdf` is for."""
    job = scan_labels(api).partition("/content")[0]
    answer = api.ask("GET", f"{job}/content?type=application/pdf", 200)
    assert answer.content.startswith(b"%PDF-")


USES: dict[str, Callable[[ApiClient], None]] = {"barcode": read_barcodes, "pdf": write_pdf}


def test_every_add_on_here_is_in_the_full_bundle() -> None:
    """And has a use above."""
    assert sorted(listed("full")) == ["flatbed", *(f"flatbed-{name}" for name in ADDONS)]
    assert sorted(USES) == ADDONS


@pytest.mark.parametrize("bundle", BUNDLES)
def test_bundle_holds_exactly_what_it_lists(bundle: str, environment_of: MakeEnvironment) -> None:
    """Our distributions at their versions, and no other of ours."""
    assert versions(environment_of(listed(bundle))) == listed(bundle)


def test_core_runs_without_any_add_on(environment_of: MakeEnvironment, start: Start) -> None:
    """It scans, and says what would read a barcode."""
    api = start(environment_of(listed("minimal"))).client()
    found = api.get("/api/addons").json()
    assert {version["where"] for each in found for version in each["versions"]} == {"core"}
    body = {"source": scan_labels(api)}
    refusal = api.refusal("POST", "/api/process/read-barcode", 404, json=body)
    assert refusal["message"].endswith("Install it with: flatbed addons install barcode")


@pytest.mark.parametrize("name", ADDONS)
def test_add_on_runs_without_the_others(
    name: str, environment_of: MakeEnvironment, start: Start
) -> None:
    """In an environment with the core and itself."""
    wanted = {each: listed("full")[each] for each in ("flatbed", f"flatbed-{name}")}
    environment = environment_of(wanted)
    assert versions(environment) == wanted
    USES[name](start(environment).client())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('flatbed = "0.0.7"', "lists flatbed 0.0.7, and here is 0.1.0"),
        ('flatbed-fax = "1.0"', "lists flatbed-fax 1.0, and here is none"),
    ],
    ids=["another-version", "not-there"],
)
def test_bundle_of_what_is_not_here_is_refused(text: str, words: str, tmp_path: Path) -> None:
    """Before anything is made."""
    manifest = tmp_path / "wrong.toml"
    manifest.write_text(f"[distributions]\n{text}\n", "utf-8")
    done = make(str(manifest), tmp_path / "made")
    assert (done.returncode, (tmp_path / "made").exists()) == (1, False)
    assert words in done.stderr


def test_unknown_bundle_names_those_that_there_are(tmp_path: Path) -> None:
    """In one line."""
    done = make("everything", tmp_path / "made")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "bundle: There is no bundle 'everything'. There are: full, minimal, scan-to-pdf.\n"
    )


def test_bundle_never_replaces_a_folder_that_is_no_environment(tmp_path: Path) -> None:
    """Somebody's documents, say."""
    (tmp_path / "letter.txt").write_text("dear")
    done = make("minimal", tmp_path)
    assert done.returncode == 1
    assert (tmp_path / "letter.txt").read_text() == "dear"
