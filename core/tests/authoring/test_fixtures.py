"""The fixtures of `flatbed.addon.testing`, in a test run of an author's own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from flatbed.authoring.new_project import make_project

from .made_projects import write_project

ADDON = """
_config = {}

@hookimpl
def start(config):
    _config.update(config)

@hookimpl
def process_page(operation, page, settings, out):
    if operation == "stop":
        signal.pause()
    if operation == "fall":
        raise ZeroDivisionError("over")
    out.warn("worked")
    return [_config["word"], page.mode, settings]

@hookimpl
def load_document(file, settings, out):
    for letter in file.open().read():
        with out.new_page(size_px=(1, 1), dpi=(100, 100), mode="L", bits=8) as page:
            page.write_rows(bytes([letter]))

@hookimpl
def save_document(pages, settings, out):
    with out.new_file(settings["media_type"]) as file:
        for page in pages:
            file.write(page.open().tobytes())

@hookimpl
def handle_request(request):
    return Response(value=[request.parameters, request.query, request.body], status=201)
"""
MANIFEST = """
[config]
word = { type = "str", default = "yes" }
[operations.look]
hook = "process_page"
settings = { depth = { type = "int", default = 3, maximum = 9 } }
[operations.fall]
hook = "process_page"
[operations.stop]
hook = "process_page"
timeout_s = 0.5
[documents]
load = ["text/plain"]
save = ["text/plain"]
[routes."/labels/{name}"]
methods = ["PUT"]
"""
TESTS = """
import asyncio
import pytest
from flatbed.errors import InvalidInputError, WorkerCrashedError, WorkerTimeoutError


def test_pages(pages, page):
    assert [pages[mode].open().mode for mode in pages] == ["1", "L", "RGB"]
    assert page.mode == "RGB"


def test_process(worker, page):
    answer = worker.process("look", page)
    assert answer.value == ["yes", "RGB", {"depth": 3}]
    assert answer.warnings == ("worked",)


async def test_in_an_event_loop(worker, page):
    assert worker.process("look", page, depth=9).value[2] == {"depth": 9}


def test_setting(worker, page):
    with pytest.raises(InvalidInputError, match="at most 9"):
        worker.process("look", page, depth=10)


def test_crash_and_limit(worker, page):
    with pytest.raises(WorkerCrashedError, match="ZeroDivisionError: over"):
        worker.process("fall", page)
    with pytest.raises(WorkerTimeoutError, match="0.5 s"):
        worker.process("stop", page)
    assert worker.process("look", page).value[0] == "yes"


def test_files(worker, make_page):
    loaded = worker.load(make_page.file(b"ABC"), "text/plain")
    assert [each.open().tobytes() for each in loaded.pages] == [b"A", b"B", b"C"]
    saved = worker.save(loaded.pages[1:], "text/plain")
    assert (saved.file.media_type, saved.file.data) == ("text/plain", b"BC")


def test_request(worker):
    answer = worker.request("PUT", "/labels/{name}", name="A", query={"q": "1"}, body={"b": 2})
    assert (answer.status, answer.value) == (201, [{"name": "A"}, {"q": "1"}, {"b": 2}])


class TestConfigured:
    @pytest.fixture
    def addon_config(self):
        return {"word": "moin"}

    def test_worker(self, worker, page):
        assert worker.process("look", page).value[0] == "moin"

    def test_service(self, service):
        answer = service.ask("POST", "/process/look", {"source": service.scan_page()})
        assert answer[0] == "moin"
        with pytest.raises(InvalidInputError, match="at most 9"):
            service.ask("POST", "/process/look", {"source": "x", "settings": {"depth": 10}})
"""


def run_pytest(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """A test run in a folder, as its author would begin it."""
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options],
        cwd=folder,
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def test_fixtures_work_in_a_run_of_their_own(tmp_path: Path) -> None:
    """Loaded by the author's conftest; each of them, also beside an event loop."""
    folder = write_project(tmp_path / "made", ADDON, MANIFEST)
    (folder / "conftest.py").write_text('pytest_plugins = ["flatbed.addon.testing"]\n')
    (folder / "test_made.py").write_text(TESTS)
    done = run_pytest(folder, "-o", "asyncio_mode=auto")
    assert done.returncode == 0, done.stdout
    assert "9 passed" in done.stdout


def test_new_addon_passes_its_own_tests(tmp_path: Path) -> None:
    """Renamed as they are, as its author would begin them."""
    made = make_project("read-stamps", tmp_path)
    done = run_pytest(made)
    assert done.returncode == 0, done.stdout
    assert "10 passed" in done.stdout


def test_fixtures_without_an_addon_above_say_so(tmp_path: Path) -> None:
    """The author reads what is missing."""
    (tmp_path / "test_made.py").write_text("def test_it(worker):\n    pass\n")
    done = run_pytest(tmp_path, "-p", "flatbed.addon.testing")
    assert "has an entry point of an add-on" in done.stdout
    assert "1 error" in done.stdout
