"""pip and where it may look: exactly where the configuration says, where it says anything."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from tests.support.wheels import write_addon_wheel, write_library

from flatbed.installing.faults import InstallError
from flatbed.installing.pip import Pip, Sources

from .conftest import Bench


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its own name
        """Nothing: the output is the tests'."""


@contextmanager
def index(folder: Path) -> Iterator[str]:
    """A package index of the folders in a folder, on loopback."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_index_of_the_configuration_has_addons_and_their_needs(
    bench: Bench, tmp_path: Path
) -> None:
    """Both are found there, by name."""
    write_library(tmp_path / "index" / "inkpot", "1.5")
    write_addon_wheel(tmp_path / "index" / "flatbed-stamp", "1.0", requires=["inkpot"])
    with index(tmp_path / "index") as address:
        assert bench.install("stamp", sources=Sources(index=address)).needs == ("inkpot 1.5",)


def test_sources_of_the_configuration_are_the_only_ones(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither variables nor files of pip's add another: a newer wheel there is not seen."""
    write_library(tmp_path / "elsewhere", "9.0")
    write_library(bench.wheels, "1.0")
    settings = tmp_path / "pip.conf"
    settings.write_text(f"[global]\nfind-links = {tmp_path / 'elsewhere'}\nuser = true\n")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("PIP_CONFIG_FILE", str(settings))
    monkeypatch.setenv("PIP_TARGET", str(tmp_path / "target"))
    wheel = write_addon_wheel(bench.wheels, "1.0", requires=["inkpot"])
    assert bench.install(wheel).needs == ("inkpot 1.0",)
    assert not (tmp_path / "target").exists()


def test_configuration_of_pip_holds_where_ours_says_nothing(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For what a wheel or a folder needs."""
    write_library(tmp_path / "elsewhere", "9.0")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    wheel = write_addon_wheel(bench.wheels, "1.0", requires=["inkpot"])
    assert bench.install(wheel, sources=Sources()).needs == ("inkpot 9.0",)


def test_folder_beside_an_index_is_looked_at_too(bench: Bench, tmp_path: Path) -> None:
    """The newest of both."""
    write_library(bench.wheels, "2.0")
    write_library(tmp_path / "index" / "inkpot", "1.5")
    wheel = write_addon_wheel(bench.wheels, "1.0", requires=["inkpot"])
    with index(tmp_path / "index") as address:
        sources = Sources(index=address, folder=bench.wheels)
        assert bench.install(wheel, sources=sources).needs == ("inkpot 2.0",)


def test_pip_that_fails_tells_its_last_lines(tmp_path: Path) -> None:
    """What began with ERROR, at most five lines."""
    pip = Pip(Sources(folder=tmp_path), tmp_path)
    with pytest.raises(InstallError) as caught:
        pip.make_wheels(["inkpot>=3"], tmp_path)
    first, *rest = caught.value.message.splitlines()
    assert first == "pip could not do it; nothing was changed. It said:"
    assert rest[-1] == "  ERROR: No matching distribution found for inkpot>=3"
    assert len(rest) <= 5
    assert all(line.startswith("  ERROR: ") for line in rest)


def test_source_without_a_place_is_none() -> None:
    """Names may be looked up only where the configuration says where."""
    assert not Sources()
    assert Sources(index="https://packages.example/simple")
    assert Sources(folder=Path("/srv"))
