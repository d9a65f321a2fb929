"""Puts the template of add-ons into what is built, where `flatbed addons new` finds it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_IN_WHEEL = "flatbed/template"
_IN_SOURCES = "template"
_KEPT = (
    "pyproject.toml",
    "README.md",
    "CHANGELOG.md",
    "LICENSE",
    "src/**/*.py",
    "src/**/addon.toml",
    "src/**/py.typed",
    "tests/**/*.py",
)


class TemplateHook(BuildHookInterface):
    """Names the files of the template, and none that tools left beside them."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """See hatchling; an editable installation reads the template in its place."""
        if version == "editable":
            return
        template = self._template()
        into = _IN_WHEEL if self.target_name == "wheel" else _IN_SOURCES
        for pattern in _KEPT:
            for file in sorted(template.glob(pattern)):
                name = file.relative_to(template).as_posix()
                build_data["force_include"][str(file)] = f"{into}/{name}"

    def _template(self) -> Path:
        root = Path(self.root)
        for folder in (root / _IN_SOURCES, root.parent / "addons" / "template"):
            if (folder / "pyproject.toml").is_file():
                return folder
        raise FileNotFoundError(f"addons/template is not there beside {root}")
