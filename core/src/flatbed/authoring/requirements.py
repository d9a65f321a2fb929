"""Whether what an add-on needs is installed here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import metadata

from packaging.requirements import InvalidRequirement, Requirement


@dataclass(frozen=True)
class Needed:
    """One requirement, and what is wrong with it here; nothing if `problem` is empty."""

    requirement: str
    problem: str = ""


def look_for(requirements: Iterable[str]) -> Iterator[Needed]:
    """Each requirement that holds on this machine, with what is wrong with it."""
    for text in requirements:
        try:
            requirement = Requirement(text)
        except InvalidRequirement as error:
            yield Needed(text, f"It is no requirement: {error}.")
            continue
        if requirement.marker is None or requirement.marker.evaluate():
            yield Needed(text, _problem(requirement))


def _problem(requirement: Requirement) -> str:
    way_out = f"Install it here with: pip install '{requirement}'"
    try:
        version = metadata.version(requirement.name)
    except metadata.PackageNotFoundError:
        return f"It is not installed. {way_out}, or all at once with: flatbed addons install FOLDER"
    if not requirement.specifier.contains(version, prereleases=True):
        return f"{version} is installed. {way_out}"
    return ""
