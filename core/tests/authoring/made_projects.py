"""Projects of add-ons that tests write into folders of their own."""

from __future__ import annotations

import textwrap
from pathlib import Path

MANIFEST = """
manifest_version = 1
name = "made"
core_api = "1.0"
"""
PYPROJECT = """
[project]
name = "flatbed-made"
version = "1.2.3"
dependencies = [{dependencies}]
[project.entry-points."flatbed.addons"]
made = "made_addon"
"""
_HEADER = """
import os, signal, time
from flatbed.addon import *
from flatbed.errors import *
"""


def write_project(
    folder: Path,
    source: str = "",
    manifest: str = "",
    *,
    dependencies: str = "",
    head: str = MANIFEST,
    pyproject: str = PYPROJECT,
) -> Path:
    """A project with one module, `made_addon`.

    Args:
        folder: Takes it.
        source: What stands below the usual imports.
        manifest: What stands below `head`.
        dependencies: As in the list of pyproject.toml.
        head: The first lines of the manifest.
        pyproject: All of it.
    """
    package = folder / "src" / "made_addon"
    package.mkdir(parents=True)
    (folder / "pyproject.toml").write_text(pyproject.replace("{dependencies}", dependencies))
    (package / "__init__.py").write_text(_HEADER + textwrap.dedent(source))
    (package / "addon.toml").write_text(head + textwrap.dedent(manifest))
    return folder
