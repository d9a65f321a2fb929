"""Which declared route a path is."""

from __future__ import annotations

import pytest

from flatbed.http.addon_routes import match_path


@pytest.mark.parametrize(
    ("template", "path", "parameters"),
    [
        ("/status", "status", {}),
        ("/labels/{name}", "labels/a%2Fb%20c", {"name": "a/b c"}),
        ("/labels/{name}/{size}", "labels/a/12", {"name": "a", "size": "12"}),
        ("/labels/{name}", "labels/%7Bname%7D", {"name": "{name}"}),
        ("/labels/{name}", "labels/", None),
        ("/labels/{name}", "labels", None),
        ("/labels/{name}", "labels/a/b", None),
        ("/status", "Status", None),
        ("/status", "status/", None),
    ],
)
def test_match_path_compares_segment_by_segment(
    template: str, path: str, parameters: dict[str, str] | None
) -> None:
    """What is encoded in a segment is no slash between two."""
    assert match_path(template, path.split("/")) == parameters
