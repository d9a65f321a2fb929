"""A service for the tests of an add-on."""

from __future__ import annotations

from pathlib import Path

import pytest

from flatbed.authoring.live_service import AddonService
from flatbed.authoring.new_project import template_folder
from flatbed.authoring.project import read_project
from flatbed.errors import AddonMissingError, InternalError


def test_service_has_the_addon_and_leaves_the_environment_alone(tmp_path: Path) -> None:
    """It is listed with its version, and its settings are those of the test."""
    service = AddonService(read_project(template_folder()), tmp_path, {"greeting": "Moin"})
    try:
        (row,) = [each for each in service.ask("GET", "/addons") if each["name"] == "template"]
        assert [each["version"] for each in row["versions"]] == ["0.1.0"]
        assert service.ask("GET", "/addons/template/hello/Ada") == {"text": "Moin, Ada!"}
        with pytest.raises(AddonMissingError):
            service.ask("POST", "/process/no-such-thing", {"source": service.scan_page()})
        assert service.fetch("/hello").startswith(b"{")
    finally:
        service.close()


def test_service_that_does_not_start_says_why(tmp_path: Path) -> None:
    """In the service's own words; nothing is left running."""
    (tmp_path / "data").write_text("a file in the place of the folder")
    with pytest.raises(InternalError, match="data"):
        AddonService(read_project(template_folder()), tmp_path, {})
