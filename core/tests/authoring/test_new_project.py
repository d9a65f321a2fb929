"""A new add-on is the template with every name in it changed."""

from __future__ import annotations

import shutil
import tomllib
import zipfile
from pathlib import Path

import pytest

from flatbed.authoring.new_project import FolderTakenError, make_project, rename, template_folder
from flatbed.authoring.project import read_project
from flatbed.errors import InvalidInputError

from .uv import ROOT, build_core, needs_uv

FILES = [
    "CHANGELOG.md",
    "LICENSE",
    "README.md",
    "pyproject.toml",
    "src/flatbed_read_stamps/__init__.py",
    "src/flatbed_read_stamps/addon.toml",
    "src/flatbed_read_stamps/py.typed",
    "tests/test_read_stamps.py",
]


def files_of(folder: Path) -> list[str]:
    """Every file below a folder."""
    return sorted(str(each.relative_to(folder)) for each in folder.rglob("*") if each.is_file())


def test_new_project_is_an_addon_of_its_name(tmp_path: Path) -> None:
    """Distribution, package, add-on and entry point."""
    made = make_project("read-stamps", tmp_path)
    assert made == tmp_path / "read-stamps"
    assert files_of(made) == FILES
    addon = read_project(made).addon
    assert (addon.name, addon.version) == ("read-stamps", "0.1.0")
    assert (addon.distribution, addon.module) == ("flatbed-read-stamps", "flatbed_read_stamps")
    declared = tomllib.loads((made / "pyproject.toml").read_text())
    assert declared["project"]["description"] == "The add-on read-stamps of Flatbed."
    assert declared["project"]["authors"] == [{"name": "Your name"}]


def test_new_project_has_no_word_of_the_template_left(tmp_path: Path) -> None:
    """But in the licence, which is a text of others."""
    made = make_project("read-stamps", tmp_path)
    for name in FILES:
        if name != "LICENSE":
            assert "template" not in (made / name).read_text("utf-8").lower(), name
    assert (made / "README.md").read_text().startswith("# flatbed-read-stamps\n")


def test_new_project_keeps_the_licence(tmp_path: Path) -> None:
    """Word for word."""
    made = make_project("read-stamps", tmp_path)
    assert (made / "LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()


def test_new_project_takes_nothing_that_tools_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Caches, environments and builds of the template are not copied."""
    template = tmp_path / "template"
    shutil.copytree(template_folder(), template, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("tests/__pycache__/a.pyc", ".venv/b", "dist/c.whl", ".pytest_cache/d", "uv.lock"):
        (template / name).parent.mkdir(parents=True, exist_ok=True)
        (template / name).write_bytes(b"\xff")
    monkeypatch.setattr("flatbed.authoring.new_project.template_folder", lambda: template)
    assert files_of(make_project("read-stamps", tmp_path)) == FILES


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("flatbed-template", "flatbed-a-b"),
        ("import flatbed_template.ink", "import flatbed_a_b.ink"),
        ("/api/addons/template/hello", "/api/addons/a-b/hello"),
        ("tests/test_template.py", "tests/test_a_b.py"),
        ('template = "flatbed_template"', 'a-b = "flatbed_a_b"'),
        ("templates, my-template, template_folder", "templates, my-template, template_folder"),
        ("A flatbed scanner", "A flatbed scanner"),
    ],
)
def test_rename_changes_whole_names_only(text: str, expected: str) -> None:
    """Each to what it is in the new add-on."""
    assert rename(text, "a-b") == expected


@pytest.mark.parametrize(
    "name", ["", "Hello", "a b", "-a", "a-", "a--b", "../a", "1a", "a_b", "a" * 65, "grüße"]
)
def test_name_that_cannot_be_makes_nothing(tmp_path: Path, name: str) -> None:
    """The sentence shows one that can."""
    with pytest.raises(InvalidInputError, match="as in read-stamps"):
        make_project(name, tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["core", "imaging", "sane", "virtual"])
def test_name_of_the_core_makes_nothing(tmp_path: Path, name: str) -> None:
    """Two of one name would hide each other."""
    with pytest.raises(InvalidInputError, match="is a part of Flatbed itself"):
        make_project(name, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_folder_that_is_there_is_left_alone(tmp_path: Path) -> None:
    """Whatever is in it."""
    (tmp_path / "hello").mkdir()
    (tmp_path / "hello" / "mine").write_text("mine")
    with pytest.raises(FolderTakenError, match="is there already"):
        make_project("hello", tmp_path)
    assert files_of(tmp_path) == ["hello/mine"]


def test_place_that_is_none_is_named(tmp_path: Path) -> None:
    """It is not made."""
    with pytest.raises(InvalidInputError, match="There is no folder"):
        make_project("hello", tmp_path / "missing")


@needs_uv
def test_wheel_of_the_core_has_the_template(tmp_path: Path) -> None:
    """Where the code looks first, and without caches."""
    (template_folder() / "tests" / "__pycache__").mkdir(exist_ok=True)
    wheel = build_core(tmp_path)
    with zipfile.ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if name.startswith("flatbed/template/")]
    assert sorted(name.removeprefix("flatbed/template/") for name in names) == [
        name.replace("read_stamps", "template") for name in FILES
    ]
