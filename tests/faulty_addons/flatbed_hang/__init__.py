"""An add-on that never comes back."""

from __future__ import annotations

import threading

from flatbed.addon import hookimpl


@hookimpl
def process_page() -> None:
    """Wait for what never comes."""
    threading.Event().wait()
