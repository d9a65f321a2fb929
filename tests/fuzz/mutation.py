"""Good bytes made bad, by a random number generator of a fixed seed."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

_EDGES = (
    *(b"\0", b"\xff", b"\x7f", b"\x80", b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff"),
    *(b"\xff" * 8, b"-1", b"0", b"1e400", b"9" * 25, b"9" * 5000, b"null", b'"', b"[", b"{}"),
    *("é\u0664\ud7ff".encode(), b"\n", b"..", b"%", b"//", b"\xed\xa0\x80"),
)
"""What stands at the edge of something."""


def mutations(seeds: Sequence[bytes], *, count: int, seed: int) -> Iterator[bytes]:
    """So many variations of the seeds, the same ones each time."""
    numbers = random.Random(seed)
    yield from seeds
    yield b""
    for _ in range(count):
        data = bytearray(numbers.choice(seeds))
        for _ in range(numbers.choice((1, 1, 2, 4, 16))):
            _change(data, numbers)
        yield bytes(data)


def _change(data: bytearray, numbers: random.Random) -> None:
    at = numbers.randrange(len(data) + 1)
    end = min(len(data), at + numbers.choice((1, 2, 4, 8, 64)))
    kind = numbers.randrange(6)
    if kind == 0:
        data[at:end] = numbers.randbytes(end - at)
    elif kind == 1:
        edge = numbers.choice(_EDGES)
        data[at : at + len(edge)] = edge
    elif kind == 2:
        data[at:at] = numbers.choice(_EDGES)
    elif kind == 3:
        del data[at:end]
    elif kind == 4:
        data[at:at] = data[at:end] * numbers.choice((1, 2, 9))
    else:
        del data[at + (len(data) - at) // 2 :]
