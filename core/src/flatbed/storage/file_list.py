"""The files of the buffer as they lie in its folders."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TypeAlias

from flatbed.runtime.journal import JournalReader
from flatbed.storage.finished import read_pages
from flatbed.storage.stored_page import FILE_KINDS

FileList: TypeAlias = dict[str, dict[str, int]]
"""Sizes in bytes by the page's uid and the kind of the file."""

_FOLDER = re.compile(r"[0-9a-f]{2}")
_NAME = re.compile(r"(?P<uid>[0-9a-f]{32})\.(?P<kind>" + "|".join(FILE_KINDS) + ")")


def list_files(folder: Path) -> FileList:
    """Every file that is named like one of ours and lies where ours would; one look a folder."""
    found: FileList = {}
    for shelf in _entries(folder):
        if _FOLDER.fullmatch(shelf.name) and shelf.is_dir(follow_symlinks=False):
            for entry in _entries(Path(shelf.path)):
                _add(found, shelf.name, entry)
    return found


def read_journals(spool: Path) -> set[str]:
    """The uids of the pages that a scan has finished and that may not be adopted yet."""
    return {
        page.uid
        for job in _entries(spool)
        if job.is_dir(follow_symlinks=False)
        for page in read_pages(JournalReader(Path(job.path)).read_new())
    }


def _add(found: FileList, shelf: str, entry: os.DirEntry[str]) -> None:
    name = _NAME.fullmatch(entry.name)
    if name is None or name["uid"][:2] != shelf:
        return
    try:
        if entry.is_file(follow_symlinks=False):
            size = entry.stat(follow_symlinks=False).st_size
            found.setdefault(name["uid"], {})[name["kind"]] = size
    except FileNotFoundError:
        return  # deleted since the folder was read


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as found:
            return list(found)
    except FileNotFoundError:
        return []  # none yet, or none any more
