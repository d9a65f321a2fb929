"""`flatbed run`: ready, found, ended, started again."""

from __future__ import annotations

import json
import os
import signal
import socket
import urllib.request
from urllib.error import HTTPError

import pytest

from flatbed.cli.own_service import READY

from .home import LIMIT_S, Home

ANY_PORTS = ("--port=0", "--status-port=0")


def _status(url: str, origin: str) -> int:
    request = urllib.request.Request(f"{url}/api/server", headers={"Origin": origin})
    try:
        with urllib.request.urlopen(request, timeout=LIMIT_S) as answer:
            return int(answer.status)
    except HTTPError as error:
        return error.code


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_run_ends_cleanly_on_a_signal(home: Home, number: signal.Signals) -> None:
    """Exit code 0, one line in all on the standard output, the log where it belongs."""
    with home.service() as service:
        assert service.url == f"http://127.0.0.1:{service.port}"
        done = service.end(number)
    assert (done.code, done.out) == (0, "")
    log = (home.data / "log" / "flatbed.log").read_text()
    assert log == done.err
    assert "service started" in log
    assert log.endswith("service stopped\n")


def test_run_under_nohup_outlives_the_terminal(home: Home) -> None:
    """What is ignored at the start stays so."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with home.service() as service:
            service.process.send_signal(signal.SIGHUP)
            assert _status(service.url, "https://other.example") == 403
            assert service.end(signal.SIGTERM).code == 0
    finally:
        signal.signal(signal.SIGHUP, before)


def test_run_twice_on_one_folder_says_where_the_other_is(home: Home) -> None:
    """Its own exit code, for whoever starts it again and again."""
    with home.service() as service:
        done = home.flatbed("run", *ANY_PORTS)
    assert (done.code, done.out) == (75, "")
    where = f"at {service.url} with the data folder {home.data}"
    assert done.err == f"Flatbed is already running {where}.\n"


def test_run_with_all_ports_taken_says_so(home: Home) -> None:
    """So near the last port there is but one group."""
    with socket.create_server(("127.0.0.1", 65500)):
        done = home.flatbed("run", "--port=65500", "--status-port=0")
    assert (done.code, done.out) == (75, "")
    last = done.err.splitlines()[-1]
    assert last == "All of Flatbed's ports are taken. Choose others with --port and --status-port."


def test_run_after_a_kill_has_the_same_ports(home: Home) -> None:
    """Pages that were open find it again."""
    with home.service() as first:
        assert first.end(signal.SIGKILL).code == -9
    with home.service() as second:
        assert second.port == first.port


def test_run_allows_an_origin_beside_those_of_the_settings(home: Home) -> None:
    """And no other."""
    home.set(ALLOWED_ORIGINS="https://settings.example")
    with home.service("--allow-origin=https://flag.example") as service:
        assert _status(service.url, "https://settings.example") == 200
        assert _status(service.url, "https://flag.example") == 200
        assert _status(service.url, "https://other.example") == 403


def test_run_with_a_wrong_origin_is_wrong_usage(home: Home) -> None:
    """It would never be equal to what a browser sends."""
    done = home.flatbed("run", "--allow-origin", "https://a.example/")
    assert (done.code, done.out) == (2, "")
    assert "'https://a.example/' is not an origin" in done.err


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("--port", "65536"), "Invalid value for '--port'"),
        (("--log-level", "loud"), "Invalid value for '--log-level'"),
        (("now",), "now"),
    ],
    ids=["port", "level", "argument"],
)
def test_run_with_a_wrong_option_is_wrong_usage(
    home: Home, args: tuple[str, ...], said: str
) -> None:
    """Nothing is started."""
    done = home.flatbed("run", *args)
    assert (done.code, done.out) == (2, "")
    assert said in done.err
    assert not home.data.exists()


def test_run_logs_at_the_asked_level(home: Home) -> None:
    """At error there is nothing to tell of a good start."""
    with home.service("--log-level=error") as service:
        assert service.end(signal.SIGTERM).err == ""


def test_run_takes_flags_over_the_file(home: Home) -> None:
    """The file gives what the flags leave out."""
    (home.work / "mine.toml").write_text('log_format = "json"\nlog_level = "error"\n')
    with home.service("--config=mine.toml", "--log-level=info") as service:
        lines = service.end(signal.SIGTERM).err.splitlines()
    assert [json.loads(line)["event"] for line in lines][-1] == "service stopped"


def test_run_with_a_file_as_data_folder_says_what_to_do(home: Home) -> None:
    """One sentence, no traceback."""
    (home.work / "file").write_text("")
    done = home.flatbed("run", *ANY_PORTS, "--data-dir", "file")
    assert (done.code, done.out) == (1, "")
    assert done.err == (
        f"{home.work}/file cannot be used (Not a directory). Nothing was changed; make it a folder"
        " of yours, or choose another.\n"
    )


def test_run_for_a_caller_ends_with_it(home: Home) -> None:
    """The standard input is closed by the system however the caller ends."""
    with home.start("run", *ANY_PORTS, "--until-stdin-closes") as process:
        assert process.stdout is not None and process.stdin is not None
        assert process.stdout.readline().startswith(READY)
        process.stdin.close()
        assert process.wait(LIMIT_S) == 0


def test_run_without_anybody_to_listen_goes_on(home: Home) -> None:
    """Whoever started it may have gone."""
    read, write = os.pipe()
    os.close(read)
    with home.start("run", *ANY_PORTS, stdout=write) as process:
        os.close(write)
        assert process.stderr is not None
        assert "service started" in process.stderr.readline()
        process.terminate()
        assert "service stopped" in process.communicate(timeout=LIMIT_S)[1]
    assert process.returncode == 0
