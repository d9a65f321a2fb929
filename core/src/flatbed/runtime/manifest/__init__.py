"""The manifest, `addon.toml`: what an add-on declares, read without importing it."""

from __future__ import annotations

from flatbed.runtime.manifest.filling import fill_settings, read_settings
from flatbed.runtime.manifest.reading import (
    FILE_NAME,
    RESERVED,
    CoreApiUnfitError,
    ManifestError,
    manifest_schema,
    read_manifest,
)
from flatbed.runtime.manifest.setting import Setting, SettingType, check_setting
from flatbed.runtime.manifest.tables import (
    MANIFEST_VERSION,
    Cameras,
    DeclaredRoute,
    Destinations,
    Documents,
    Edit,
    Hook,
    Input,
    Manifest,
    MediaType,
    Name,
    Operation,
    Scanners,
)

__all__ = [
    "FILE_NAME",
    "MANIFEST_VERSION",
    "RESERVED",
    "Cameras",
    "CoreApiUnfitError",
    "DeclaredRoute",
    "Destinations",
    "Documents",
    "Edit",
    "Hook",
    "Input",
    "Manifest",
    "ManifestError",
    "MediaType",
    "Name",
    "Operation",
    "Scanners",
    "Setting",
    "SettingType",
    "check_setting",
    "fill_settings",
    "manifest_schema",
    "read_manifest",
    "read_settings",
]
