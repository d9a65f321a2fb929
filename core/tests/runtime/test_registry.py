"""Which add-ons are here: found in the environment without running a line of them."""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import pytest

from flatbed.errors import (
    AddonMissingError,
    AddonNotEnabledError,
    AddonUnfitError,
    DocumentTypeError,
    InvalidInputError,
)
from flatbed.runtime.addons import Addon, BrokenAddon
from flatbed.runtime.advice import how_to_install
from flatbed.runtime.discovery import discover
from flatbed.runtime.manifest import Manifest, ManifestError
from flatbed.runtime.registry import Registry

MANIFEST = 'manifest_version = 1\nname = "{name}"\ncore_api = "1.0"\n'


class Environment:
    """Distributions that lie in a folder of the module path, as pip leaves them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def install(
        self,
        name: str,
        *,
        entry: str = "",
        version: str = "1.2.3",
        manifest: str | None = None,
        metadata: str | None = None,
    ) -> None:
        """Add a distribution `flatbed-<name>` with the package `flatbed_<name>`."""
        package = self._folder / f"flatbed_{name}"
        package.mkdir()
        (package / "__init__.py").write_text("raise SystemExit('an add-on was imported')")
        text = manifest if manifest is not None else MANIFEST.format(name=name)
        if text:
            (package / "addon.toml").write_text(text)
        facts = self._folder / f"flatbed_{name}-{version}.dist-info"
        facts.mkdir()
        told = f"Metadata-Version: 2.1\nName: flatbed-{name}\nVersion: {version}\n"
        (facts / "METADATA").write_text(metadata if metadata is not None else told)
        (facts / "entry_points.txt").write_text(
            entry or f"[flatbed.addons]\n{name} = flatbed_{name}\n"
        )

    def discover(self, **configs: Mapping[str, Any]) -> Registry:
        """What is found."""
        importlib.invalidate_caches()
        return discover(configs)


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Environment:
    """An environment with the core and what a test installs."""
    monkeypatch.syspath_prepend(str(tmp_path))
    return Environment(tmp_path)


def made(name: str, version: str = "1.0", distribution: str = "", **manifest: Any) -> Addon:
    """An add-on that is found nowhere."""
    facts = {"manifest_version": 1, "name": name, "core_api": "1.0"} | manifest
    return Addon(
        manifest=msgspec.convert(facts, Manifest),
        version=version,
        module="nowhere",
        distribution=distribution or f"flatbed-{name}",
    )


def broken(registry: Registry) -> dict[str, str]:
    """Why each broken add-on is."""
    return {each.name: each.error.message for each in registry.broken}


def test_discover_finds_an_addon_without_importing_it(environment: Environment) -> None:
    """By entry point, spec and manifest alone; its code would end this process."""
    environment.install("stamp", version="2.5.0", manifest=MANIFEST.format(name="stamp"))
    found = environment.discover().get("stamp")
    assert (found.name, found.version, found.module, found.distribution) == (
        "stamp",
        "2.5.0",
        "flatbed_stamp",
        "flatbed-stamp",
    )
    assert (found.paths, found.is_builtin) == ((), False)
    assert "flatbed_stamp" not in sys.modules


def test_discover_finds_what_is_built_in(environment: Environment) -> None:
    """By the same entry points: nothing built in is special."""
    found = environment.discover(virtual={"enabled": True})
    imaging = found.get("imaging")
    assert (imaging.module, imaging.distribution) == ("flatbed.builtin.imaging", "flatbed")
    assert imaging.is_builtin
    assert {"sane", "virtual"} <= {driver.name for driver in found.drivers()}


def test_discover_of_an_addon_that_is_switched_off_leaves_it_out(environment: Environment) -> None:
    """By its manifest or by the configuration, which wins."""
    environment.install("stamp")
    environment.install("glue", manifest="enabled = false\n" + MANIFEST.format(name="glue"))
    plain = environment.discover()
    assert {"stamp", "glue"} & {addon.name for addon in plain} == {"stamp"}
    changed = environment.discover(stamp={"enabled": False}, glue={"enabled": True})
    assert {"stamp", "glue"} & {addon.name for addon in changed} == {"glue"}
    assert {"stamp", "glue"} & set(broken(changed)) == set()


def test_discover_fills_in_the_settings_of_an_addon(environment: Environment) -> None:
    """From `[addons.<name>]`, checked, with `enabled` taken out."""
    settings = '[config]\nink = { type = "str", default = "blue" }\nsize = { type = "int" }\n'
    environment.install("stamp", manifest=MANIFEST.format(name="stamp") + settings)
    assert environment.discover().get("stamp").config == {"ink": "blue", "size": None}
    found = environment.discover(stamp={"enabled": True, "size": 3}).get("stamp")
    assert found.config == {"ink": "blue", "size": 3}


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"ink": 3}, "'ink' must be str"),
        ({"colour": "red"}, "The add-on 'stamp' has no setting 'colour'. It has: ink."),
    ],
    ids=["wrong type", "unknown"],
)
def test_discover_with_wrong_settings_leaves_the_addon_out_and_says_why(
    environment: Environment, settings: dict[str, Any], words: str
) -> None:
    """One wrong line of the configuration must not keep the service from starting."""
    table = '[config]\nink = { type = "str", default = "blue" }\n'
    environment.install("stamp", manifest=MANIFEST.format(name="stamp") + table)
    registry = environment.discover(stamp=settings)
    assert words in broken(registry)["stamp"]
    with pytest.raises(AddonMissingError):
        registry.get("stamp")


BROKEN: dict[str, tuple[dict[str, str], str]] = {
    "no manifest": ({"manifest": ""}, "There is no addon.toml"),
    "wrong manifest": ({"manifest": "name = 3"}, "addon.toml is not right"),
    "another name": (
        {"manifest": MANIFEST.format(name="glue")},
        "The manifest is of 'glue', not of 'stamp'.",
    ),
    "no package": (
        {"entry": "[flatbed.addons]\nstamp = flatbed_gone\n"},
        "The package 'flatbed_gone' is not there. Install the add-on again.",
    ),
    "no package but a module": ({"entry": "[flatbed.addons]\nstamp = json.tool\n"}, "addon.toml"),
    "a plain module": ({"entry": "[flatbed.addons]\nstamp = glob\n"}, "The package 'glob'"),
    "no module at all": ({"entry": "[flatbed.addons]\nstamp = ???\n"}, "names no module"),
}


@pytest.mark.parametrize(("how", "words"), BROKEN.values(), ids=BROKEN.keys())
def test_discover_of_a_broken_addon_goes_on_without_it(
    environment: Environment, how: dict[str, str], words: str
) -> None:
    """It is listed with its reason; the others work."""
    environment.install("stamp", **how)
    environment.install("ink")
    registry = environment.discover()
    assert words in broken(registry)["stamp"]
    assert registry.get("ink").version == "1.2.3"


def test_discover_of_a_module_that_nobody_imported_goes_on_without_it(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the main module of a program, or what an embedding program made up."""
    monkeypatch.setitem(sys.modules, "specless", ModuleType("specless"))
    environment.install("stamp", entry="[flatbed.addons]\nstamp = specless\n")
    assert "'specless' is no package" in broken(environment.discover())["stamp"]


@pytest.mark.parametrize("metadata", ["", "Metadata-Version: 2.1\nName: flatbed-stamp\n"])
def test_discover_of_damaged_metadata_goes_on(environment: Environment, metadata: str) -> None:
    """A distribution without a version is the oldest of all."""
    environment.install("stamp", metadata=metadata)
    assert environment.discover().get("stamp").version == "0"


def test_newest_version_serves_where_nobody_asks_for_another() -> None:
    """By the order of versions, not of letters; one that is none is the oldest."""
    registry = Registry(
        [made("stamp", version) for version in ("1.9", "1.10", "dirty", "1.10rc1", "0.1")]
    )
    assert registry.get("stamp").version == "1.10"
    assert [addon.version for addon in registry.newest()] == ["1.10"]
    assert registry.versions() == {"stamp": ["dirty", "0.1", "1.9", "1.10rc1", "1.10"]}


@pytest.mark.parametrize(
    ("wanted", "version"),
    [
        ("stamp", "2.0"),
        ("stamp>=1.2", "2.0"),
        ("stamp>=1.2,<2", "1.3.1"),
        ("stamp==1.2.*", "1.2.5"),
        ("stamp~=1.2", "1.3.1"),
        ("stamp<1.3", "1.2.5"),
        (" stamp >= 2 ", "2.0"),
        ("stamp>2", None),
        ("stamp<1", None),
        ("ink", None),
    ],
)
def test_choose_takes_the_newest_version_that_fits(wanted: str, version: str | None) -> None:
    """As a page asks for it."""
    registry = Registry([made("stamp", each) for each in ("1.2.5", "2.0", "1.3.1")])
    if version is None:
        with pytest.raises(AddonUnfitError):
            registry.choose([wanted])
        return
    assert [addon.version for addon in registry.choose([wanted]).addons or ()] == [version]


def test_choose_takes_a_release_candidate_that_is_installed() -> None:
    """Whoever installed it wanted it."""
    chosen = Registry([made("stamp", "2.0"), made("stamp", "2.1rc1")]).choose(["stamp>=2"])
    assert [addon.version for addon in chosen.addons or ()] == ["2.1rc1"]


@pytest.mark.parametrize("wanted", ["", ">=1", "stamp>>1", "stamp=1", "a b", "stamp>=x y"])
def test_choose_by_what_is_no_name_with_versions_is_refused(wanted: str) -> None:
    """A page's slip of the pen is told as that."""
    with pytest.raises(InvalidInputError, match=re.escape(f"'{wanted}' is no add-on")):
        Registry([made("stamp")]).choose([wanted])


def test_get_of_what_is_not_installed_says_how_to_install_it() -> None:
    """404 / -1126, with the command."""
    with pytest.raises(AddonMissingError) as caught:
        Registry([]).get("barcode")
    assert caught.value.message == how_to_install("barcode")
    assert caught.value.message == (
        "The add-on 'barcode' is not installed. Install it with: flatbed addons install barcode"
    )


def test_versions_leave_out_what_comes_with_the_core() -> None:
    """`moduleVersions` has the core's own once."""
    registry = Registry([made("imaging", distribution="flatbed"), made("stamp", "1"), made("ink")])
    assert registry.versions() == {"ink": ["1.0"], "stamp": ["1"]}


def test_drivers_are_the_addons_that_bring_scanners() -> None:
    """The newest version of each."""
    scanners = {"kind": "sane"}
    registry = Registry(
        [made("stamp"), made("lamp", "1", scanners=scanners), made("lamp", "2", scanners=scanners)]
    )
    assert [(each.name, each.version) for each in registry.drivers()] == [("lamp", "2")]


def test_find_operation_prefers_the_addon_of_the_configuration() -> None:
    """Two bring it: `[defaults]` decides, without it the first that was found."""
    does: dict[str, Any] = {"operations": {"read-text": {"hook": "recognize_text"}}}
    found = [made("ocr", **does), made("ocr-pro", **does), made("stamp")]
    assert Registry(found).find_operation("read-text")[0].name == "ocr"
    preferring = Registry(found, defaults={"read-text": "ocr-pro"})
    addon, operation = preferring.find_operation("read-text")
    assert (addon.name, operation.hook) == ("ocr-pro", "recognize_text")
    absent = Registry(found, defaults={"read-text": "stamp"})
    assert absent.find_operation("read-text")[0].name == "ocr"


def test_find_operation_asks_the_chosen_in_their_order() -> None:
    """Of two that bring it the first of the page's list serves, whatever the configuration says."""
    does: dict[str, Any] = {"operations": {"read-text": {"hook": "recognize_text"}}}
    found = [made("ocr", "1", **does), made("ocr", "2", **does), made("ocr-pro", **does)]
    registry = Registry(found, defaults={"read-text": "ocr"})
    choice = registry.choose(["ocr-pro", "ocr<2"])
    assert registry.find_operation("read-text", choice)[0].name == "ocr-pro"
    older = registry.choose(["ocr<2"])
    assert registry.find_operation("read-text", older)[0].version == "1"


def test_find_operation_of_what_was_not_chosen_is_forbidden() -> None:
    """403, with the add-on's name; what comes with the core is there for everybody."""
    does: dict[str, Any] = {"operations": {"read-text": {"hook": "recognize_text"}}}
    own: dict[str, Any] = {"operations": {"invert": {"hook": "process_page"}}}
    registry = Registry(
        [made("ocr", **does), made("stamp"), made("imaging", distribution="flatbed", **own)]
    )
    choice = registry.choose(["stamp"])
    with pytest.raises(AddonNotEnabledError) as caught:
        registry.find_operation("read-text", choice)
    assert caught.value.details == {"addon": "ocr"}
    assert registry.find_operation("invert", choice)[0].name == "imaging"
    with pytest.raises(AddonMissingError):
        registry.find_operation("fold", choice)


def test_find_operation_of_a_broken_add_on_says_why() -> None:
    """Not that it is missing: installing it once more is not what helps."""
    stamp = made("stamp", operations={"press": {"hook": "process_page"}})
    why = ManifestError("The ink is dry.")
    registry = Registry([], [BrokenAddon("stamp", "flatbed-stamp", why, "1.0", stamp.manifest)])
    with pytest.raises(ManifestError, match="The ink is dry"):
        registry.find_operation("press")


def test_choose_twice_the_same_is_refused() -> None:
    """Nobody could say which of the two serves."""
    registry = Registry([made("stamp", "1"), made("stamp", "2")])
    with pytest.raises(InvalidInputError, match="named twice"):
        registry.choose(["stamp", "stamp<2"])


def test_find_operation_that_nobody_has_says_so() -> None:
    """404 / -1126: the core knows no operation by name."""
    with pytest.raises(AddonMissingError, match="No installed add-on does 'fold'"):
        Registry([made("stamp")]).find_operation("fold")


def test_find_writer_by_the_media_type_that_it_saves() -> None:
    """Reading alone is not enough."""
    registry = Registry(
        [
            made("reader", documents={"load": ["application/pdf"]}),
            made("pdf", documents={"save": ["application/pdf"]}),
        ]
    )
    writer = registry.find_writer("application/pdf")
    assert writer is not None
    assert writer.name == registry.get_writer("application/pdf").name == "pdf"
    assert registry.find_writer("image/webp") is None


@pytest.mark.parametrize(
    ("media_type", "words"),
    [
        (
            "application/pdf",
            (
                "No installed add-on writes application/pdf files."
                " Install one with: flatbed addons install pdf"
            ),
        ),
        ("image/webp", "No installed add-on writes image/webp files."),
    ],
)
def test_get_writer_of_a_type_that_nobody_writes_says_what_would(
    media_type: str, words: str
) -> None:
    """400 / -1119."""
    with pytest.raises(DocumentTypeError) as caught:
        Registry([]).get_writer(media_type)
    assert caught.value.message == words


def test_type_of_files_that_a_disabled_add_on_handles_says_how_to_switch_it_on() -> None:
    """Not to install what is there."""
    documents = {"load": ["application/pdf"], "save": ["application/pdf"]}
    registry = Registry([made("stamp")], disabled=[made("pdf", documents=documents)])
    for ask in (registry.get_reader, registry.get_writer):
        with pytest.raises(DocumentTypeError) as caught:
            ask("application/pdf")
        assert caught.value.message == (
            "The add-on 'pdf' is installed, but switched off."
            " Switch it on with: flatbed addons enable pdf"
        )
