"""Journal entries before they are believed: whole ones pass, all others are left out."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flatbed.storage.finished import FinishedFile, FinishedVariant, read_pages, read_variants

UID = "0123456789abcdef" * 2
TAG = "ab" * 16
PAGE: dict[str, Any] = {
    "type": "page",
    "uid": UID,
    "ordinal": 0,
    "size_px": [2480, 3508],
    "dpi": [300, 300.5],
    "mode": "RGB",
    "bits": 8,
    "size": 1000,
    "tag": TAG,
    "key": "cd" * 60,
    "thumbnail": {"size": 100, "tag": TAG},
}
VARIANT: dict[str, Any] = {"type": "variant", "kind": "jpeg", "page": UID, "size": 9, "tag": TAG}
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


def test_page_of_a_journal_is_read_whole() -> None:
    """Other entries and unknown keys beside it are no matter."""
    entries = [{"type": "warning", "message": "x"}, PAGE | {"attempt": 2}, VARIANT, {"type": "end"}]
    (page,) = read_pages(entries)
    assert (page.uid, page.ordinal, page.size_px) == (UID, 0, (2480, 3508))
    assert (page.dpi, page.mode, page.bits) == ((300, 300.5), "RGB", 8)
    assert (page.size, page.tag, page.key) == (1000, TAG, "cd" * 60)
    assert page.thumbnail == FinishedFile(size=100, tag=TAG)


def test_variant_of_a_journal_is_read_whole() -> None:
    """JPEG is the only one that there is."""
    assert read_variants([PAGE, VARIANT]) == [
        FinishedVariant(page=UID, kind="jpeg", size=9, tag=TAG)
    ]


WRONG_PAGES: dict[str, dict[str, Any]] = {
    "half a character": {"uid": "\ud800"},
    "path as uid": {"uid": "../../../etc/passwd"},
    "path of a uid's length": {"uid": "../" * 10 + "ab"},
    "capitals": {"uid": UID.upper()},
    "short uid": {"uid": UID[:-1]},
    "line end": {"uid": UID + "\n"},
    "uid of another type": {"uid": 7},
    "negative ordinal": {"ordinal": -1},
    "ordinal as text": {"ordinal": "0"},
    "no width": {"size_px": [0, 1]},
    "one side": {"size_px": [1]},
    "unknown mode": {"mode": "CMYK"},
    "unknown bits": {"bits": 4},
    "no size": {"size": None},
    "tag that is no hex": {"tag": "xy"},
    "odd tag": {"tag": "abc"},
    "key that is no hex": {"key": "zz"},
    "thumbnail missing": {"thumbnail": None},
    "thumbnail without a tag": {"thumbnail": {"size": 3}},
}


@pytest.mark.parametrize("wrong", WRONG_PAGES.values(), ids=WRONG_PAGES.keys())
def test_page_that_cannot_be_is_left_out_and_those_around_it_stay(wrong: dict[str, Any]) -> None:
    """No driver writes paths into our folders, or keeps the other pages from being safe."""
    other = PAGE | {"uid": "f" * 32}
    assert [page.uid for page in read_pages([PAGE, PAGE | wrong, other])] == [UID, "f" * 32]


@pytest.mark.parametrize("key", sorted(set(PAGE) - {"type"}))
def test_page_without_one_of_its_keys_is_left_out(key: str) -> None:
    """All of them are needed."""
    assert read_pages([{name: value for name, value in PAGE.items() if name != key}]) == []


@pytest.mark.parametrize(
    "wrong",
    [{"page": "../x"}, {"page": UID.upper()}, {"kind": "page"}, {"kind": "../x"}, {"size": "9"}],
    ids=str,
)
def test_variant_that_cannot_be_is_left_out(wrong: dict[str, Any]) -> None:
    """Its kind becomes a file's name too."""
    assert read_variants([VARIANT | wrong]) == []


@given(entries=st.lists(st.dictionaries(st.sampled_from([*PAGE, *VARIANT]), ANYTHING), max_size=3))
def test_entries_of_any_kind_raise_nothing(entries: list[dict[str, Any]]) -> None:
    """Whatever stands there."""
    for entry in entries:
        for kind in ("page", "variant"):
            read_pages([entry | {"type": kind}])
            read_variants([entry | {"type": kind}])
