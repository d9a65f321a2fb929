"""`flatbed addons check`."""

from __future__ import annotations

from .home import Home


def test_addons_check_of_a_new_addon_finds_nothing_wrong(home: Home) -> None:
    """A table, one row a thing, and a verdict."""
    home.flatbed("addons", "new", "hello")
    done = home.flatbed("addons", "check", "hello")
    assert (done.code, done.err) == (0, "")
    lines = done.out.splitlines()
    assert lines[0].split() == ["Kind", "Name", "Result", "ms", "MB", "Note"]
    assert [line.split()[:3] for line in lines if line.startswith(("operation", "edit"))] == [
        ["operation", "measure-ink", "ok"],
        ["edit", "frame", "ok"],
    ]
    assert "answered 200" in next(line for line in lines if "GET /hello/{name}" in line)
    assert lines[-1] == "hello 0.1.0: All is well."


def test_addons_check_json_has_the_figures(home: Home) -> None:
    """For programs, as one object."""
    home.flatbed("addons", "new", "hello")
    report = home.flatbed("addons", "check", "hello", "--json").json
    assert (report["addon"], report["version"], report["ok"]) == ("hello", "0.1.0", True)
    (row,) = [row for row in report["checks"] if row["name"] == "measure-ink"]
    assert (row["kind"], row["result"], row["trace"]) == ("operation", "ok", "")
    assert row["ms"] > 0
    assert row["memory_mb"] > 0


def test_addons_check_of_a_broken_addon_shows_its_traceback(home: Home) -> None:
    """Once, below the table, and ends with 1."""
    home.flatbed("addons", "new", "hello")
    code = home.work / "hello" / "src" / "flatbed_hello" / "__init__.py"
    code.write_text(code.read_text().replace("page.open()", "page.opened()"))
    done = home.flatbed("addons", "check", "hello")
    assert done.code == 1
    assert "AttributeError: 'PageFile' object has no attribute 'opened'" in done.out
    assert done.out.count("Traceback (most recent call last)") == 2
    assert "image = page.opened()" in done.out
    assert done.out.splitlines()[-1].startswith("hello 0.1.0: 2 of ")


def test_addons_check_of_an_empty_folder_says_why(home: Home) -> None:
    """It is no add-on."""
    done = home.flatbed("addons", "check", ".")
    assert done.code == 1
    assert "There is none in" in done.out
