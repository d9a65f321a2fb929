"""The add-ons of `tests/faulty_addons`, installed as distributions in a folder of their own."""

from __future__ import annotations

import shutil
from pathlib import Path

VERSION = "6.6.6"

_SOURCES = Path(__file__).parents[1] / "faulty_addons"
_PREFIX = "flatbed_"


def install_faulty(folder: Path) -> list[str]:
    """Put them all into a folder of the module path, as pip would; their names."""
    names = sorted(path.name.removeprefix(_PREFIX) for path in _SOURCES.glob(f"{_PREFIX}*"))
    for name in names:
        package = f"{_PREFIX}{name}"
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(_SOURCES / package, folder / package, ignore=ignored)
        facts = folder / f"{package}-{VERSION}.dist-info"
        facts.mkdir()
        (facts / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: flatbed-{name}\nVersion: {VERSION}\n"
        )
        (facts / "entry_points.txt").write_text(f"[flatbed.addons]\n{name} = {package}\n")
    return names
