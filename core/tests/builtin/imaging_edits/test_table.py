"""The table of the edits: every edit is there, and leaves what it is given as it was."""

from __future__ import annotations

from typing import Any

import pytest
from PIL import Image

from flatbed.builtin.imaging.edits import EDITS, Picture, apply_edit
from flatbed.errors import InvalidInputError, TooBigError

CALLS: list[tuple[str, dict[str, Any]]] = [
    ("rotate", {"angle": 0}),
    ("rotate", {"angle": 90}),
    ("rotate", {"angle": 12.5}),
    ("flip", {}),
    ("mirror", {}),
    ("crop", {"box": [1, 2, 30, 20]}),
    ("resize", {"width": 20}),
    ("change-dpi", {"dpi": 72}),
    ("grayscale", {}),
    ("black-white", {}),
    ("black-white", {"method": "adaptive"}),
    ("invert", {}),
    ("brightness", {"value": 100}),
    ("contrast", {"value": 100}),
    ("gamma", {"value": 2}),
    ("erase", {"box": [1, 2, 30, 20]}),
    ("despeckle", {}),
    ("clean-background", {"strength": 80}),
    ("deskew", {}),
    ("auto-crop", {}),
]


def test_calls_name_every_edit() -> None:
    """So that the tests below leave none out."""
    assert {op for op, _ in CALLS} == set(EDITS)


@pytest.mark.parametrize(("op", "settings"), CALLS, ids=str)
@pytest.mark.parametrize("mode", ["1", "L", "RGB"])
def test_no_edit_changes_what_it_is_given(mode: str, op: str, settings: dict[str, Any]) -> None:
    """Neither the pixels nor the settings; and the result is a page again."""
    page = Picture(Image.effect_noise((40, 30), 90).convert(mode), (300, 150))
    before, said = page.image.tobytes(), repr(settings)
    if mode == "1" and op in {"brightness", "contrast", "gamma"}:
        with pytest.raises(InvalidInputError):
            apply_edit(page, op, settings)
    else:
        assert apply_edit(page, op, settings).image.mode in {"1", "L", "RGB"}
    assert (page.image.tobytes(), page.image.size, page.image.mode) == (before, (40, 30), mode)
    assert (page.dpi, repr(settings)) == ((300, 150), said)


@pytest.mark.parametrize(("op", "settings"), CALLS, ids=str)
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_every_edit_takes_a_page_of_one_pixel(mode: str, op: str, settings: dict[str, Any]) -> None:
    """The smallest page there is."""
    page = Picture(Image.new(mode, (1, 1), 77), (1, 1))
    fitting = settings | ({"box": [0, 0, 1, 1]} if "box" in settings else {})
    assert min(apply_edit(page, op, fitting).image.size) >= 1


@pytest.mark.parametrize("op", ["sharpen", "Rotate", "", "__class__"])
def test_an_unknown_edit_is_refused(op: str) -> None:
    """In a sentence with the names that there are."""
    page = Picture(Image.new("L", (2, 2)), (300, 300))
    with pytest.raises(InvalidInputError, match="There are: rotate, flip, mirror, crop"):
        apply_edit(page, op, {})


def test_a_page_beyond_the_limit_can_only_be_made_smaller() -> None:
    """Every other edit would hold it twice."""
    page = Picture(Image.new("1", (10_001, 10_000)), (1200, 1200))
    with pytest.raises(TooBigError, match="10001 x 10000 pixels is too big"):
        apply_edit(page, "invert", {})
    with pytest.raises(TooBigError):
        apply_edit(page, "rotate", {"angle": 90})
    with pytest.raises(TooBigError):
        apply_edit(page, "crop", {"box": [0, 0, 10_001, 10_000]})
    assert apply_edit(page, "crop", {"box": [0, 0, 10, 20]}).image.size == (10, 20)
    assert apply_edit(page, "change-dpi", {"dpi": 600}).dpi == (600, 600)
