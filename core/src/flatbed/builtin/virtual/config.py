"""The configuration of the virtual scanner, checked once when its worker starts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flatbed.builtin.virtual.faults import Fault, parse_fault
from flatbed.errors import InvalidInputError


@dataclass(frozen=True, kw_only=True)
class VirtualConfig:
    """What `addon.toml` declares under `[config]`, and where the state goes.

    Attributes:
        names: One device for each.
        folder: Images to scan; `None` for sample pages.
        sheets: Paper in the feeder when a job begins.
        seconds_per_page: How long one page takes at least.
        dpi: Resolutions, ascending.
        bed_mm: (width, height) of the bed.
        paper_mm: (width, height) of the paper on it, at its top left.
        faults: The script.
        state_dir: Takes the trays and the ledger.
    """

    names: tuple[str, ...]
    folder: Path | None
    sheets: int
    seconds_per_page: float
    dpi: tuple[int, ...]
    bed_mm: tuple[float, float]
    paper_mm: tuple[float, float]
    faults: tuple[Fault, ...]
    state_dir: Path


def read_config(config: Mapping[str, Any]) -> VirtualConfig:
    """The configuration that the core hands over, types right and defaults filled in.

    Raises:
        InvalidInputError: If a value makes no sense; the message names its key.
    """
    _check(bool(config["names"]), "names", "needs one name at least")
    _check(config["sheets"] >= 0, "sheets", "cannot be below 0")
    _check(config["seconds_per_page"] >= 0, "seconds_per_page", "cannot be below 0")
    _check(_are_positive(config["dpi"]), "dpi", "needs resolutions above 0")
    bed_mm, paper_mm = (config["width_mm"], config["height_mm"]), tuple(config["paper_mm"])
    _check(_are_positive(bed_mm), "width_mm", "and height_mm must be above 0")
    _check(len(paper_mm) == 2 and _are_positive(paper_mm), "paper_mm", "needs a width and a height")
    return VirtualConfig(
        names=tuple(config["names"]),
        folder=Path(config["folder"]).expanduser() if config["folder"] else None,
        sheets=config["sheets"],
        seconds_per_page=config["seconds_per_page"],
        dpi=tuple(sorted(config["dpi"])),
        bed_mm=bed_mm,
        paper_mm=(paper_mm[0], paper_mm[1]),
        faults=tuple(parse_fault(text) for text in config["faults"]),
        state_dir=Path(config["state_dir"]),
    )


def _are_positive(numbers: Any) -> bool:
    return bool(numbers) and all(number > 0 for number in numbers)


def _check(is_right: bool, key: str, fault: str) -> None:  # noqa: FBT001 - the condition itself
    if not is_right:
        raise InvalidInputError(f"The virtual scanner's setting '{key}' {fault}. Correct it.")
