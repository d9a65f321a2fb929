"""The driver for scanners through pyinsane2: WIA on Windows, and SANE by another road."""

from flatbed.builtin.pyinsane2.driver import (
    acquire_pages,
    describe_environment,
    get_capabilities,
    list_scanners,
    start,
)

__all__ = [
    "acquire_pages",
    "describe_environment",
    "get_capabilities",
    "list_scanners",
    "start",
]
