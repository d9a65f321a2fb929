"""The tables of a manifest, as they are once it has been read."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from flatbed.runtime.manifest.setting import Setting

MANIFEST_VERSION = 1

CORE_API_PATTERN = r"\d{1,9}\.\d{1,9}"

Name = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=64)]
MediaType = Annotated[str, Meta(pattern=r"^[a-z]+/[a-z0-9.+-]+$")]
Hook = Literal[
    "read_barcodes",
    "recognize_text",
    "find_separator",
    "process_page",
    "load_document",
    "save_document",
]
Input = Literal["page", "pages", "document", "file", "none"]


class Operation(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One operation, served as `POST /api/process/<name>`.

    Attributes:
        input: `page` for hooks of one page: of several pages, or of a document, they are called
            for each. `pages` and `document` for hooks that take them all at once.
        shorthand: The setting that is meant where the settings are nothing but a text.
    """

    hook: Hook
    input: Input = "page"
    shorthand: str = ""
    timeout_s: Annotated[float, Meta(gt=0, le=3600)] = 30
    help: str = ""
    settings: dict[str, Setting] = {}


class Scanners(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The add-on brings scanners.

    Attributes:
        kind: What they are reached by.
        fresh_process: Each job and each list gets a process of its own.
        limits: Sentences about what this driver cannot do.
    """

    kind: Literal["sane", "escl", "wia", "twain", "ica"]
    fresh_process: bool = True
    limits: list[str] = []


class Cameras(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The add-on brings cameras."""

    kind: str = "camera"


class Documents(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Media types of the files that the add-on reads and writes, and how long that may take.

    `settings` are of both ways, `load_settings` of reading and `save_settings` of writing alone.
    """

    load: list[MediaType] = []
    load_timeout_s: Annotated[float, Meta(gt=0, le=3600)] = 120
    save: list[MediaType] = []
    timeout_s: Annotated[float, Meta(gt=0, le=3600)] = 120
    shared_settings: dict[str, Setting] = msgspec.field(default_factory=dict, name="settings")
    load_settings: dict[str, Setting] = {}
    save_settings: dict[str, Setting] = {}

    @property
    def settings(self) -> dict[str, Setting]:
        """All of them, as both hooks get them; none has the name of another."""
        return self.shared_settings | self.load_settings | self.save_settings

    def settings_of(self, hook: Hook) -> dict[str, Setting]:
        """What an operation of a hook takes over that has no settings of its own."""
        if hook == "save_document":
            return self.shared_settings | self.save_settings
        if hook == "load_document":
            return self.shared_settings | self.load_settings
        return {}


class Destinations(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Schemes of the addresses that the add-on uploads to."""

    schemes: list[Name]
    timeout_s: Annotated[float, Meta(gt=0)] = 3600
    settings: dict[str, Setting] = {}


class Edit(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One edit of a page, undone and redone like every other; an operation of the same name too."""

    help: str = ""
    timeout_s: Annotated[float, Meta(gt=0, le=3600)] = 30
    settings: dict[str, Setting] = {}


class DeclaredRoute(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A route below `/api/addons/<name>/`, answered by the hook `handle_request`."""

    methods: list[Literal["GET", "POST", "PUT", "PATCH", "DELETE"]]
    timeout_s: Annotated[float, Meta(gt=0, le=3600)] = 30
    help: str = ""


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One add-on's declaration; see docs/architecture.md."""

    manifest_version: Literal[1]
    name: Name
    core_api: Annotated[str, Meta(pattern=f"^{CORE_API_PATTERN}$")]
    description: str = ""
    enabled: bool = True
    workers: Annotated[int, Meta(ge=1, le=64)] = 1
    memory_mb: Annotated[int, Meta(ge=64)] = 1024
    operations: dict[Name, Operation] = {}
    scanners: Scanners | None = None
    cameras: Cameras | None = None
    documents: Documents | None = None
    destinations: Destinations | None = None
    edits: dict[Name, Edit] = {}
    routes: dict[str, DeclaredRoute] = {}
    config: dict[str, Setting] = {}

    @property
    def loads(self) -> list[str]:
        """Media types of the files that it reads."""
        return self.documents.load if self.documents is not None else []

    @property
    def saves(self) -> list[str]:
        """Media types of the files that it writes."""
        return self.documents.save if self.documents is not None else []

    def find_operation(self, name: str) -> Operation | None:
        """The operation of a name; every edit is one too, of a single page."""
        edit = self.edits.get(name)
        if edit is None:
            return self.operations.get(name)
        return Operation(
            hook="process_page", timeout_s=edit.timeout_s, help=edit.help, settings=edit.settings
        )
