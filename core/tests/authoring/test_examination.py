"""`examine` finds out what is wrong with an add-on before anybody installs it."""

from __future__ import annotations

from pathlib import Path

import pytest

from flatbed.authoring.examination import examine
from flatbed.authoring.report import Report, Row

from .made_projects import write_project

OPERATION = '[operations.dim]\nhook = "process_page"\n'
EDIT = "[edits.dim]\n"
ANSWERS = """
@hookimpl
def process_page(page):
    return {"pixels": page.size_px[0] * page.size_px[1]}
"""


def look(folder: Path, source: str = "", manifest: str = "", dependencies: str = "") -> Report:
    """The report on an add-on that is written down here."""
    write_project(folder / "made", source, manifest, dependencies=dependencies)
    scratch = folder / "scratch"
    scratch.mkdir()
    return examine(folder / "made", scratch)


def last(report: Report) -> Row:
    """Its last row."""
    return report.checks[-1]


def test_examine_tries_what_is_declared_and_measures_it(tmp_path: Path) -> None:
    """One row for each thing, in order."""
    report = look(tmp_path, ANSWERS, OPERATION, '"pillow"')
    assert (report.addon, report.version, report.core_api) == ("made", "1.2.3", "1.0")
    assert report.ok
    assert [(row.kind, row.name, row.result) for row in report.checks] == [
        ("project", "flatbed-made", "ok"),
        ("manifest", "made", "ok"),
        ("dependency", "pillow", "ok"),
        ("hook", "process_page", "ok"),
        ("operation", "dim", "ok"),
    ]
    row = last(report)
    assert row.ms is not None
    assert row.memory_mb is not None
    assert row.ms > 0
    assert row.memory_mb > 5


def test_examine_names_a_dependency_that_is_missing_and_stops(tmp_path: Path) -> None:
    """Without it nothing can be imported."""
    report = look(tmp_path, "import no_such_thing", OPERATION, '"no-such-thing>=2"')
    assert not report.ok
    assert (last(report).kind, last(report).result) == ("dependency", "failed")
    assert "pip install 'no-such-thing>=2'" in last(report).note


def test_examine_shows_the_traceback_of_an_import_that_fails(tmp_path: Path) -> None:
    """The add-on's own line is in it."""
    report = look(tmp_path, "import no_such_thing", OPERATION)
    assert last(report).kind == "hook"
    assert "No module named 'no_such_thing'" in last(report).note
    assert "import no_such_thing" in last(report).trace


@pytest.mark.parametrize(
    ("end", "words"),
    [
        ("os._exit(0)", "it ended with 0"),
        ("os.kill(os.getpid(), signal.SIGSEGV)", "it ended with -11"),
        ("print('hooks: none', flush=True); os._exit(3)", ""),
    ],
    ids=["leaves", "crashes", "prints"],
)
def test_examine_survives_an_import_that_ends_the_process(
    tmp_path: Path, end: str, words: str
) -> None:
    """Ours is another one."""
    report = look(tmp_path, end, OPERATION)
    assert (last(report).kind, last(report).result) == ("hook", "failed")
    assert words in last(report).note


def test_examine_reads_the_hooks_of_an_addon_that_prints(tmp_path: Path) -> None:
    """Before and after."""
    source = "import atexit\nprint('hello')\natexit.register(print, 'bye')\n" + ANSWERS
    assert look(tmp_path, source, OPERATION).ok


def test_examine_names_a_hook_that_the_manifest_needs_and_nobody_wrote(tmp_path: Path) -> None:
    """With the table that needs it."""
    report = look(tmp_path, ANSWERS, '[routes."/hello"]\nmethods = ["GET"]\n')
    (row,) = [row for row in report.checks if row.kind == "hook"]
    assert row.result == "failed"
    assert row.note == "addon.toml needs it for [routes], but the code has none."


def test_examine_shows_the_traceback_of_an_operation_that_fails(tmp_path: Path) -> None:
    """It is what an author needs."""
    source = "@hookimpl\ndef process_page(page):\n    return [][len(page.mode)]\n"
    report = look(tmp_path, source, OPERATION)
    assert (report.ok, last(report).result) == (False, "failed")
    assert "IndexError" in last(report).note
    assert "return [][len(page.mode)]" in last(report).trace


def test_examine_of_a_hook_with_an_argument_that_is_none_says_so(tmp_path: Path) -> None:
    """A worker would not load it."""
    source = "@hookimpl\ndef process_page(page, colour):\n    return 1\n"
    report = look(tmp_path, source, OPERATION)
    assert last(report).result == "failed"
    assert "colour" in last(report).note


def test_examine_survives_a_crash(tmp_path: Path) -> None:
    """What comes after it is tried too."""
    source = """
        @hookimpl
        def process_page(operation):
            if operation == "dim":
                os._exit(9)
            return 1
    """
    report = look(tmp_path, source, OPERATION + '[operations.fine]\nhook = "process_page"\n')
    assert [(row.name, row.result) for row in report.checks[-2:]] == [
        ("dim", "failed"),
        ("fine", "ok"),
    ]


def test_examine_keeps_to_the_limit_of_time(tmp_path: Path) -> None:
    """An operation that never ends fails."""
    source = "@hookimpl\ndef process_page():\n    signal.pause()\n"
    report = look(tmp_path, source, OPERATION + "timeout_s = 0.5\n")
    assert "took longer than 0.5 s" in last(report).note


def test_examine_wants_a_page_of_an_edit(tmp_path: Path) -> None:
    """JSON is no page."""
    report = look(tmp_path, ANSWERS, EDIT)
    assert (last(report).kind, last(report).result) == ("edit", "failed")
    assert last(report).note == "The add-on wrote 0 pages in place of one."


def test_examine_wants_typed_results(tmp_path: Path) -> None:
    """Of the hooks whose results the core reads."""
    source = "@hookimpl\ndef read_barcodes():\n    return ['4006381333931']\n"
    report = look(tmp_path, source, '[operations.read]\nhook = "read_barcodes"\n')
    assert last(report).result == "failed"
    assert "answered something that cannot be" in last(report).note


def test_examine_skips_an_operation_whose_setting_nobody_can_guess(tmp_path: Path) -> None:
    """And names the setting; an example would help."""
    source = """
        @hookimpl
        def process_page(settings):
            if "box" not in settings:
                raise InvalidInputError("Say where.")
            return settings["box"]
    """
    box = 'settings = { box = { type = "list[int]" } }\n'
    report = look(tmp_path, source, OPERATION + box)
    assert (report.ok, last(report).result) == (True, "skipped")
    assert last(report).note == "needs 'box'; give it an example"


def test_examine_takes_the_example_of_a_setting(tmp_path: Path) -> None:
    """The same with one."""
    source = "@hookimpl\ndef process_page(settings):\n    return sum(settings['box'])\n"
    box = 'settings = { box = { type = "list[int]", example = [1, 2] } }\n'
    report = look(tmp_path, source, OPERATION + box)
    assert last(report).result == "ok"


def test_examine_tells_of_pages_that_are_refused(tmp_path: Path) -> None:
    """That is no failure as long as some are taken."""
    source = """
        @hookimpl
        def process_page(page):
            if page.mode == "1":
                raise InvalidInputError("Scan in gray.")
    """
    report = look(tmp_path, source, OPERATION)
    assert (last(report).result, last(report).note) == ("ok", "refused once: Scan in gray.")


def test_examine_reads_what_the_addon_wrote(tmp_path: Path) -> None:
    """A type of its own comes back as pages."""
    source = """
        @hookimpl
        def save_document(pages, out):
            with out.new_file("application/x-size") as file:
                file.write(str(pages[0].size_px[0]).encode())

        @hookimpl
        def load_document(file, out):
            width = int(file.open().read())
            with out.new_page(size_px=(width, 1), dpi=(100, 100), mode="L", bits=8) as page:
                page.write_rows(bytes(width))
    """
    kinds = '[documents]\nload = ["application/x-size", "model/stl"]\n'
    report = look(tmp_path, source, kinds + 'save = ["application/x-size"]\n')
    assert [(row.kind, row.result, row.note) for row in report.checks[-3:]] == [
        ("save", "ok", "file of 3 bytes"),
        ("load", "ok", "1 pages"),
        ("load", "skipped", "no sample of this type is here"),
    ]


@pytest.mark.parametrize(
    ("body", "result", "note"),
    [
        ("return request.parameters", "ok", "answered 200"),
        ("return Response(value=1, status=201)", "ok", "answered 201"),
        ("raise NotFoundError('No such label.')", "ok", "answered 404"),
        ("raise RuntimeError('Torn.')", "failed", "RuntimeError: Torn."),
    ],
    ids=["value", "status", "refused", "failed"],
)
def test_examine_asks_declared_routes(tmp_path: Path, body: str, result: str, note: str) -> None:
    """With a sample for each parameter; to refuse it is no failure."""
    source = f"@hookimpl\ndef handle_request(request):\n    {body}\n"
    report = look(tmp_path, source, '[routes."/labels/{name}"]\nmethods = ["GET"]\n')
    assert (last(report).name, last(report).result) == ("GET /labels/{name}", result)
    assert note in last(report).note


def test_examine_shows_the_environment(tmp_path: Path) -> None:
    """As `GET /api/addons` will."""
    source = "@hookimpl\ndef describe_environment():\n    return {'tesseract': '5.3.0'}\n"
    assert last(look(tmp_path, source)).note == "tesseract 5.3.0"


def test_examine_of_no_project_says_why(tmp_path: Path) -> None:
    """Nothing is called."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    report = examine(tmp_path, scratch)
    assert [(row.kind, row.name, row.result) for row in report.checks] == [
        ("project", "pyproject.toml", "failed")
    ]
