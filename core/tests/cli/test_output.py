"""What goes to the terminal."""

from __future__ import annotations

import pytest

from flatbed.cli.output import clean, say_table


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("HP OfficeJet Pro 9010 [büro] 日本", "HP OfficeJet Pro 9010 [büro] 日本"),
        ("a\x1b[2Jb\x07c\rd\x9be", "a\ufffd[2Jb\ufffdc\ufffdd\ufffde"),
        ("two\nlines", "two\nlines"),
    ],
    ids=["plain", "controls", "lines"],
)
def test_clean_leaves_nothing_that_a_terminal_obeys(text: str, cleaned: str) -> None:
    """A scanner on the network chooses its own name."""
    assert clean(text) == cleaned


def test_table_for_a_program_is_aligned_and_plain(capsys: pytest.CaptureFixture[str]) -> None:
    """Markup in a name stays what it is."""
    say_table(("Name", "Kind"), [("[red]Office[/red]", "sane"), ("A", "wia")])
    assert capsys.readouterr().out == (
        "Name                Kind\n[red]Office[/red]   sane\nA                   wia\n"
    )
