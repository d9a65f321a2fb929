"""uv, where `scripts/setup` finds it or puts it."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
_CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
_LIMIT_S = 200


def _find() -> str | None:
    for each in (shutil.which("uv"), ROOT / ".venv-tools/bin/uv", Path.home() / ".local/bin/uv"):
        # A name on the path may be a mere shim, so it is asked.
        if each is not None and Path(each).is_file() and _answers(str(each)):
            return str(each)
    return None


def _answers(command: str) -> bool:
    asked = subprocess.run([command, "--version"], capture_output=True, check=False)
    return asked.returncode == 0


UV = _find()
needs_uv = pytest.mark.skipif(UV is None, reason="uv is not installed (scripts/setup installs it)")


def run_uv(*arguments: str | Path) -> None:
    """Run uv to its end, which must be a good one."""
    assert UV is not None
    environment = {**os.environ, "UV_PYTHON_DOWNLOADS": "never"}
    if _CERTIFICATES.is_file():
        environment.setdefault("SSL_CERT_FILE", str(_CERTIFICATES))
    done = subprocess.run(
        [UV, "--quiet", *map(str, arguments)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=_LIMIT_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def build_core(folder: Path) -> Path:
    """The wheel of the core, built into an empty folder."""
    run_uv("build", "--wheel", ROOT / "core", "--out-dir", folder)
    (wheel,) = folder.glob("*.whl")
    return wheel
