"""Tests of the words that drivers use."""

from __future__ import annotations

import pytest

from flatbed.addon.types import Color, PaperSource
from flatbed.builtin.sane.words import match_deep_mode, match_mode, match_source, source_of

_MODES = {
    "test": ["Gray", "Color"],
    "genesys": ["Color", "Gray", "Lineart"],
    "magicolor": ["Binary", "Gray", "Color"],
    "fujitsu": ["Lineart", "Halftone", "Gray", "Color"],
    "brother": [
        "Black & White",
        "Gray[Error Diffusion]",
        "True Gray",
        "24bit Color",
        "24bit Color[Fast]",
    ],
    "avision": ["Line Art", "Dithered", "256 Levels Gray", "16 bit gray", "24-bit Color"],
    "pixma": ["Color", "Gray", "48 bits color", "16 bits gray", "Lineart"],
    "mustek": ["Color Lineart", "Color Halftone", "Color", "Gray", "Halftone"],
    "utsushi": ["Monochrome", "Grayscale", "Color"],
}


@pytest.mark.parametrize(
    ("device", "color", "word"),
    [
        ("test", "bw", None),
        ("test", "gray", "Gray"),
        ("test", "color", "Color"),
        ("genesys", "bw", "Lineart"),
        ("magicolor", "bw", "Binary"),
        ("fujitsu", "bw", "Lineart"),
        ("brother", "bw", "Black & White"),
        ("brother", "gray", "True Gray"),
        ("brother", "color", "24bit Color"),
        ("avision", "bw", "Line Art"),
        ("avision", "gray", "256 Levels Gray"),
        ("avision", "color", "24-bit Color"),
        ("pixma", "gray", "Gray"),
        ("pixma", "color", "Color"),
        ("mustek", "color", "Color"),
        ("mustek", "bw", "Halftone"),
        ("utsushi", "bw", "Monochrome"),
        ("utsushi", "gray", "Grayscale"),
    ],
)
def test_match_mode_finds_the_word_of(device: str, color: Color, word: str | None) -> None:
    """Each backend has words of its own for three colour modes."""
    assert match_mode(_MODES[device], color) == word


@pytest.mark.parametrize(
    ("device", "color", "word"),
    [
        ("pixma", "gray", "16 bits gray"),
        ("pixma", "color", "48 bits color"),
        ("avision", "gray", "16 bit gray"),
        ("genesys", "color", None),
    ],
)
def test_match_deep_mode_finds_the_word_of(device: str, color: Color, word: str | None) -> None:
    """Some backends have 16 bits as a mode of its own."""
    assert match_deep_mode(_MODES[device], color) == word


_SOURCES = {
    "test": ["Flatbed", "Automatic Document Feeder"],
    "fujitsu": ["Flatbed", "ADF Front", "ADF Back", "ADF Duplex", "Card Front", "Card Duplex"],
    "airscan": ["Flatbed", "ADF", "ADF Duplex"],
    "hpaio": ["Flatbed", "ADF", "Duplex"],
    "brother": [
        "FlatBed",
        "Automatic Document Feeder(centrally aligned)",
        "Automatic Document Feeder(centrally aligned,Duplex)",
    ],
    "canon_dr": ["ADF Back", "ADF Front", "ADF Duplex"],
    "avision": ["Normal", "ADF", "ADF Rear", "ADF Duplex"],
    "utsushi": ["Document Table", "ADF", "Transparency Unit"],
    "film": ["Transparency Adapter", "Negative", "TMA Slides"],
}


@pytest.mark.parametrize(
    ("device", "source", "word"),
    [
        ("test", "flatbed", "Flatbed"),
        ("test", "feeder", "Automatic Document Feeder"),
        ("test", "duplex", None),
        ("fujitsu", "feeder", "ADF Front"),
        ("fujitsu", "duplex", "ADF Duplex"),
        ("airscan", "feeder", "ADF"),
        ("airscan", "duplex", "ADF Duplex"),
        ("hpaio", "duplex", "Duplex"),
        ("brother", "flatbed", "FlatBed"),
        ("brother", "feeder", "Automatic Document Feeder(centrally aligned)"),
        ("brother", "duplex", "Automatic Document Feeder(centrally aligned,Duplex)"),
        ("canon_dr", "flatbed", None),
        ("canon_dr", "feeder", "ADF Front"),
        ("avision", "flatbed", "Normal"),
        ("avision", "feeder", "ADF"),
        ("utsushi", "flatbed", "Document Table"),
        ("film", "flatbed", None),
        ("film", "feeder", None),
    ],
)
def test_match_source_finds_the_word_of(device: str, source: PaperSource, word: str | None) -> None:
    """Each backend has words of its own for where the paper comes from."""
    assert match_source(_SOURCES[device], source) == word


@pytest.mark.parametrize("word", ["Auto", "ADF Back", "Card Duplex", "Manual Feed Tray", "TMA"])
def test_source_of_a_strange_word_is_none(word: str) -> None:
    """Film, cards and backs alone are none of our sources."""
    assert source_of(word) is None
