"""What distributions say of their files in `RECORD`, held against the files."""

from __future__ import annotations

import base64
import csv
import hashlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from flatbed.installing.faults import WheelError

_ALGORITHMS = ("sha256", "sha384", "sha512")
_BESIDE_MODULES = "../../"
"""Where pip says that scripts and data are, which it puts beside the modules here."""


def check_records(folder: Path) -> None:
    """Compare every file that the distributions in a folder name.

    Raises:
        WheelError: For a file that is missing, or is another than its distribution says.
    """
    for record in sorted(folder.glob("*.dist-info/RECORD")):
        for path, expected in _rows(record):
            if not _is_whole(folder, path, expected):
                raise WheelError(
                    f"{path} is not what {record.parent.name} says that it is. The wheel is"
                    " damaged; nothing was changed. Get it again."
                )


def _rows(record: Path) -> Iterator[tuple[str, str]]:
    with record.open(encoding="utf-8", newline="") as file:
        for row in csv.reader(file):
            if row:
                yield row[0].removeprefix(_BESIDE_MODULES), row[1] if len(row) > 1 else ""


def _is_whole(folder: Path, path: str, expected: str) -> bool:
    place = PurePosixPath(path)
    if place.is_absolute() or ".." in place.parts:
        return False
    file = folder / place
    if file.is_symlink() or not file.is_file():
        return False
    if not expected:
        # A record cannot hold the hash of itself or of what signs it.
        return place.match("*.dist-info/RECORD*")
    algorithm, _, wanted = expected.partition("=")
    if algorithm not in _ALGORITHMS:
        return False
    with file.open("rb") as opened:
        found = hashlib.file_digest(opened, algorithm).digest()
    return base64.urlsafe_b64encode(found).rstrip(b"=").decode() == wanted.rstrip("=")
