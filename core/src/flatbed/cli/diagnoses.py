"""What `flatbed doctor` looks at: each look gives findings, and changes nothing."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import msgspec

from flatbed import system
from flatbed.config import Config
from flatbed.errors import FlatbedError
from flatbed.http.server import bind_loopback
from flatbed.ports import Ports, PortsTakenError, bind_first_free, read_lock
from flatbed.runtime.discovery import discover
from flatbed.scan.launch import DiskLimits
from flatbed.storage.consistency import Damage, StorageReport
from flatbed.storage.index import INDEX
from flatbed.storage.leftovers import KEPT

_MIB = 1 << 20
_NAMED = 10
"""So many damaged pages are named; --json has them all."""

_OTHERS = "Run Flatbed as the user whose folder it is, or choose another with --data-dir."
_PRIVATE = 0o700
_PARTS = ("", "cache", "cache/pages", str(INDEX), "log")


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was looked at.

    Attributes:
        check: What.
        ok: Nothing has to be done.
        found: How it is.
        advice: What to do; empty where it is fine.
        damaged: The damaged pages, where it is about them.
    """

    check: str
    found: str
    ok: bool = True
    advice: str = ""
    damaged: list[Damage] = []

    @classmethod
    def bad(cls, check: str, found: str, advice: str, damaged: list[Damage] | None = None) -> Self:
        """One that something has to be done about."""
        return cls(check=check, found=found, ok=False, advice=advice, damaged=damaged or [])


def look_at_folder(data: Path) -> Finding:
    """Whether the data folder, and what matters in it, is this user's own and can be written."""
    if not data.exists():
        return Finding(check="data folder", found=f"{data}, made at the first start")
    for path in (data / part for part in _PARTS):
        if fault := _find_fault(path):
            advice = _OTHERS if path == data else _mending(data)
            return Finding.bad("data folder", f"{path} {fault}", advice)
    mode = stat.S_IMODE(data.stat().st_mode)
    if mode != _PRIVATE:
        return Finding.bad(
            "data folder", f"{data} can be entered by others ({mode:o})", f"chmod 700 {data}"
        )
    return Finding(check="data folder", found=f"{data}, yours alone")


def look_at_disk(config: Config) -> Finding:
    """Whether a scan would find enough room to start."""
    folder = next(each for each in (config.data_dir, *config.data_dir.parents) if each.exists())
    limits = DiskLimits(
        start_min=config.disk_start_min_mb * _MIB,
        start_max=config.disk_start_max_mb * _MIB,
        start_share=config.disk_start_percent / 100,
    )
    free, floor = system.free_bytes(folder), limits.start_floor(system.total_bytes(folder))
    found = f"{free // _MIB:,} MB free, a scan needs {floor // _MIB:,} MB to start"
    if free >= floor:
        return Finding(check="disk", found=found)
    return Finding.bad(
        "disk", found, "Free some space, or lower disk_start_min_mb in the settings."
    )


def look_at_storage(data: Path, report: StorageReport) -> Iterator[Finding]:
    """What a check of the storage has found."""
    yield _index_finding(data, report)
    yield _pages_finding(report)
    if report.unknown_files:
        yield Finding.bad(
            "unknown files",
            f"{report.unknown_files:,} files, {_megabytes(report.unknown_bytes)}, that the index"
            " does not know",
            f"They are kept: the index may have been lost. Put back a copy of {data / INDEX} while"
            f" the service is stopped, or move them out of {data / 'cache' / 'pages'}.",
        )
    kept = data / "cache" / KEPT
    if kept.exists() and (count := len(list(kept.iterdir()))):
        yield Finding.bad(
            "kept scans",
            f"{count:,} scans of jobs that the index does not know",
            "They can be read only with the index that was lost. Put back a copy of it and move"
            f" them to {data / 'cache' / 'spool'}, or delete them from {kept}.",
        )


def look_at_addons(config: Config) -> Iterator[Finding]:
    """Whether there are drivers, and which add-ons cannot be used."""
    try:
        registry = discover(config.addons, config.defaults, data_dir=config.data_dir)
    except FlatbedError as error:
        yield of_error("add-ons", "cannot be looked for", error)
        return
    drivers = [addon.name for addon in registry if addon.manifest.scanners]
    if drivers:
        yield Finding(check="drivers", found=", ".join(drivers))
    else:
        yield Finding.bad("drivers", "none", "Switch one on: see flatbed addons list.")
    for broken in registry.broken:
        yield Finding.bad(f"add-on {broken.name}", "was not loaded", broken.error.message)


def look_at_ports(config: Config) -> Finding:
    """Where the service listens, or whether it could."""
    running = read_lock(config.data_dir) if config.data_dir.is_dir() else None
    if running is not None:
        return Finding(
            check="ports", found=f"{running.port} and {running.status_port}, in use by it"
        )
    wanted = Ports(port=config.port, status_port=config.status_port)
    try:
        free, sockets = bind_first_free(wanted, None, bind_loopback)
    except PortsTakenError as error:
        return Finding.bad("ports", "all taken", error.message)
    for each in sockets:
        each.close()
    note = "" if free == wanted else f"; {wanted.port} or {wanted.status_port} is taken"
    return Finding(check="ports", found=f"{free.port} and {free.status_port} are free{note}")


def of_error(check: str, found: str, error: FlatbedError) -> Finding:
    """A look that ended in an error, whose sentence is the advice."""
    return Finding.bad(check, found, error.message)


def _index_finding(data: Path, report: StorageReport) -> Finding:
    if report.index_fault is None:
        return Finding(check="index", found="whole")
    return Finding.bad(
        "index",
        f"damaged: {report.index_fault}",
        f"Nothing was deleted. Stop the service, then put back a copy of {data / INDEX}, or move"
        f" {INDEX.name}* away to start with an empty one.",
    )


def _pages_finding(report: StorageReport) -> Finding:
    whole = "every byte read" if report.is_deep else "names and sizes compared"
    size = _megabytes(report.bytes)
    found = f"{report.pages:,} pages, {report.documents:,} documents, {size}; {whole}"
    if report.locked and report.is_deep:
        found += f", but {report.locked:,} behind passwords"
    if not report.damaged:
        return Finding(check="pages", found=found)
    lost = report.lost or report.damaged
    names = ", ".join(f"{each.uid} ({each.reason.replace('_', ' ')})" for each in lost[:_NAMED])
    more = f" and {len(lost) - _NAMED:,} more" if len(lost) > _NAMED else ""
    advice = (
        "Scan them again, or put back a copy of their files."
        if report.lost
        else "Nothing: they are made again from pages that are whole."
    )
    return Finding(
        check="pages",
        ok=not report.lost,
        found=f"{found}; {len(report.lost):,} damaged",
        advice=f"{names}{more}. {advice}",
        damaged=report.damaged,
    )


def _find_fault(path: Path) -> str | None:
    try:
        found = path.lstat()
    except FileNotFoundError:
        return None  # made when it is needed
    except OSError as error:
        return f"cannot be looked at ({error.strerror})"
    if stat.S_ISLNK(found.st_mode):
        return "is a symbolic link"
    if found.st_uid != system.own_uid():
        return "belongs to another user"
    return None if os.access(path, os.R_OK | os.W_OK) else "cannot be written"


def _mending(data: Path) -> str:
    return f"Make it yours: chown -R {system.own_uid()} '{data}'; chmod -R u+rwX '{data}'"


def _megabytes(count: int) -> str:
    return f"{count / 1e6:,.1f} MB"
