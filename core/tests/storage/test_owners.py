"""Owners: subjects that are kept apart, and cannot be read from what is kept."""

from __future__ import annotations

import pytest

from flatbed.storage.owners import origin_of, owner_of

ORIGIN = "https://desk.example"


def test_owner_of_an_origin_alone_is_the_origin() -> None:
    """What pages without subjects made before is theirs still."""
    assert owner_of(ORIGIN, None) == "https://desk.example"


def test_owner_of_a_subject_does_not_tell_it() -> None:
    """The first half of its SHA-256, which is the same after every start."""
    owner = owner_of(ORIGIN, "anna@office.example")
    assert owner == "https://desk.example#c918378ba85af14187d64d1ce30255a6"
    assert "anna" not in owner


def test_owners_of_two_subjects_are_two() -> None:
    """And one subject at two origins are two more."""
    owners = {owner_of(origin, who) for origin in (ORIGIN, "https://b.example") for who in "ab"}
    assert len(owners) == 4


@pytest.mark.parametrize("owner", [ORIGIN, owner_of(ORIGIN, "a"), owner_of(ORIGIN, "#")])
def test_origin_of_an_owner_is_its_origin(owner: str) -> None:
    """Whatever the subject is."""
    assert origin_of(owner) == "https://desk.example"


def test_origin_of_local_is_local() -> None:
    """Native programs have no subjects."""
    assert origin_of("local") == "local"
