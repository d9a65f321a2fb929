"""An add-on that reads where no memory is."""

from __future__ import annotations

import ctypes

from flatbed.addon import hookimpl


@hookimpl
def process_page() -> None:
    """Die."""
    ctypes.string_at(0)
