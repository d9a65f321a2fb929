"""Which add-ons and versions are here, and which of them serves what is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from packaging.requirements import InvalidRequirement, Requirement

from flatbed.errors import (
    AddonMissingError,
    AddonNotEnabledError,
    AddonUnfitError,
    InvalidInputError,
)
from flatbed.runtime.addons import Addon, BrokenAddon, Inventory, parse_version
from flatbed.runtime.advice import how_to_enable, how_to_install, nobody_does, nobody_handles
from flatbed.runtime.choice import EVERYTHING, WANTED_MOST, Choice
from flatbed.runtime.manifest import Manifest, Operation
from flatbed.runtime.stock import Stock

T = TypeVar("T")


class Registry:
    """All add-ons that are installed, each with its versions, newest first.

    Args:
        addons: Those that can be used.
        broken: Those that cannot.
        defaults: The add-on that serves an operation which several have, by its name.
        disabled: Those that are switched off.
        find_again: Called before each lookup: everything, where something has changed.
    """

    def __init__(
        self,
        addons: Iterable[Addon],
        broken: Iterable[BrokenAddon] = (),
        defaults: Mapping[str, str] | None = None,
        *,
        disabled: Iterable[Addon] = (),
        find_again: Callable[[], Inventory | None] = lambda: None,
    ) -> None:
        self._defaults = dict(defaults or {})
        found = Inventory(enabled=tuple(addons), disabled=tuple(disabled), broken=tuple(broken))
        self._stock = Stock(found, find_again)

    def __iter__(self) -> Iterator[Addon]:
        return iter(self._stock)

    def inventory(self) -> Inventory:
        """What can be used, what is switched off, and what is broken."""
        return self._stock.inventory()

    @property
    def broken(self) -> tuple[BrokenAddon, ...]:
        """What cannot be used."""
        return self.inventory().broken

    def newest(self) -> list[Addon]:
        """The newest version of each add-on."""
        return self._stock.newest()

    def versions(self) -> dict[str, list[str]]:
        """Every installed version of every add-on that does not come with the core."""
        return {
            name: [each.version for each in reversed(self._stock.versions_of(name))]
            for name in sorted(addon.name for addon in self.newest() if not addon.is_builtin)
        }

    def choose(self, wanted: Sequence[str]) -> Choice:
        """The newest installed version of each add-on that fits, in the order given.

        Args:
            wanted: As `barcode>=1.2,<2`.

        Raises:
            AddonUnfitError: With every add-on that could not be had.
            InvalidInputError: If one is no name with versions, or is named twice.
        """
        if len(wanted) > WANTED_MOST:
            raise InvalidInputError(f"Ask for {WANTED_MOST} add-ons at most.")
        requirements = [_parse_wanted(each) for each in wanted]
        chosen = [self._newest_fit(each) for each in requirements]
        missing = [each for each, addon in zip(requirements, chosen, strict=True) if addon is None]
        if missing:
            raise self._unfit(missing)
        addons = tuple(addon for addon in chosen if addon is not None)
        if len({addon.name for addon in addons}) < len(addons):
            raise InvalidInputError("An add-on is named twice. Name each once, with its versions.")
        return Choice(addons)

    def get(self, name: str) -> Addon:
        """The newest version of an add-on.

        Raises:
            AddonMissingError: If it is not installed, or switched off.
        """
        versions = self._stock.versions_of(name)
        if not versions:
            raise AddonMissingError(self._way_to(name))
        return versions[0]

    def get_chosen(self, name: str, choice: Choice = EVERYTHING) -> Addon:
        """The version of an add-on that serves a request.

        Raises:
            AddonMissingError: If it is not installed.
            AddonNotEnabledError: If it is not in the choice.
            FlatbedError: Why it cannot be used.
        """
        found = self._find(lambda manifest: name if manifest.name == name else None, choice)
        if found is None:
            raise AddonMissingError(self._way_to(name[:60]))
        return found[0]

    def drivers(self) -> list[Addon]:
        """The add-ons that bring scanners."""
        return [addon for addon in self.newest() if addon.manifest.scanners is not None]

    def find_operation(
        self, operation: str, choice: Choice = EVERYTHING
    ) -> tuple[Addon, Operation]:
        """Who carries out an operation.

        Args:
            operation: Its name.
            choice: The add-ons that may.

        Raises:
            AddonMissingError: If no installed add-on has it; says which one would. Or if the one
                that was chosen has been removed or switched off since.
            AddonNotEnabledError: If one that is not in the choice has it.
            FlatbedError: Why the add-on that has it cannot be used.
        """
        found = self._find(
            lambda manifest: manifest.find_operation(operation),
            choice,
            first=self._defaults.get(operation, ""),
        )
        if found is None:
            name = self._find_disabled(lambda manifest: manifest.find_operation(operation))
            if name is not None:
                raise AddonMissingError(how_to_enable(name), addon=name)
            raise nobody_does(operation)
        return found

    def find_edit(self, op: str, choice: Choice = EVERYTHING) -> Addon:
        """Who makes an edit of a page.

        Raises:
            AddonMissingError: If no installed add-on has an edit of that name.
            AddonNotEnabledError: If one that is not in the choice has it.
        """
        found = self._find(lambda manifest: manifest.edits.get(op), choice)
        if found is None:
            known = sorted({name for addon in self.newest() for name in addon.manifest.edits})
            raise AddonMissingError(
                f"No installed add-on has the edit '{op[:60]}'. There are: {', '.join(known)}."
            )
        return found[0]

    def get_reader(self, media_type: str, choice: Choice = EVERYTHING) -> Addon:
        """The add-on that reads files of a type.

        Raises:
            DocumentTypeError: If none does; says which one would.
            AddonNotEnabledError: If one that is not in the choice does.
        """
        found = self._find(lambda manifest: _among(manifest.loads, media_type), choice)
        if found is None:
            disabled = self._find_disabled(lambda manifest: _among(manifest.loads, media_type))
            raise nobody_handles("reads", media_type, disabled=disabled)
        return found[0]

    def find_writer(self, media_type: str, choice: Choice = EVERYTHING) -> Addon | None:
        """The add-on that writes files of a type; `None` if none does.

        Raises:
            AddonNotEnabledError: If one that is not in the choice does.
        """
        found = self._find(lambda manifest: _among(manifest.saves, media_type), choice)
        return found[0] if found is not None else None

    def get_writer(self, media_type: str, choice: Choice = EVERYTHING) -> Addon:
        """The add-on that writes files of a type.

        Raises:
            DocumentTypeError: If none does; says which one would.
            AddonNotEnabledError: If one that is not in the choice does.
        """
        writer = self.find_writer(media_type, choice)
        if writer is None:
            disabled = self._find_disabled(lambda manifest: _among(manifest.saves, media_type))
            raise nobody_handles("writes", media_type, disabled=disabled)
        return writer

    def _find(
        self, offer: Callable[[Manifest], T | None], choice: Choice, *, first: str = ""
    ) -> tuple[Addon, T] | None:
        """Who offers something, and what exactly; the order of the choice decides among several."""
        asked = self._asked(choice)
        asked.sort(key=lambda addon: addon.name != first and choice.addons is None)
        for addon in asked:
            if (offered := offer(addon.manifest)) is not None:
                self._require_present(addon)
                return addon, offered
        for addon in self.newest():
            if offer(addon.manifest) is not None:
                raise AddonNotEnabledError(
                    f"The page did not enable the add-on '{addon.name}'. Name it when the session"
                    " begins.",
                    addon=addon.name,
                )
        self._raise_if_broken(offer)
        return None

    def _asked(self, choice: Choice) -> list[Addon]:
        if choice.addons is None:
            # Nobody who is merely installed gets in before what comes with the core.
            return sorted(self.newest(), key=lambda addon: not addon.is_builtin)
        chosen = [self._as_it_is_now(addon) for addon in choice.addons]
        named = {addon.name for addon in chosen}
        own = [each for each in self.newest() if each.is_builtin and each.name not in named]
        return [*chosen, *own]

    def _as_it_is_now(self, addon: Addon) -> Addon:
        return self._stock.find_same(addon) or addon

    def _require_present(self, addon: Addon) -> None:
        if self._stock.find_same(addon) is None:
            raise AddonMissingError(
                f"The add-on '{addon.name}' {addon.version} was removed or switched off meanwhile."
                " Reload the page to begin a new session.",
                addon=addon.name,
            )

    def _find_disabled(self, offer: Callable[[Manifest], object]) -> str | None:
        """The name of an add-on that is switched off and would offer something."""
        disabled = self.inventory().disabled
        return next((each.name for each in disabled if offer(each.manifest) is not None), None)

    def _way_to(self, name: str, versions: str = "") -> str:
        """How to get an add-on that cannot be found."""
        if self._stock.is_disabled(name):
            return how_to_enable(name)
        return how_to_install(name, versions)

    def _raise_if_broken(self, offer: Callable[[Manifest], object]) -> None:
        for broken in self.broken:
            if broken.manifest is not None and offer(broken.manifest) is not None:
                raise broken.error

    def _newest_fit(self, wanted: Requirement) -> Addon | None:
        fitting = (
            addon
            for addon in self._stock.versions_of(wanted.name)
            if wanted.specifier.contains(parse_version(addon.version), prereleases=True)
        )
        return next(fitting, None)

    def _unfit(self, missing: Sequence[Requirement]) -> AddonUnfitError:
        rows = [
            {
                "wanted": str(each),
                "installed": [one.version for one in reversed(self._stock.versions_of(each.name))],
                "broken": [other.error.message for other in self.broken if other.name == each.name],
                "how": self._way_to(each.name, str(each.specifier)),
            }
            for each in missing
        ]
        names = ", ".join(str(each) for each in missing)
        return AddonUnfitError(
            f"Not installed in a fitting version: {names}. See details for how to get them.",
            missing=rows,
        )


def _parse_wanted(wanted: str) -> Requirement:
    try:
        parsed = Requirement(wanted)
    except InvalidRequirement as error:
        raise InvalidInputError(f"'{wanted[:60]}' is no add-on with versions: {error}.") from error
    if parsed.url or parsed.extras or parsed.marker:
        raise InvalidInputError(f"'{wanted[:60]}' is more than a name with versions.")
    return parsed


def _among(kinds: Sequence[str], media_type: str) -> str | None:
    return media_type if media_type in kinds else None
