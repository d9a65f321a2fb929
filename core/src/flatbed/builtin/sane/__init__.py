"""The driver for every scanner that SANE knows, through libsane and nothing else."""

from flatbed.builtin.sane.driver import (
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
