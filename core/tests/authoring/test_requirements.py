"""What an add-on needs is looked for here, and missing things are named."""

from __future__ import annotations

import pytest

from flatbed.authoring.requirements import Needed, look_for

MISSING = (
    "It is not installed. Install it here with: pip install 'no-such-thing>=2',"
    " or all at once with: flatbed addons install FOLDER"
)


def test_requirement_that_is_here_has_no_problem() -> None:
    """By its distribution's name, in any spelling."""
    assert list(look_for(["Pillow>=1"])) == [Needed("Pillow>=1")]


def test_requirement_that_is_missing_says_how_to_get_it() -> None:
    """With its versions."""
    assert list(look_for(["no-such-thing>=2"])) == [Needed("no-such-thing>=2", MISSING)]


def test_requirement_of_another_version_names_what_is_here() -> None:
    """And does not take it."""
    (needed,) = look_for(["pillow<2"])
    assert needed.problem.endswith("is installed. Install it here with: pip install 'pillow<2'")


def test_requirement_for_other_systems_is_left_out() -> None:
    """Nobody can install it here."""
    assert list(look_for(["no-such-thing; sys_platform == 'plan9'"])) == []


@pytest.mark.parametrize("text", ["", "pillow >< 3"])
def test_requirement_that_is_none_is_named(text: str) -> None:
    """As the packaging tools would refuse it."""
    (needed,) = look_for([text])
    assert needed.problem.startswith("It is no requirement")
