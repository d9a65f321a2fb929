"""The virtual add-on as the core sees it: manifest, hooks, what it costs to start."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pluggy
import pytest

from flatbed.addon import ScanSettings, hookspecs
from flatbed.addon.testing import MemorySink
from flatbed.builtin import virtual

from .virtual_bench import MANIFEST, config_of


@pytest.fixture
def hooks(tmp_path: Path) -> pluggy.HookRelay:
    """The add-on, registered and started as a worker does it."""
    manager = pluggy.PluginManager("flatbed")
    manager.add_hookspecs(hookspecs)
    manager.register(virtual)
    manager.check_pending()
    manager.hook.start(config=config_of(tmp_path, names=["One", "Two", "One"]))
    return manager.hook


def test_manifest_says_name_contract_and_a_process_for_each_job() -> None:
    """What the core reads before it imports anything."""
    assert (MANIFEST["manifest_version"], MANIFEST["name"], MANIFEST["core_api"]) == (
        1,
        "virtual",
        "1.0",
    )
    assert MANIFEST["scanners"] == {"kind": "sane", "fresh_process": True}
    assert (MANIFEST["workers"], MANIFEST["memory_mb"]) == (1, 1024)


@pytest.mark.parametrize("key", sorted(MANIFEST["config"]))
def test_manifest_setting_has_a_default_of_its_type_and_a_sentence(key: str) -> None:
    """Each setting can be shown and left alone."""
    entry = MANIFEST["config"][key]
    kinds = {"str": str, "int": int, "float": float, "list[str]": list, "list[int]": list}
    assert type(entry["default"]) is kinds[entry["type"]]
    assert entry["help"].endswith(".")


def test_hooks_list_one_scanner_for_each_name(hooks: pluggy.HookRelay) -> None:
    """Two of one name stay apart in their fingerprints, whatever stands between them."""
    scanners = hooks.list_scanners()
    assert [(each.id, each.name, each.fingerprint) for each in scanners] == [
        ("virtual:1", "One", "virtual:One:1"),
        ("virtual:2", "Two", "virtual:Two:1"),
        ("virtual:3", "One", "virtual:One:2"),
    ]


def test_hooks_capabilities_name_everything(hooks: pluggy.HookRelay) -> None:
    """Sources, colours, bits and the bed, as the manifest's defaults have them."""
    found = hooks.get_capabilities(scanner_id="virtual:2")
    assert tuple(found.sources) == ("flatbed", "feeder", "duplex")
    assert tuple(found.colors) == ("color", "gray", "bw")
    assert tuple(found.bits) == (8, 16)
    assert found.areas_mm == {
        "flatbed": (216.0, 356.0),
        "feeder": (216.0, 356.0),
        "duplex": (216.0, 356.0),
    }
    assert (found.has_brightness, found.has_contrast, found.has_threshold) == (True, True, True)
    assert found.is_feeder_loaded is True


def test_hooks_acquire_scans_one_page_from_the_flatbed(hooks: pluggy.HookRelay) -> None:
    """A4 in colour at 75 dpi, and the device was said to be open."""
    out = MemorySink()
    hooks.acquire_pages(scanner_id="virtual:1", settings=ScanSettings(dpi=75), out=out)
    assert [(page.size_px, page.mode, page.bits) for page in out.finished] == [
        ((620, 877), "RGB", 8)
    ]
    assert out.is_open


def test_importing_the_addon_and_listing_loads_no_pillow(tmp_path: Path) -> None:
    """A worker that only lists devices must start fast."""
    program = (
        "import json, sys; from flatbed.builtin import virtual; "
        "virtual.start(json.loads(sys.argv[1])); virtual.list_scanners(); "
        "virtual.get_capabilities('virtual:1'); "
        "sys.exit(any(name.partition('.')[0] == 'PIL' for name in sys.modules))"
    )
    text = json.dumps(config_of(tmp_path))
    done = subprocess.run([sys.executable, "-c", program, text], check=False, timeout=20)
    assert done.returncode == 0
