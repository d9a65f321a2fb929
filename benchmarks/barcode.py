"""Barcodes read, by zxing-cpp alone, by zbar alone, and by the add-on with both of them.

    python benchmarks/barcode.py [--samples FOLDER]

`--samples` is `test/samples` of https://github.com/zxing-cpp/zxing-cpp, fetched by who runs this
(`git clone`; its images are not ours to hand on). A code counts as read if one of the readings is
its content, with or without an add-on. What else is read on a page with one code is a misreading
to zxing's set, which shows codes beside codes; on pages without any it is a false reading.
"""

from __future__ import annotations

import argparse
import os
import statistics
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import zxingcpp
from PIL import Image
from pyzbar import pyzbar

from barcode_pages import DPI, VARIANTS, Case, clean_pages, empty_pages
from barcode_samples import is_right, samples
from flatbed_barcode.formats import EVERYTHING
from flatbed_barcode.passes import read_view
from flatbed_barcode.view import view_of
from measuring import machine_line, print_table, timed

Reading = tuple[str, str, bytes]
"""(format, text, content as bytes)."""
ROUNDS = 3


@dataclass
class Score:
    """What one reader made of a group of pictures."""

    read: int = 0
    pictures: int = 0
    false: int = 0
    ms: list[float] = field(default_factory=list)


def read_with_zxing(image: Image.Image) -> list[Reading]:
    """All formats, all tries that are on by default, and EAN add-ons as ours has them."""
    found = zxingcpp.read_barcodes(
        image,
        text_mode=zxingcpp.TextMode.Plain,
        ean_add_on_symbol=zxingcpp.EanAddOnSymbol.Read,
    )
    return [_reading(each) for each in found]


def _reading(symbol: zxingcpp.Barcode) -> Reading:
    extra = symbol.extra if isinstance(symbol.extra, dict) else {}
    add_on = extra.get("EanAddOn", "")
    if not add_on:
        return str(symbol.format), symbol.text, symbol.bytes
    text = f"{symbol.text.removesuffix(add_on)} {add_on}"
    return f"{symbol.format}+{len(add_on)}", text, symbol.bytes


def read_with_zbar(image: Image.Image) -> list[Reading]:
    """As pyzbar's documentation shows it: all symbols."""
    try:
        found = pyzbar.decode(image)
    except ValueError:  # an orientation that pyzbar does not know
        return []
    return [(str(each.type), each.data.decode("utf-8", "replace"), each.data) for each in found]


def ours(effort: str) -> Callable[[Image.Image], list[Reading]]:
    """The add-on's reader at one effort."""

    def read(image: Image.Image) -> list[Reading]:
        found = read_view(view_of(image, (DPI, DPI)), EVERYTHING, effort)
        return [(each.format, each.text, bytes.fromhex(each.raw)) for each in found]

    return read


READERS = {
    "zxing": read_with_zxing,
    "zbar": read_with_zbar,
    "ours": ours("balance"),
    "ours, coverage": ours("coverage"),
}


def score(cases: Iterable[Case], *, rounds: int = 1) -> dict[str, dict[str, Score]]:
    """What each reader reads, by the group of the picture."""
    scores: dict[str, dict[str, Score]] = defaultdict(lambda: {name: Score() for name in READERS})
    for case in cases:
        for number in range(rounds):
            for name, reader in READERS.items():
                ms, found = timed(lambda: reader(case.image))  # noqa: B023 - called at once
                own = scores[case.group][name]
                own.ms.append(ms)
                if number == 0:
                    own.pictures += 1
                    own.read += case.content is not None and any(
                        is_right(*each, case.content) for each in found
                    )
                    own.false += case.content is None and bool(found)
    return scores


def total(scores: dict[str, dict[str, Score]], name: str) -> Score:
    """One reader's sum over all groups."""
    every = [each[name] for each in scores.values()]
    return Score(
        sum(each.read for each in every),
        sum(each.pictures for each in every),
        sum(each.false for each in every),
        [ms for each in every for ms in each.ms],
    )


def rates(scores: dict[str, dict[str, Score]]) -> list[list[str]]:
    """A row for each group and the sum: of how many pictures each reader read the code."""
    rows = [
        [group, str(own["zxing"].pictures), *(str(own[name].read) for name in READERS)]
        for group, own in sorted(scores.items())
    ]
    sums = [total(scores, name) for name in READERS]
    return [*rows, ["all", str(sums[0].pictures), *(str(each.read) for each in sums)]]


def times(scores: dict[str, dict[str, Score]]) -> list[str]:
    """The mean milliseconds a picture of each reader, and ours against zxing's."""
    means = [statistics.mean(total(scores, name).ms) for name in READERS]
    return [*(f"{mean:.1f}" for mean in means), *(f"{mean / means[0]:.2f}" for mean in means[2:])]


def print_rates(title: str, cases: Iterable[Case]) -> list[str]:
    """Print what was read by group; give the row of times."""
    scores = score(cases)
    print_table(title, ["symbology", "pictures", *READERS], rates(scores))
    return times(scores)


def varied(change: Callable[[Image.Image], Image.Image]) -> Iterable[Case]:
    """The clean pages after a change."""
    for case in clean_pages():
        yield Case(case.group, change(case.image), case.content)


def print_variants() -> None:
    """What each variant leaves readable."""
    rows = []
    for name, change in {"clean": lambda page: page, **VARIANTS}.items():
        scores = score(varied(change))
        sums = [total(scores, reader) for reader in READERS]
        rows.append([name, str(sums[0].pictures), *(str(each.read) for each in sums)])
    print_table("Drawn pages, read after", ["variant", "pages", *READERS], rows)


def print_samples(folder: Path | None) -> list[list[str]]:
    """The sample set by symbology, and its pictures without codes."""
    if folder is None or not folder.is_dir():
        print("\nThe sample set of zxing-cpp is not here: fetch it and name it with --samples.")
        return []
    every = list(samples(folder))
    positive = [each for each in every if each.content is not None]
    row = print_rates("zxing-cpp's sample set, codes read", positive)
    print_negatives("zxing-cpp's false positives", [each for each in every if each.content is None])
    return [["sample set", *row]]


def print_negatives(title: str, cases: Sequence[Case]) -> None:
    """How many pictures without codes each reader reads something on."""
    scores = score(cases)
    sums = [total(scores, name) for name in READERS]
    row = ["read something", str(len(cases)), *(str(each.false) for each in sums)]
    print_table(title, ["pictures without codes", "pictures", *READERS], [row])


def silence() -> None:
    """zbar prints each of its doubts, by the thousand."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--samples", type=Path)
    folder = parser.parse_args().samples
    silence()
    print(machine_line())
    rows = print_samples(folder)
    rows += [["clean pages", *times(score(clean_pages(), rounds=ROUNDS))]]
    rows += [["pages without codes", *times(score(empty_pages()))]]
    print_rates("Drawn pages, clean, codes read", clean_pages())
    print_variants()
    print_negatives("Drawn pages without codes", list(empty_pages()))
    header = ["", *(f"{name}, ms" for name in READERS), "ours / zxing", "coverage / zxing"]
    print_table("Time a picture", header, rows)


if __name__ == "__main__":
    main()
