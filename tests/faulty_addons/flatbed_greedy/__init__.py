"""An add-on that takes all the memory that it can get, and keeps it."""

from __future__ import annotations

import ctypes

from flatbed.addon import hookimpl

_kept: list[object] = []
_CHUNK_BYTES = 8 << 20


@hookimpl
def process_page(operation: str) -> int:
    """Take memory of Python's, or of the C library's, which Python does not count."""
    take = _take_native if operation == "eat-native-memory" else bytearray
    while len(_kept) < 1000:
        _kept.append(take(_CHUNK_BYTES))
    return len(_kept)


def _take_native(size: int) -> int:
    library = ctypes.CDLL(None)
    library.malloc.restype = ctypes.c_void_p
    taken = library.malloc(ctypes.c_size_t(size))
    if not taken:
        raise MemoryError(f"malloc of {size} bytes")
    ctypes.memset(taken, 1, size)
    return int(taken)
