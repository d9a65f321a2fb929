"""Manifests that tests make."""

from __future__ import annotations

from pathlib import Path

from flatbed.runtime.manifest import Manifest, read_manifest

HEAD = 'manifest_version = 1\nname = "made"\ncore_api = "1.0"\n'
"""All that a manifest needs."""


def read(folder: Path, text: str) -> Manifest:
    """The manifest of a text."""
    (folder / "addon.toml").write_text(text, "utf-8")
    return read_manifest(folder)
