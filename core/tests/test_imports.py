"""The import direction of the core: cli, service -> http -> scan, storage, runtime -> addon."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src" / "flatbed"

# What each part may import of the others. A part that is not here (the command line, the service,
# the monitor) puts things together: it may import all of these, and none of these may import it.
ALLOWED = {
    "errors": set[str](),
    "system": {"errors"},
    "config": {"errors", "system"},
    "addon": {"errors", "system"},
    "builtin": {"errors", "addon"},
    "runtime": {"errors", "system", "addon"},
    # Of the command line alone: nothing that serves requests installs anything.
    "installing": {"errors", "system", "addon", "runtime"},
    "storage": {"errors", "system", "addon", "runtime"},
    "editing": {"errors", "system", "addon", "runtime", "storage"},
    "processing": {"errors", "system", "addon", "runtime", "storage", "editing"},
    "scan": {"errors", "system", "config", "addon", "runtime", "storage", "editing"},
    "http": {
        *("errors", "system", "config", "addon", "runtime", "storage", "editing", "processing"),
        "scan",
    },
}
SLOW = {"tornado", "psutil", "structlog", "msgspec", "platformdirs", "asyncio", "ssl", "typer"}
WORKER = "flatbed.runtime.worker"


def part_of(module: str) -> str:
    """`scan` for `flatbed.scan.jobs`."""
    return module.split(".")[1]


def imported(source: str, module: str) -> Iterator[str]:
    """Every module that a source names, also within functions and for types alone."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = module.split(".")[: -node.level] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            # The name may be a module itself, as in `from flatbed import system`.
            yield from (f"{base}.{each.name}" for each in node.names)


def modules_of(part: str) -> list[tuple[str, Path]]:
    """The modules of a part with their files."""
    single = SOURCE / f"{part}.py"
    files = [single] if single.exists() else sorted((SOURCE / part).rglob("*.py"))
    return [
        ("flatbed." + ".".join(file.relative_to(SOURCE).with_suffix("").parts), file)
        for file in files
    ]


def loaded_after(statement: str) -> set[str]:
    """The top-level names of the modules that a fresh Python has after a statement."""
    code = f"import sys; {statement}; print('\\n'.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in done.stdout.splitlines()}


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("import os.path, flatbed.http", {"os.path", "flatbed.http"}),
        ("from flatbed import system", {"flatbed.system"}),
        ("from ..http import guard", {"flatbed.http.guard"}),
        ("from . import pool", {"flatbed.runtime.pool"}),
        ("def late():\n    from flatbed.http.guard import Guard", {"flatbed.http.guard.Guard"}),
    ],
    ids=["plain", "module of a package", "relative", "beside", "in a function"],
)
def test_imported_names_of_a_source_are_found(source: str, names: set[str]) -> None:
    """No way of writing an import goes unseen."""
    assert set(imported(source, "flatbed.runtime.worker")) == names


@pytest.mark.parametrize("part", ALLOWED)
def test_part_imports_only_what_lies_below_it(part: str) -> None:
    """A line here would turn the direction round; move what is needed down instead."""
    assert modules_of(part), f"{part} is not there any more: take it out of the table"
    wrong = [
        f"{module} imports {name}"
        for module, file in modules_of(part)
        for name in imported(file.read_text("utf-8"), module)
        if name.startswith("flatbed.") and part_of(name) not in ALLOWED[part] | {part}
    ]
    assert wrong == []


@pytest.mark.parametrize("part", ["addon", "builtin", "errors", "system"])
def test_what_workers_import_names_nothing_slow(part: str) -> None:
    """A worker must start in about 75 ms; what is slow there is imported within a function."""
    wrong = [
        f"{module} imports {name}"
        for module, file in modules_of(part)
        for name in imported(_without_functions(file.read_text("utf-8")), module)
        if name.partition(".")[0] in SLOW
    ]
    assert wrong == []


@pytest.mark.parametrize("module", ["flatbed.addon", "flatbed.addon.testing", WORKER])
def test_worker_loads_nothing_slow(module: str) -> None:
    """Whatever the sources say, these are what a fresh process really has."""
    loaded = loaded_after(f"import {module}")
    assert "flatbed" in loaded
    assert loaded & SLOW == set()


def test_main_loads_neither_pictures_nor_addons() -> None:
    """No image is decoded and no add-on runs where one crash would take all pages along."""
    statement = "import flatbed.scan.module, flatbed.storage.buffer, flatbed.runtime.pool"
    assert loaded_after(statement) & {"PIL", "isal"} == set()


def test_service_names_nothing_that_installs() -> None:
    """What a web page can reach neither installs nor enables anything."""
    names = imported((SOURCE / "service.py").read_text("utf-8"), "flatbed.service")
    assert [name for name in names if name.startswith("flatbed.installing")] == []


def _without_functions(source: str) -> str:
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            node.body = [ast.Pass()]
    return ast.unparse(tree)
