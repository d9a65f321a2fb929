"""An add-on's folder is read without its code, and says everything that is wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from flatbed.authoring.project import ProjectError, read_project

from .made_projects import MANIFEST, PYPROJECT, write_project

CONFIG = '[config]\ngreeting = { type = "str", default = "Hi" }\n'
POINT = '[project.entry-points."flatbed.addons"]\nmade = "made_addon"\n'
TOML = "src/made_addon/addon.toml"


def test_project_is_its_addon_from_source(tmp_path: Path) -> None:
    """With its default settings, and its source folder for the workers."""
    folder = write_project(tmp_path / "made", manifest=CONFIG, dependencies='"pillow>=12"')
    project = read_project(folder)
    addon = project.addon
    assert (addon.name, addon.version, addon.module) == ("made", "1.2.3", "made_addon")
    assert addon.distribution == "flatbed-made"
    assert addon.paths == (str(folder / "src"),)
    assert addon.config == {"greeting": "Hi"}
    assert project.requirements == ("pillow>=12",)


def test_project_is_read_without_running_its_code(tmp_path: Path) -> None:
    """What would end the process is not even looked at."""
    folder = write_project(tmp_path / "made", "raise SystemExit(7)")
    assert read_project(folder).addon.name == "made"


def test_project_takes_settings_of_its_addon(tmp_path: Path) -> None:
    """As the configuration would give them."""
    folder = write_project(tmp_path / "made", manifest=CONFIG)
    assert read_project(folder, {"greeting": "Moin"}).addon.config == {"greeting": "Moin"}


def test_project_without_a_src_folder_is_found(tmp_path: Path) -> None:
    """The other usual layout."""
    folder = write_project(tmp_path / "made")
    (folder / "src" / "made_addon").rename(folder / "made_addon")
    assert read_project(folder).addon.paths == (str(folder),)


PYPROJECTS = {
    "no toml": ("[project", "It is no valid TOML"),
    "no project": ("[tool.x]\n", "It has no [project] table"),
    "no name": ('[project]\nversion = "1"\n' + POINT, "[project] has no name"),
    "no version": ('[project]\nname = "x"\n' + POINT, "[project] has no version"),
    "no entry point": ('[project]\nname = "x"\nversion = "1"\n', "There is no entry point"),
    "two": (PYPROJECT.replace("{dependencies}", "") + 'b = "b"\n', "2 entry points"),
    "no module": (
        PYPROJECT.replace("{dependencies}", "").replace("made_addon", "made-addon"),
        "The entry point names no module: 'made-addon'",
    ),
    "no package": (
        PYPROJECT.replace("{dependencies}", "").replace("made_addon", "other"),
        "there is no src/other/__init__.py",
    ),
}


@pytest.mark.parametrize(("text", "words"), PYPROJECTS.values(), ids=PYPROJECTS)
def test_pyproject_that_is_wrong_is_named(tmp_path: Path, text: str, words: str) -> None:
    """With the file and the way out."""
    folder = write_project(tmp_path / "made", pyproject=text)
    with pytest.raises(ProjectError) as raised:
        read_project(folder)
    (problem,) = raised.value.problems
    assert problem.file == "pyproject.toml"
    assert words in problem.text


def test_folder_without_a_pyproject_is_none(tmp_path: Path) -> None:
    """A wrong folder is the usual mistake."""
    with pytest.raises(ProjectError, match="There is none in"):
        read_project(tmp_path)


def test_all_problems_of_a_manifest_are_told_at_once(tmp_path: Path) -> None:
    """Each part for itself, in the order of the file."""
    folder = write_project(
        tmp_path / "made",
        head='manifest_version = 1\nname = "made"\nworkers = 0\n',
        manifest="""
            [operations.one]
            hook = "no_such_hook"
            [operations.two]
            hook = "process_page"
            input = "sheet"
            [edits.three]
            timeout = 5
        """,
    )
    with pytest.raises(ProjectError) as raised:
        read_project(folder)
    assert {problem.file for problem in raised.value.problems} == {TOML}
    texts = [problem.text for problem in raised.value.problems]
    assert len(texts) == 5
    for text, words in zip(
        texts, ["workers", "no_such_hook", "sheet", "timeout", "'core_api' is missing"], strict=True
    ):
        assert words in text


def test_manifest_of_another_core_api_is_refused(tmp_path: Path) -> None:
    """All its parts are right for themselves, so the whole is asked."""
    folder = write_project(tmp_path / "made", head=MANIFEST.replace("1.0", "7.0"))
    with pytest.raises(ProjectError, match=r"written for core_api 7\.0"):
        read_project(folder)


def test_manifest_of_another_name_than_its_entry_point_is_refused(tmp_path: Path) -> None:
    """The service would not load it."""
    folder = write_project(tmp_path / "made", head=MANIFEST.replace("made", "mine"))
    with pytest.raises(ProjectError, match="It is of 'mine', but the entry point"):
        read_project(folder)
