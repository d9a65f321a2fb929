"""Which contract is spoken here, and by which version of the core."""

from __future__ import annotations

from importlib import metadata

CONTRACT_VERSION = "20261121"
"""Day (yyyymmdd) of the last change to the wire contract; `/api/server/version` says it."""


def core_version() -> str:
    """The version of the installed core, `0` where its sources run without being installed."""
    try:
        return metadata.version("flatbed")
    except metadata.PackageNotFoundError:
        return "0"
