"""The add-ons that are installed, looked for again when that has changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import structlog

from flatbed.errors import FlatbedError
from flatbed.runtime.addons import Addon, Inventory, parse_version

log = structlog.get_logger("flatbed.addons")


class Stock:
    """Every version of every add-on that can be used, and what cannot.

    Args:
        found: What is there now.
        find_again: Asked at each look: everything, where something has changed, else `None`.
    """

    def __init__(self, found: Inventory, find_again: Callable[[], Inventory | None]) -> None:
        self._find_again = find_again
        self._take(found)

    def __iter__(self) -> Iterator[Addon]:
        return (addon for versions in list(self._current().values()) for addon in versions)

    def inventory(self) -> Inventory:
        """What can be used, what is switched off, and what is broken."""
        self._current()
        return self._found

    def newest(self) -> list[Addon]:
        """The newest version of each add-on."""
        return [versions[0] for versions in self._current().values()]

    def versions_of(self, name: str) -> Sequence[Addon]:
        """The versions of an add-on, newest first; none of one that cannot be used."""
        return self._current().get(name, ())

    def find_same(self, addon: Addon) -> Addon | None:
        """The same version as it is now: it may have been installed again; `None` if it is gone."""
        return next((each for each in self.versions_of(addon.name) if _is_same(each, addon)), None)

    def is_disabled(self, name: str) -> bool:
        """Whether a version of an add-on is here and switched off."""
        return any(each.name == name for each in self._found.disabled)

    def _current(self) -> dict[str, list[Addon]]:
        try:
            found = self._find_again()
        except FlatbedError as error:
            # What was found before still holds.
            log.warning("addons not read again", cause=error.message)
            return self._by_name
        if found is not None:
            self._take(found)
            log.info("addons read again", addons=[f"{a.name} {a.version}" for a in found.enabled])
            for each in found.broken:
                log.warning("addon not loaded", addon=each.name, error=each.error.message)
        return self._by_name

    def _take(self, found: Inventory) -> None:
        by_name: dict[str, list[Addon]] = {}
        for addon in found.enabled:
            by_name.setdefault(addon.name, []).append(addon)
        for versions in by_name.values():
            versions.sort(key=lambda addon: parse_version(addon.version), reverse=True)
        self._found, self._by_name = found, by_name


def _is_same(one: Addon, other: Addon) -> bool:
    return (one.name, one.version) == (other.name, other.version)
