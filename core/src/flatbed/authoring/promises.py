"""What a manifest promises: the hooks that must be there."""

from __future__ import annotations

from collections.abc import Iterator

from flatbed.runtime.manifest import Manifest


def promised_hooks(manifest: Manifest) -> dict[str, str]:
    """The hooks that a manifest needs, each with what declares it."""
    needed: dict[str, str] = {}
    for hook, why in _needs(manifest):
        needed.setdefault(hook, why)
    return needed


def _needs(manifest: Manifest) -> Iterator[tuple[str, str]]:
    yield from ((each.hook, f"[operations.{name}]") for name, each in manifest.operations.items())
    for hook, table, is_there in (
        ("process_page", "[edits]", manifest.edits),
        ("handle_request", "[routes]", manifest.routes),
        ("load_document", "[documents] load", manifest.loads),
        ("save_document", "[documents] save", manifest.saves),
        ("upload_file", "[destinations]", manifest.destinations),
        ("list_scanners", "[scanners]", manifest.scanners),
        ("acquire_pages", "[scanners]", manifest.scanners),
        ("list_scanners", "[cameras]", manifest.cameras),
        ("acquire_pages", "[cameras]", manifest.cameras),
    ):
        if is_there:
            yield hook, table
