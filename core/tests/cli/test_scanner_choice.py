"""Which scanner a person means."""

from __future__ import annotations

import pytest

from flatbed.cli.client import Scanner
from flatbed.cli.scanner_choice import find_scanner, id_of, kind_of

SCANNERS = [
    Scanner(name="Office", type=0x100, device='{"id": "a1"}'),
    Scanner(name="Office 2", type=0x20, device='{"id": "b2"}'),
    Scanner(name="office", type=0x200, device='{"id": "c3"}'),
    Scanner(name="Büro", type=0x800, device="plain text"),
]


@pytest.mark.parametrize(
    ("wanted", "ids"),
    [
        (None, ["a1", "b2", "c3", "plain text"]),
        ("Office", ["a1"]),
        ("office", ["c3"]),
        ("OFFICE", ["a1", "c3"]),
        ("ice", ["a1", "b2", "c3"]),
        ("office 2", ["b2"]),
        ("BÜRO", ["plain text"]),
        ("b2", ["b2"]),
        ('{"id": "b2"}', ["b2"]),
        ("plain text", ["plain text"]),
        ("Attic", []),
    ],
)
def test_find_scanner_takes_the_best_matches_only(wanted: str | None, ids: list[str]) -> None:
    """The very name before its other cases, and these before parts of it."""
    assert [id_of(each) for each in find_scanner(SCANNERS, wanted)] == ids


@pytest.mark.parametrize(
    ("bits", "name"),
    [(0x100, "sane"), (0x20, "wia"), (0x200, "escl"), (0x110, "twain, sane"), (0x1000, "0x1000")],
)
def test_kind_is_named_by_the_bits_of_the_contract(bits: int, name: str) -> None:
    """One that is not known yet is shown as it is."""
    assert kind_of(Scanner(name="x", type=bits, device="")) == name
