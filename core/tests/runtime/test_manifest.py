"""The manifest: every table, and every way to get one wrong, said by name."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from flatbed.runtime.manifest import ManifestError, Setting, manifest_schema, read_manifest

from .manifest_texts import HEAD, read

EVERY_TABLE = """
manifest_version = 1
name = "every-thing2"
core_api = "1.0"
description = "Has one of each."
enabled = false
workers = 3
memory_mb = 64

[operations.read-barcode]
hook = "read_barcodes"
input = "page"
timeout_s = 2.5
help = "Finds codes."
[operations.read-barcode.settings]
formats = { type = "list[str]", default = [], help = "Empty means all." }
scale = { type = "float", default = 1.5, minimum = 1, maximum = 4, unit = "px" }

[scanners]
kind = "escl"
fresh_process = false
limits = ["8 bit only."]

[cameras]
kind = "v4l"

[documents]
load = ["application/pdf"]
save = ["application/pdf", "image/svg+xml"]
timeout_s = 60
[documents.settings]
quality = { type = "int", default = 85, choices = [50, 85] }

[destinations]
schemes = ["https", "sftp"]
timeout_s = 7200
[destinations.settings]
parts = { type = "int", default = 1 }

[edits.rotate]
help = "Turns a page."
timeout_s = 5
[edits.rotate.settings]
angle = { type = "float", default = 90.0 }

[routes."/status/{name}"]
methods = ["GET", "POST"]
timeout_s = 3
help = "How it is."

[config]
folder = { type = "str", default = "", help = "Where." }
"""


def test_manifest_with_every_table_is_read_whole(tmp_path: Path) -> None:
    """All tables are fixed from the first day, also those that nothing uses yet."""
    found = read(tmp_path, EVERY_TABLE)
    assert (found.name, found.description, found.enabled) == (
        "every-thing2",
        "Has one of each.",
        False,
    )
    assert (found.workers, found.memory_mb) == (3, 64)
    barcode = found.operations["read-barcode"]
    assert (barcode.hook, barcode.input, barcode.timeout_s) == ("read_barcodes", "page", 2.5)
    assert barcode.settings["scale"] == Setting(
        type="float", default=1.5, minimum=1, maximum=4, unit="px"
    )
    assert found.scanners is not None
    assert (found.scanners.kind, found.scanners.fresh_process) == ("escl", False)
    assert found.scanners.limits == ["8 bit only."]
    assert found.cameras is not None
    assert found.cameras.kind == "v4l"
    assert found.documents is not None
    assert found.documents.save == ["application/pdf", "image/svg+xml"]
    assert found.documents.settings["quality"].choices == [50, 85]
    assert found.destinations is not None
    assert (found.destinations.schemes, found.destinations.timeout_s) == (["https", "sftp"], 7200)
    assert found.edits["rotate"].settings["angle"].default == 90
    assert found.routes["/status/{name}"].methods == ["GET", "POST"]
    assert found.config["folder"].help == "Where."


def test_manifest_of_three_lines_has_the_defaults_of_the_design(tmp_path: Path) -> None:
    """One worker of 1 GB, enabled, nothing declared."""
    found = read(tmp_path, HEAD)
    assert (found.enabled, found.workers, found.memory_mb) == (True, 1, 1024)
    assert (found.operations, found.edits, found.routes, found.config) == ({}, {}, {}, {})
    assert (found.scanners, found.cameras, found.documents, found.destinations) == (None,) * 4


def test_scanners_get_a_process_for_each_job_unless_they_say_otherwise(tmp_path: Path) -> None:
    """SANE is never used twice in one."""
    found = read(tmp_path, HEAD + '[scanners]\nkind = "sane"\n').scanners
    assert found is not None
    assert (found.fresh_process, found.limits) == (True, [])


OPERATION = HEAD + "[operations.x]\n"


HOOK = OPERATION + 'hook = "process_page"\n'


WRONG = {
    "no version": ('name = "made"\ncore_api = "1.0"\n', "manifest_version"),
    "version of another kind": (HEAD.replace("1\n", "2\n", 1), "manifest_version"),
    "no name": ('manifest_version = 1\ncore_api = "1.0"\n', "name"),
    "name in capitals": (HEAD.replace("made", "Made"), "name"),
    "name with a path": (HEAD.replace("made", "../made"), "name"),
    "name too long": (HEAD.replace("made", "m" * 65), "name"),
    "no core_api": ('manifest_version = 1\nname = "made"\n', "core_api"),
    "core_api as a number": (HEAD.replace('"1.0"', "1.0"), "core_api"),
    "core_api with a patch": (HEAD.replace("1.0", "1.0.0"), "core_api"),
    "unknown key": (HEAD + "worker = 2\n", "worker"),
    "unknown table": (HEAD + "[operation.x]\n", "operation"),
    "no workers": (HEAD + "workers = 0\n", "workers"),
    "too many workers": (HEAD + "workers = 65\n", "workers"),
    "too little memory": (HEAD + "memory_mb = 63\n", "memory_mb"),
    "operation without a hook": (OPERATION, "hook"),
    "operation with an unknown hook": (OPERATION + 'hook = "read_barcode"\n', "hook"),
    "operation of a driver's hook": (OPERATION + 'hook = "acquire_pages"\n', "hook"),
    "operation with an unknown input": (HOOK + 'input = "sheet"\n', "input"),
    "operation without time": (HOOK + "timeout_s = 0\n", "timeout_s"),
    "operation with too much time": (HOOK + "timeout_s = 3601\n", "timeout_s"),
    "operation in capitals": (HEAD + '[operations.X]\nhook = "process_page"\n', "operations"),
    "setting without a type": (HOOK + "settings.a = { default = 1 }\n", "type"),
    "setting of an unknown type": (HOOK + 'settings.a = { type = "dict" }\n', "type"),
    "setting with an unknown key": (HOOK + 'settings.a = { type = "int", min = 1 }\n', "min"),
    "scanners without a kind": (HEAD + "[scanners]\n", "kind"),
    "scanners of an unknown kind": (HEAD + '[scanners]\nkind = "usb"\n', "kind"),
    "documents of no media type": (HEAD + '[documents]\nsave = ["pdf"]\n', "save"),
    "destinations without schemes": (HEAD + "[destinations]\n", "schemes"),
    "destinations of a URL": (HEAD + '[destinations]\nschemes = ["https://"]\n', "schemes"),
    "route without methods": (HEAD + '[routes."/a"]\n', "methods"),
    "route with an unknown method": (HEAD + '[routes."/a"]\nmethods = ["HEAD"]\n', "methods"),
}


@pytest.mark.parametrize(("text", "culprit"), WRONG.values(), ids=WRONG.keys())
def test_manifest_that_is_wrong_is_refused_and_names_what(
    tmp_path: Path, text: str, culprit: str
) -> None:
    """Its author reads where; the add-on is not loaded."""
    with pytest.raises(ManifestError, match=f"addon.toml is not right.*{culprit}") as caught:
        read(tmp_path, text)
    assert caught.value.name == "manifest_invalid"


@pytest.mark.parametrize(
    "path", ["", "status", "/", "/a//b", "/../x", "/A", "/a?b", "/{}", "/{Name}", "/a\n"]
)
def test_route_that_is_no_plain_path_is_refused(tmp_path: Path, path: str) -> None:
    """It becomes part of the route table: segments of letters, digits, dashes, `{name}`."""
    key = path.replace("\n", "\\n")
    with pytest.raises(ManifestError, match=re.escape(f"The route {path!r} is none")):
        read(tmp_path, HEAD + f'[routes."{key}"]\nmethods = ["GET"]\n')


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (None, "There is no addon.toml beside the add-on's code."),
        (b"name = ", "no valid TOML"),
        (b"\xff\xfe", "no valid TOML"),
        (b"a = 1\na = 2\n", "no valid TOML"),
        (b"a = " + b"1" * 5000, "no valid TOML"),
        (b"a = " + b"[" * 5000 + b"]" * 5000, "no valid TOML"),
        (b'manifest_version = 1\nname = "a"\ncore_api = "' + b"1" * 5000 + b'.0"', "not right"),
    ],
    ids=["missing", "torn", "no text", "twice", "long number", "deep", "long version"],
)
def test_manifest_that_cannot_be_read_is_refused(
    tmp_path: Path, data: bytes | None, words: str
) -> None:
    """Whatever lies there, or does not."""
    if data is not None:
        (tmp_path / "addon.toml").write_bytes(data)
    with pytest.raises(ManifestError, match=words):
        read_manifest(tmp_path)


@pytest.mark.parametrize(
    "table",
    [
        "[config]\n{}",
        '[operations.x]\nhook = "process_page"\n[operations.x.settings]\n{}',
        "[documents.settings]\n{}",
        "[documents.load_settings]\n{}",
        "[documents.save_settings]\n{}",
        '[destinations]\nschemes = ["ftp"]\n[destinations.settings]\n{}',
        "[edits.x.settings]\n{}",
    ],
    ids=["config", "operation", "documents", "load", "save", "destinations", "edit"],
)
@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ('speed = { type = "int", default = "fast" }', "The default of 'speed' must be int"),
        ('speed = { type = "int", default = 1.5 }', "The default of 'speed' must be int"),
        ('speed = { type = "int", default = 0, minimum = 1 }', "'speed' must be at least 1"),
        ('speed = { type = "float", default = 9, maximum = 4 }', "'speed' must be at most 4"),
        ('speed = { type = "str", default = "c", choices = ["a"] }', "must be one of"),
        ('speed = { type = "list[str]", default = "a" }', "must be list"),
        ('speed = { type = "list[int]", default = [1, 9], maximum = 4 }', "at most 4"),
    ],
)
def test_default_that_its_own_declaration_refuses_is_refused(
    tmp_path: Path, table: str, setting: str, words: str
) -> None:
    """In every table that has settings: nobody else would notice."""
    with pytest.raises(ManifestError, match=re.escape(words)):
        read(tmp_path, HEAD + table.format(setting))


def test_example_that_its_own_declaration_refuses_is_refused(tmp_path: Path) -> None:
    """Those who try the add-on would be told that they are wrong."""
    text = HEAD + '[config]\nspeed = { type = "int", example = 0, minimum = 1 }\n'
    with pytest.raises(ManifestError, match="The example of 'speed' must be at least 1"):
        read(tmp_path, text)


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ('[operations.jobs]\nhook = "process_page"\n', "No operation can be called 'jobs'"),
        ("[edits.jobs]\n", "No operation can be called 'jobs'"),
        (
            '[operations.x]\nhook = "process_page"\nshorthand = "speed"\n',
            "The shorthand of 'x' must be one of its settings, not 'speed'.",
        ),
    ],
    ids=["operation", "edit", "shorthand"],
)
def test_operation_that_nobody_could_call_is_refused(
    tmp_path: Path, table: str, words: str
) -> None:
    """Its path is taken, or its shorthand leads nowhere."""
    with pytest.raises(ManifestError, match=re.escape(words)):
        read(tmp_path, HEAD + table)


def test_published_schema_is_that_of_the_code() -> None:
    """Editors check manifests by it; `make docs` writes it."""
    path = Path(__file__).parents[3] / "manifests" / "addon.schema.json"
    assert path.read_text("utf-8") == manifest_schema()
