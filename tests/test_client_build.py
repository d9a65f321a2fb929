"""What `client/` builds: its types are the service's own, and it is as small as it says."""

from __future__ import annotations

import gzip
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from flatbed.http.application import route_table
from flatbed.http.openapi import build_document
from flatbed.http.web_files import WEB_FOLDER

CLIENT = Path(__file__).parents[1] / "client"
MOST_BYTES = 15_000
PACKAGE = r".*node_modules/((?:@[^/]+/)?[^/]+)/"
UNITS_S = 900


def npx(*command: str, limit_s: int = 100) -> None:
    """Run one of the client's own tools by the environment's Node.js."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["npx", "--no-install", *command],
        cwd=CLIENT,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        timeout=limit_s,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"


def test_types_of_the_client_are_those_of_the_service(tmp_path: Path) -> None:
    """Where they differ, `make docs` makes them anew."""
    document, types = tmp_path / "openapi.json", tmp_path / "types.ts"
    document.write_text(json.dumps(build_document(route_table())))
    npx("openapi-typescript", str(document), "--output", str(types))
    assert (CLIENT / "src" / "api-types.ts").read_text() == types.read_text()


@pytest.mark.timeout(UNITS_S)
def test_units_of_the_client_do_what_they_say() -> None:
    """Its own tests, in Node.js and against real services; here, so that they run beside others."""
    npx("vitest", "run", limit_s=UNITS_S)


def loaded_with(name: str) -> list[str]:
    """A built file and those that it loads at once; none of these loads more."""
    text = (CLIENT / "dist" / name).read_text()
    return [name, *set(re.findall(r'from\s*"\./([^"]+)"', text))]


@pytest.mark.parametrize("name", ["flatbed.js", "flatbed.global.js"])
def test_library_is_small(name: str) -> None:
    """Compressed as a server sends it, as modules and as one file; the mock comes on demand."""
    names = loaded_with(name)
    files = [(CLIENT / "dist" / each).read_bytes() for each in names]
    assert [each for each in names[1:] if loaded_with(each) != [each]] == []
    assert "flatbed.mock.js" not in names
    assert sum(len(gzip.compress(data, 9)) for data in files) < MOST_BYTES


def test_licences_of_what_is_built_in_come_along() -> None:
    """Beside the elements, and in the folder that every wheel has."""
    sources = json.loads((CLIENT / "dist" / "elements.js.map").read_text())["sources"]
    names = {found[1] for each in sources if (found := re.search(PACKAGE, each))}
    assert {"lit-html", "@tanstack/virtual-core"} < names
    for folder in (CLIENT / "dist", WEB_FOLDER):
        text = (folder / "THIRD-PARTY.txt").read_text()
        assert set(re.findall(r"^(\S+) [0-9.]+ \(", text, re.MULTILINE)) == names
