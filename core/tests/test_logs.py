"""The log: what each level keeps, in both styles, changed while it runs."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from flatbed.logs import ERRORS, EVENTS, EVERYTHING, LogLevel, configure

METHODS = ("debug", "info", "warning", "error", "exception")


@pytest.fixture(autouse=True)
def _restored_logging() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    for handler in root.handlers[:]:
        if handler not in handlers:
            root.removeHandler(handler)
            handler.close()
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()


def log_all(file: Path, level: LogLevel, style: str = "json") -> list[str]:
    """What a file holds after one line by each method."""
    configure(level, style=style, file=file)
    log = structlog.get_logger("flatbed.test")
    for method in METHODS:
        getattr(log, method)(f"the {method} line")
    return file.read_text("utf-8").splitlines()


@pytest.mark.parametrize(
    ("level", "kept"),
    [
        (ERRORS, ["error", "exception"]),
        (EVENTS, ["info", "warning", "error", "exception"]),
        (EVERYTHING, ["debug", "info", "warning", "error", "exception"]),
    ],
    ids=["errors", "events", "everything"],
)
def test_log_keeps_what_its_level_asks_for(tmp_path: Path, level: int, kept: list[str]) -> None:
    """The three levels of the contract: 0, 1 and 30."""
    lines = log_all(tmp_path / "log", LogLevel(level))
    assert [json.loads(line)["event"] for line in lines] == [f"the {each} line" for each in kept]


def test_level_changed_while_it_runs_holds_for_loggers_that_are_there(tmp_path: Path) -> None:
    """`PATCH /api/server` changes what every module logs from then on."""
    level = LogLevel(ERRORS)
    configure(level, style="json", file=tmp_path / "log")
    log = structlog.get_logger("flatbed.test")
    log.info("before")
    level.set(EVERYTHING)
    log.debug("between")
    level.set(ERRORS)
    log.info("after")
    lines = (tmp_path / "log").read_text("utf-8").splitlines()
    assert [json.loads(line)["event"] for line in lines] == ["between"]
    assert level.get() == ERRORS


def test_level_is_events_unless_one_is_given() -> None:
    """Neither silent nor chatty."""
    assert LogLevel().get() == 1


def test_log_as_json_has_one_object_a_line_with_its_time_in_utc(tmp_path: Path) -> None:
    """For programs that collect logs."""
    configure(LogLevel(), style="json", file=tmp_path / "log")
    structlog.get_logger("flatbed.test").info("page stored", page="a1", ms=3)
    (line,) = (tmp_path / "log").read_text("utf-8").splitlines()
    entry = json.loads(line)
    assert entry.pop("timestamp").endswith("Z")
    assert entry == {"event": "page stored", "page": "a1", "ms": 3, "level": "info"}


def test_log_as_json_keeps_a_traceback_on_the_line_of_its_event(tmp_path: Path) -> None:
    """One line an event, whatever happened."""
    configure(LogLevel(), style="json", file=tmp_path / "log")
    try:
        int("the lamp is cold")
    except ValueError:
        structlog.get_logger("flatbed.test").exception("scan failed")
    (line,) = (tmp_path / "log").read_text("utf-8").splitlines()
    assert "the lamp is cold" in json.loads(line)["exception"].splitlines()[-1]


def test_log_as_text_is_plain_and_has_the_values(tmp_path: Path) -> None:
    """For a person at a terminal, also where it has no colours."""
    configure(LogLevel(), style="text", file=tmp_path / "log")
    structlog.get_logger("flatbed.test").info("page stored", page="a1")
    (line,) = (tmp_path / "log").read_text("utf-8").splitlines()
    assert "page stored" in line
    assert "page=a1" in line
    assert "\x1b" not in line


def test_log_goes_to_the_standard_error_and_never_to_the_output(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The one line `Flatbed is ready at ...` is all that the output holds."""
    configure(LogLevel(), style="text", file=None)
    structlog.get_logger("flatbed.test").warning("addon failed")
    out, err = capsys.readouterr()
    assert out == ""
    assert "addon failed" in err


def test_log_of_libraries_is_kept_from_warnings_on(tmp_path: Path) -> None:
    """asyncio and Tornado say little that anybody wants to read, and that is kept."""
    configure(LogLevel(), style="json", file=tmp_path / "log")
    for name in ("asyncio", "tornado.access", "tornado.general"):
        logging.getLogger(name).info("chatter")
        logging.getLogger(name).warning("trouble of %s", name)
    assert (tmp_path / "log").read_text("utf-8").splitlines() == [
        "trouble of asyncio",
        "trouble of tornado.access",
        "trouble of tornado.general",
    ]


def test_log_file_is_kept_small(tmp_path: Path) -> None:
    """Rotated at 5 MiB with three old ones: a service runs for years."""
    configure(LogLevel(), style="json", file=tmp_path / "log")
    log = structlog.get_logger("flatbed.test")
    for _ in range(21):
        log.info("x" * 1_300_000)
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["log", "log.1", "log.2", "log.3"]
    assert all(path.stat().st_size <= 5 << 20 for path in tmp_path.iterdir())
