"""The settings of documents: of both ways or one, and the operations that take them over."""

from __future__ import annotations

from pathlib import Path

import pytest

from flatbed.errors import InvalidInputError
from flatbed.runtime.manifest import ManifestError, read_settings

from .manifest_texts import HEAD, read

READS_AND_WRITES = (
    HEAD
    + """
[documents]
load = ["application/x-made"]
save = ["application/x-made"]
[documents.settings]
password = { type = "str", default = "" }
[documents.load_settings]
dpi = { type = "int", default = 100 }
[documents.save_settings]
quality = { type = "int", default = 80, maximum = 100 }
"""
)


def test_documents_have_the_settings_of_three_tables(tmp_path: Path) -> None:
    """Of both ways, of reading, of writing; the hooks get them as one."""
    found = read(tmp_path, READS_AND_WRITES).documents
    assert found is not None
    assert (list(found.shared_settings), list(found.load_settings), list(found.save_settings)) == (
        ["password"],
        ["dpi"],
        ["quality"],
    )
    assert {name: each.default for name, each in found.settings.items()} == {
        "password": "",
        "dpi": 100,
        "quality": 80,
    }


@pytest.mark.parametrize(
    ("hook", "names"),
    [
        ("save_document", {"password", "quality"}),
        ("load_document", {"password", "dpi"}),
        ("process_page", set()),
    ],
)
def test_operation_of_a_document_hook_takes_over_its_settings(
    tmp_path: Path, hook: str, names: set[str]
) -> None:
    """Where it has none itself, so that they are written once; those of the other way are not its
    business. Callers are held to them, and its shorthand can be one.
    """
    shorthand = f'shorthand = "{min(names)}"\n' if names else ""
    text = f'{READS_AND_WRITES}[operations.make]\nhook = "{hook}"\n{shorthand}'
    operation = read(tmp_path, text).operations["make"]
    assert set(operation.settings) == names
    if hook == "save_document":
        assert read_settings(operation, "x", of="it") == {"password": "x", "quality": 80}
        with pytest.raises(InvalidInputError, match="at most 100"):
            read_settings(operation, {"quality": 101}, of="it")


def test_operation_with_settings_of_its_own_takes_over_none(tmp_path: Path) -> None:
    """It may be meant for less, or for more."""
    text = '[operations.make]\nhook = "save_document"\nsettings.kind = { type = "str" }\n'
    operation = read(tmp_path, READS_AND_WRITES + text).operations["make"]
    assert list(operation.settings) == ["kind"]


def test_operation_of_a_document_hook_without_documents_has_no_settings(tmp_path: Path) -> None:
    """There is nothing to take over."""
    text = HEAD + '[operations.make]\nhook = "save_document"\n'
    assert read(tmp_path, text).operations["make"].settings == {}


@pytest.mark.parametrize("table", ["settings", "save_settings"])
def test_setting_of_documents_that_is_declared_twice_is_refused(tmp_path: Path, table: str) -> None:
    """One of the two would be without effect."""
    text = f'{HEAD}[documents]\nload_settings.dpi = {{ type = "int" }}\n'
    text += f'{table}.dpi = {{ type = "float" }}\n'
    with pytest.raises(ManifestError, match="'dpi' stands in two tables of \\[documents\\]"):
        read(tmp_path, text)
