"""The add-on guide: its examples run as they stand there, and it names all that there is."""

from __future__ import annotations

import inspect
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from flatbed import addon
from flatbed.addon import hookspecs, testing
from flatbed.authoring.examination import examine
from flatbed.runtime import manifest
from flatbed.runtime.manifest import Manifest

from .conftest import MakeService
from .test_docs import ROOT, examples, run

GUIDE = "docs/addon-guide.md"
CHANGELOG = "docs/addon-api-changelog.md"
PYPROJECT = """
[project]
name = "flatbed-labels"
version = "1.0"
[project.entry-points."flatbed.addons"]
labels = "flatbed_labels"
[tool.pytest.ini_options]
addopts = "-p flatbed.addon.testing -p no:cacheprovider"
"""
HOOKS = [
    name
    for name, value in vars(hookspecs).items()
    if inspect.isfunction(value) and hasattr(value, "flatbed_spec")
]
TABLES = [
    value
    for value in vars(manifest).values()
    if inspect.isclass(value) and issubclass(value, msgspec.Struct) and value is not msgspec.Struct
]


def blocks(heading: str, language: str) -> str:
    """All blocks of a language in a chapter of the guide, one below the other."""
    text = (ROOT / GUIDE).read_text("utf-8")
    chapter = text.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    return "\n".join(re.findall(rf"^```{language}\n(.*?)^```$", chapter, re.DOTALL | re.MULTILINE))


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    """The project that the guide's chapters are, put together."""
    package = tmp_path / "labels" / "src" / "flatbed_labels"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(blocks("The hooks", "python"))
    (package / "addon.toml").write_text(blocks("The manifest, table by table", "toml"))
    project = tmp_path / "labels"
    (project / "pyproject.toml").write_text(PYPROJECT)
    (project / "test_labels.py").write_text(blocks("Check and tests", "python"))
    return project


def test_guide_leads_from_nothing_to_an_answer(make_service: MakeService, tmp_path: Path) -> None:
    """Made, checked, installed, listed; then asked by a program."""
    service = make_service()
    desk = tmp_path / "desk"
    desk.mkdir()
    making, asking = examples(GUIDE, "From nothing to an answer")
    said = run(making, service, desk)
    assert "hello 0.1.0: All is well." in said
    assert "Installed hello 0.1.0" in said
    answers = run(asking, service, desk)
    ink, _, greeting = answers.partition("}")
    assert 0 < json.loads(ink + "}")["ink"] < 0.5
    assert json.loads(greeting) == {"text": "Hello, Ada!"}


def test_guide_switches_and_removes_an_addon(make_service: MakeService, tmp_path: Path) -> None:
    """The last chapter's commands, on a new add-on."""
    service = make_service()
    desk = tmp_path / "desk"
    desk.mkdir()
    (switching,) = examples(GUIDE, "Versions")
    said = run(f"flatbed addons new hello\n{switching}", service, desk)
    assert "Removed hello 0.1.0." in said


def test_guide_has_an_addon_that_keeps_its_promises(labels: Path, tmp_path: Path) -> None:
    """Every hook of the chapter is called; only what needs a device is not."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    report = examine(labels, scratch)
    wrong = [row for row in report.checks if row.result != "ok"]
    assert [(row.kind, row.result) for row in wrong] == [
        ("scanners", "skipped"),
        ("destinations", "skipped"),
    ]
    hooks = {row.name for row in report.checks if row.kind == "hook"}
    not_promised = {"start", "stop", "describe_environment", "get_capabilities", "preview_frames"}
    assert hooks == set(HOOKS) - not_promised


def test_guide_has_tests_that_pass(labels: Path) -> None:
    """In a run of their own, with the fixtures alone."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q"],
        cwd=labels,
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "6 passed" in done.stdout


def test_guide_shows_the_pyproject_of_a_new_addon() -> None:
    """The lines that make a distribution an add-on are those of the template."""
    shown = blocks("The project", "toml").replace("hello", "template").splitlines()
    template = (ROOT / "addons/template/pyproject.toml").read_text("utf-8")
    assert [line for line in shown if line not in template] == []


@pytest.mark.parametrize("document", [GUIDE, CHANGELOG])
def test_every_hook_is_named(document: str) -> None:
    """A new one is written about before it is there."""
    text = (ROOT / document).read_text("utf-8")
    assert len(HOOKS) >= 15
    assert [name for name in HOOKS if not re.search(rf"\b{name}\b", text)] == []


def test_every_public_type_is_named() -> None:
    """Those that add-ons import, and those of their tests."""
    text = (ROOT / CHANGELOG).read_text("utf-8")
    names = [*addon.__all__, *testing.__all__]
    assert [name for name in names if f"`{name}`" not in text] == []


def test_every_key_of_the_manifest_is_named() -> None:
    """In the guide with its meaning, in the changelog with its table."""
    keys = {field.encode_name for table in TABLES for field in msgspec.structs.fields(table)}
    assert {"core_api", "shorthand", "load_timeout_s", "example"} <= keys
    tables = {field.name for field in msgspec.structs.fields(Manifest)}
    for document in (GUIDE, CHANGELOG):
        text = (ROOT / document).read_text("utf-8")
        missing = [
            key for key in keys - tables if f"`{key}`" not in text and f"{key} =" not in text
        ]
        assert missing == []
        assert [key for key in tables if f"`{key}`" not in text and f"[{key}" not in text] == []
