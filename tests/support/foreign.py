"""Clients that others wrote, unmodified from PyPI, each in an environment of its own."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from core.tests.http.openapi_check import assert_answer_fits, find_path

NAME = "twain-wia-sane-scanner"

_CLIENTS = Path(__file__).parents[1] / "clients"
_ROOT = Path(__file__).parents[2]
# As in scripts/setup: companies put a certificate authority of their own here.
_CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
_UVS = ("uv", str(_ROOT / ".venv-tools" / "bin" / "uv"), str(Path.home() / ".local/bin/uv"))
_LIMIT_S = 120


@dataclass(frozen=True)
class Recorded:
    """One answer that a client got."""

    verb: str
    path: str
    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class ForeignClient:
    """An environment with one client in it, and with a recorder of what it is answered."""

    python: Path

    def run(self, script: str, host: str, folder: Path) -> tuple[dict[str, Any], list[Recorded]]:
        """Run a module of tests/clients; what it printed, and every answer that it got."""
        record = folder / "answers.jsonl"
        done = subprocess.run(
            [str(self.python), "-m", f"tests.clients.{script}", host, str(folder)],
            cwd=_ROOT,
            env=os.environ | {"RECORD_TO": str(record), "NO_PROXY": "127.0.0.1"},
            capture_output=True,
            text=True,
            timeout=_LIMIT_S,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        answers = [_read(line) for line in record.read_text("utf-8").splitlines()]
        return json.loads(done.stdout), answers


def install(request: pytest.FixtureRequest, version: str) -> ForeignClient:
    """The environment of one version of the client, kept in pytest's cache."""
    assert request.config.cache is not None
    return install_client(request.config.cache.mkdir("clients"), f"{NAME}=={version}")


def assert_answers_fit(document: dict[str, Any], answers: list[Recorded]) -> None:
    """Hold what a client was answered to the service's own OpenAPI document."""
    for each in answers:
        assert_answer_fits(document, each.verb, each.path, each.status, each.headers, each.body)


def routes_of(document: dict[str, Any], answers: list[Recorded]) -> set[tuple[str, str | None]]:
    """The routes that a client used."""
    return {(each.verb, find_path(document, each.path.split("?")[0])) for each in answers}


def install_client(cache: Path, requirement: str) -> ForeignClient:
    """An environment with a client from PyPI, made once and kept.

    Args:
        cache: Keeps the environments.
        requirement: Of the client, with its version.
    """
    version = ".".join(map(str, sys.version_info[:3]))
    environment = cache / f"{requirement}-python-{version}"
    if not environment.exists():
        _make(environment, requirement)
    (packages,) = environment.glob("lib/python3*/site-packages")
    shutil.copy(_CLIENTS / "recorder.py", packages / "flatbed_recorder.py")
    (packages / "flatbed_recorder.pth").write_text("import flatbed_recorder\n")
    return ForeignClient(environment / "bin" / "python")


def _make(environment: Path, requirement: str) -> None:
    # Made elsewhere and moved, so that what was broken off is not taken for whole.
    making = environment.with_name(f"{environment.name}.new")
    shutil.rmtree(making, ignore_errors=True)
    uv = _find_uv()
    _run([uv, "venv", "--quiet", "--python", sys.executable, str(making)])
    python = str(making / "bin" / "python")
    _run([uv, "pip", "install", "--quiet", "--python", python, requirement, "requests"])
    making.rename(environment)


def _find_uv() -> str:
    for each in _UVS:
        # A name on the path may be a mere shim, so it is asked.
        found = shutil.which(each)
        if found and _is_there([found, "--version"]):
            return found
    pytest.fail("uv is not here; scripts/setup installs it")


def _is_there(command: list[str]) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _run(command: list[str]) -> None:
    environment = os.environ | {"UV_PYTHON_DOWNLOADS": "never", "UV_LINK_MODE": "copy"}
    if _CERTIFICATES.exists():
        environment.setdefault("SSL_CERT_FILE", str(_CERTIFICATES))
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=_LIMIT_S, check=False
    )
    assert done.returncode == 0, f"{' '.join(command)}: {done.stderr}"


def _read(line: str) -> Recorded:
    entry = json.loads(line)
    return Recorded(**entry | {"body": base64.b64decode(entry["body"])})
