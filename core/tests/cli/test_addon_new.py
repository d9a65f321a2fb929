"""`flatbed addons new`."""

from __future__ import annotations

from .home import Home


def test_addons_new_makes_a_folder_and_says_what_comes_next(home: Home) -> None:
    """Check, install, ask."""
    done = home.flatbed("addons", "new", "hello")
    assert (done.code, done.err) == (0, "")
    assert home.files() == ["hello"]
    for line in (
        "  flatbed addons check hello",
        "  flatbed addons install hello",
        "  curl http://127.0.0.1:18622/api/addons/hello/hello/Ada",
    ):
        assert line in done.out.splitlines()


def test_addons_new_takes_another_place(home: Home) -> None:
    """The folder that it made is named."""
    (home.work / "projects").mkdir()
    done = home.flatbed("addons", "new", "hello", "--folder", "projects")
    assert "Made projects/hello" in done.out
    assert (home.work / "projects" / "hello" / "pyproject.toml").is_file()


def test_addons_new_refuses_a_folder_that_is_there(home: Home) -> None:
    """With one sentence."""
    (home.work / "hello").mkdir()
    done = home.flatbed("addons", "new", "hello")
    assert (done.code, done.out) == (1, "")
    assert done.err == (
        "hello is there already. Nothing was changed; choose another name or --folder.\n"
    )


def test_addons_new_refuses_a_name_that_cannot_be(home: Home) -> None:
    """And makes nothing."""
    done = home.flatbed("addons", "new", "Hello")
    assert (done.code, home.files()) == (1, [])
    assert done.err.startswith("'Hello' cannot name an add-on.")
