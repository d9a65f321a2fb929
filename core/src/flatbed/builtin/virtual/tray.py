"""The paper in a virtual feeder: what was fed, kept in a file so that it survives the process."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from flatbed.builtin.virtual.faults import Fault
from flatbed.errors import DeviceFault


@dataclass
class Tray:
    """One device's tray during one job.

    Attributes:
        path: Its file.
        sheet: The sheet fed last, from 1; 0 before the first.
        pages_before: Pages that the job had when that sheet was fed.
        file_before: Name of the folder's last image before that sheet, or empty.
        file: Name of the folder's last image on that sheet, or empty.
        spent: Faults of the script that have struck in this job.
    """

    path: Path
    sheet: int = 0
    pages_before: int = 0
    file_before: str = ""
    file: str = ""
    spent: list[str] = field(default_factory=list)

    @classmethod
    def refilled(cls, path: Path) -> Tray:
        """A full tray for a new job; what lay there before is forgotten."""
        tray = cls(path)
        tray._save()
        return tray

    @classmethod
    def as_left(cls, path: Path) -> Tray:
        """The tray as the attempt before left it; a full one if there was none.

        Raises:
            DeviceFault: If its file cannot be read.
        """
        if not path.exists():
            return cls.refilled(path)
        try:
            return cls(path, **json.loads(path.read_bytes()))
        except (ValueError, TypeError) as error:
            raise DeviceFault(
                "The state of the virtual feeder is damaged. Start a new job to refill it."
            ) from error

    def sides_left(self, sides: tuple[str, ...], *, pages: int) -> tuple[str, ...]:
        """The sides of the sheet fed last that have not become pages.

        A sheet that stuck, or was in the scanner when the process died, lies on the pile again.
        What was delivered of it is told by the job's own count, which is right at every moment.

        Args:
            sides: Of every sheet, front first.
            pages: Pages that the job has now.
        """
        return sides[pages - self.pages_before :] if self.sheet else ()

    def feed(self, *, pages: int, file: str) -> None:
        """Take the next sheet from the pile.

        Args:
            pages: Pages that the job has now.
            file: Name of the folder's last image on the sheet, or empty.
        """
        self.sheet += 1
        self.pages_before = pages
        self.file_before, self.file = self.file, file
        self._save()

    def feed_again(self, *, file: str) -> None:
        """Take the same sheet once more, with what the folder now has in its place."""
        self.file = file
        self._save()

    def spend(self, fault: Fault) -> None:
        """Remember that a fault has struck, before it does."""
        self.spent.append(fault.text)
        self._save()

    def due(self, script: Iterable[Fault], *, device: int, page: int) -> list[Fault]:
        """The faults of the script that are still to strike at a page.

        Args:
            script: All of them, in order.
            device: From 1.
            page: Of the job, from 1; 0 for the opening.
        """
        spent = Counter(self.spent)
        here = [each for each in script if each.page == page and each.is_at(device)]
        return [each for each in here if not _take_one(spent, each.text)]

    def _save(self) -> None:
        state = asdict(self)
        del state["path"]
        fresh = self.path.with_suffix(".new")
        fresh.write_text(json.dumps(state))
        fresh.replace(self.path)


def _take_one(counts: Counter[str], key: str) -> bool:
    counts[key] -= 1
    return counts[key] >= 0
