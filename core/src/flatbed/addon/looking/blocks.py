"""Connected areas of a mask."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from PIL import Image

Run = tuple[int, int, int]
"""(row, left, right) of pixels beside each other; right is the first that is outside."""

_SET = re.compile(rb"\xff+")


@dataclass
class Block:
    """Pixels that touch each other, at corners too.

    Attributes:
        runs: Its pixels, from the top.
    """

    runs: list[Run] = field(default_factory=list)

    @property
    def box(self) -> tuple[int, int, int, int]:
        """(left, top, right, bottom), right and bottom just outside."""
        left = min(run[1] for run in self.runs)
        right = max(run[2] for run in self.runs)
        return left, self.runs[0][0], right, self.runs[-1][0] + 1

    @property
    def area(self) -> int:
        """The number of its pixels."""
        return sum(run[2] - run[1] for run in self.runs)


def find_blocks(mask: Image.Image) -> list[Block]:
    """Gather the set pixels of a mask of mode `L`, 255 where it is set and else 0."""
    group: dict[int, int] = {}
    runs = list(_runs(mask))
    above: list[int] = []
    current: list[int] = []
    row, first = -1, 0
    for index, (y, left, right) in enumerate(runs):
        if y != row:
            above, current = (current if y == row + 1 else []), []
            row, first = y, 0
        group[index] = index
        # Runs are in order: what ends left of this one cannot touch the next one either.
        while first < len(above) and runs[above[first]][2] < left:
            first += 1
        for other in above[first:]:
            if runs[other][1] > right:
                break
            group[_root(group, other)] = _root(group, index)
        current.append(index)
    blocks: dict[int, Block] = {}
    for index, run in enumerate(runs):
        blocks.setdefault(_root(group, index), Block()).runs.append(run)
    return list(blocks.values())


def _runs(mask: Image.Image) -> Iterator[Run]:
    # One clear column more, so that no run goes on in the next row.
    width = mask.width + 1
    wide = Image.new("L", (width, mask.height))
    wide.paste(mask)
    for match in _SET.finditer(wide.tobytes()):
        row, left = divmod(match.start(), width)
        yield row, left, left + match.end() - match.start()


def _root(group: dict[int, int], index: int) -> int:
    while group[index] != index:
        group[index] = group[group[index]]
        index = group[index]
    return index
