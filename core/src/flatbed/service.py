"""The composition root: what is built from what, and in which order it starts and stops."""

from __future__ import annotations

import asyncio
import os
import time
from contextlib import suppress
from pathlib import Path

import structlog

from flatbed import system
from flatbed.config import Config
from flatbed.editing.editor import Editor
from flatbed.editing.splitting import Splitter
from flatbed.editing.uploads import Loader
from flatbed.errors import FlatbedError, JobNotFoundError, WrongStateError
from flatbed.http.application import route_table
from flatbed.http.guard import Guard
from flatbed.http.limits import OriginLimits
from flatbed.http.origin_grants import OriginGrants
from flatbed.http.pairings import Pairings
from flatbed.http.routes import build_application
from flatbed.http.server import FlatbedServer, bind_loopback
from flatbed.http.services import Services
from flatbed.http.web_files import read_web_files
from flatbed.logs import LogLevel
from flatbed.ports import (
    LOCK_NAME,
    AlreadyRunningError,
    Ports,
    bind_first_free,
    parse_lock,
    write_lock,
)
from flatbed.processing.carrier import Carrier
from flatbed.processing.jobs import Processing
from flatbed.runtime.breaker import BreakerLimits
from flatbed.runtime.discovery import discover
from flatbed.runtime.operations import Operations
from flatbed.runtime.pool import PoolLimits, Pools
from flatbed.runtime.process import WorkerSite
from flatbed.runtime.registry import Registry
from flatbed.runtime.sessions import Sessions
from flatbed.runtime.watch import DeviceLimits
from flatbed.scan.age import AgeCare, AgeLimits
from flatbed.scan.audit import AUDIT, AuditLog
from flatbed.scan.expiry import Expiry
from flatbed.scan.finishing import Finisher
from flatbed.scan.launch import DiskLimits, Launcher, ScanLimits
from flatbed.scan.module import ScanModule
from flatbed.scan.runner import CancelLimits, end_holders
from flatbed.scan.scanners import ListLimits, ScannerList
from flatbed.scan.store import JobStore
from flatbed.storage.buffer import PageBuffer
from flatbed.storage.consistency import StorageCheck
from flatbed.storage.documents import Documents
from flatbed.storage.events import LOCAL, EventLog
from flatbed.storage.grants import GrantStore
from flatbed.storage.idempotency import Starts
from flatbed.storage.index import INDEX, Index
from flatbed.storage.keys import load_master_key
from flatbed.storage.leftovers import StorageCare, check_master_key, unusable_folder
from flatbed.storage.page_results import PageResults
from flatbed.storage.process_jobs import ProcessJobs
from flatbed.storage.quota import Quota, QuotaLimits
from flatbed.storage.reserve import Reserve
from flatbed.storage.results import Results

log = structlog.get_logger("flatbed.service")

_MIB = 1 << 20
_DAY_S = 86400
_CLEANING_S = 3600
_ROOM_S = 2
_USES_S = 60
_FOLDERS = ("cache", "storage", "cert", "dump", "log", "upload", "addons")


class Service:
    """The whole service of one data folder.

    Attributes:
        ports: Where it listens, once it does.
    """

    def __init__(self, config: Config, level: LogLevel | None = None) -> None:
        self._config, self._level = config, level or LogLevel(config.log_level)
        self._data = system.own_folder(config.data_dir)
        self._lock = system.FileLock(self._data / LOCK_NAME)
        self._tasks: list[asyncio.Task[None]] = []
        self.ports = Ports(port=0, status_port=0)

    @property
    def url(self) -> str:
        """Where the interface is."""
        return f"http://127.0.0.1:{self.ports.port}"

    async def start(self) -> None:
        """Take the data folder and the ports, take up what was running, and answer.

        Raises:
            AlreadyRunningError: If another service has the data folder.
            PortsTakenError: If no group of ports is free.
            FolderError: If the data folder cannot be used.
            KeyLostError: If its key is not there any more.
            IndexDamagedError: If its index cannot be read.
        """
        try:
            before = self._take_folder()
            for name in _FOLDERS:
                system.own_folder(self._data / name)
            self._build()
            self._care.set_unknown_aside(end_holders)
        except OSError as error:
            raise unusable_folder(self._data, error) from error
        await self._scan.restore()
        await self._processing.restore()
        self._listen(before)
        self._scan.scanners.refresh()
        self._tasks = [
            asyncio.create_task(self._expiry.run()),
            asyncio.create_task(self._drop_old()),
            asyncio.create_task(self._care.run()),
            asyncio.create_task(self._keep_room()),
            asyncio.create_task(self._keep_uses()),
        ]
        log.info("service started", port=self.ports.port, status_port=self.ports.status_port)

    async def stop(self) -> None:
        """Stop answering, and leave running scans to their workers."""
        self._server.stop()
        self._check.close()
        self._application.sockets.close_all()
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with suppress(asyncio.CancelledError):
                await task
        await self._scan.close()
        await self._processing.close()
        with suppress(FlatbedError):
            await self._age.write_touches()
        with suppress(FlatbedError):
            await self._grant_store.write_uses()
        await self._pools.close()
        self._server.close_connections()
        self._index.close()
        self._lock.release()
        log.info("service stopped")

    async def cancel_job(self, uid: str) -> None:
        """Cancel a scan job; nothing if it has ended or is not there."""
        with suppress(JobNotFoundError, WrongStateError):
            job = self._scan.get(uid, origin=LOCAL)
            await self._scan.change_status(job, "canceled")

    def _take_folder(self) -> Ports | None:
        if not self._lock.acquire():
            other = parse_lock(self._lock.read())
            where = f" at {other.url}" if other else ""
            raise AlreadyRunningError(
                f"Flatbed is already running{where} with the data folder {self._data}."
            )
        before = parse_lock(self._lock.read())
        return Ports(port=before.port, status_port=before.status_port) if before else None

    def _build(self) -> None:
        """Make every part; nothing here does any work yet."""
        config = self._config
        key = load_master_key(self._data, system.user_config_folder())
        reserve = self._data / "cache" / "reserve"
        self._reserve = Reserve(reserve, config.disk_reserve_mb * _MIB)
        self._index = Index(self._data / INDEX, self._reserve)
        check_master_key(self._index.read, key)
        events = EventLog(self._index)
        registry = discover(config.addons, config.defaults, data_dir=self._data)
        self._pools = Pools(_worker_site(self._data), _pool_limits(config))
        buffer = PageBuffer(self._data / "cache" / "pages", self._index, events, key)
        limits = _scan_limits(config)
        scanners = ScannerList(registry, self._pools, self._index, events, _list_limits(config))
        spool = self._data / "cache" / "spool"
        launcher = Launcher(spool, registry, self._pools, scanners, limits)
        store = JobStore(self._index, events, key)
        self._starts = Starts(self._index, key)
        sessions = Sessions(registry)
        operations = Operations(registry, self._pools, self._data / "cache" / "scratch")
        _tell_broken(registry)
        self._events = events
        self._grant_store = GrantStore(self._index, events)
        self._grants = self._make_grants()
        documents = Documents(self._index, events, buffer, key)
        quota = Quota(self._index, _quota_limits(config))
        self._results = Results(self._index, buffer, quota)
        self._processing = Processing(
            ProcessJobs(self._index, events, buffer.files, key),
            Carrier(operations, buffer, self._results),
            operations.new_folder,
        )
        editor = Editor(documents, buffer, operations, registry)
        self._findings = PageResults(self._index, buffer)
        finisher = Finisher(buffer, documents, editor, operations, registry, self._findings)
        audit = AuditLog(self._data / AUDIT)
        self._scan = ScanModule(scanners, launcher, store, buffer, limits, finisher, audit)
        self._expiry = Expiry(self._scan, sessions, release_s=limits.session_release_s)
        self._age = AgeCare(self._scan, documents, self._index, _age_limits(config))
        self._check = StorageCheck(self._data / "cache", key)
        self._care = StorageCare(self._index, buffer, self._check, self._data / "cache")
        services = Services(
            scan=self._scan,
            buffer=buffer,
            documents=documents,
            editor=editor,
            loader=Loader(documents, operations),
            results=self._results,
            findings=self._findings,
            splitter=Splitter(documents),
            quota=quota,
            storage_check=self._check,
            events=events,
            starts=self._starts,
            sessions=sessions,
            grants=self._grants,
            pairings=Pairings(self._grants, events, lifetime_s=config.pairing_s),
            registry=registry,
            operations=operations,
            processing=self._processing,
            pools=self._pools,
            set_log_level=self._level.set,
            log_level=self._level.get,
            data_folder=self._data,
            ports=lambda: self.ports,
            started_at=time.time(),
            web=read_web_files(),
        )
        guard = Guard(self._open_ports, self._grants)
        self._application = build_application(
            route_table(),
            services,
            guard,
            limits=OriginLimits(max_body_bytes=round(config.body_limit_mb * _MIB)),
        )
        self._server = FlatbedServer(self._application)

    def _make_grants(self) -> OriginGrants:
        return OriginGrants(
            {each.origin: each for each in self._config.allowed_origins},
            self._grant_store,
            place=self._config.sources.get(("allowed_origins",), "the configuration"),
            on_change=lambda: self._application.sockets.close_revoked(self._application.guard),
        )

    def _listen(self, before: Ports | None) -> None:
        wanted = Ports(port=self._config.port, status_port=self._config.status_port)
        self.ports, sockets = bind_first_free(wanted, before, bind_loopback)
        write_lock(self._lock, self.ports)
        self._server.add_sockets(sockets)

    def _open_ports(self) -> frozenset[int]:
        return frozenset({self.ports.port, self.ports.status_port})

    async def _drop_old(self) -> None:
        while True:
            try:
                await self._events.drop_old(self._config.events_kept_h * 3600)
                await self._results.drop_old(self._config.results_kept_h * 3600)
                await self._processing.drop_old(self._config.results_kept_h * 3600)
                await self._starts.drop_old()
                await self._findings.drop_orphans()
                await self._age.look()
            except FlatbedError as error:
                log.warning("old things left", error=error.name)
            await asyncio.sleep(_CLEANING_S)

    async def _keep_room(self) -> None:
        while True:
            try:
                await asyncio.to_thread(self._reserve.renew)
            except OSError as error:
                log.warning("reserve not taken", error=error.strerror)
            await self._scan.catch_up()
            await asyncio.sleep(_ROOM_S)

    async def _keep_uses(self) -> None:
        while True:
            await asyncio.sleep(_USES_S)
            try:
                await self._grant_store.write_uses()
            except FlatbedError as error:
                log.warning("last uses not written", error=error.name)


def _worker_site(data: Path) -> WorkerSite:
    return WorkerSite(
        dump_folder=data / "dump",
        state_folder=system.own_folder(data / "cache" / "state"),
        environment=system.worker_environment(os.environ),
    )


def _tell_broken(registry: Registry) -> None:
    for broken in registry.broken:
        log.warning("addon not loaded", addon=broken.name, error=broken.error.message)


def _pool_limits(config: Config) -> PoolLimits:
    breaker = BreakerLimits(
        crashes=config.breaker_crashes,
        window_s=config.breaker_window_s,
        rest_s=config.breaker_rest_s,
    )
    return PoolLimits(
        idle_s=config.idle_worker_s, recycle_calls=config.recycle_calls, breaker=breaker
    )


def _quota_limits(config: Config) -> QuotaLimits:
    return QuotaLimits(pages=config.origin_max_pages, bytes=config.origin_max_mb * _MIB)


def _age_limits(config: Config) -> AgeLimits:
    return AgeLimits(
        jobs_s=config.jobs_kept_days * _DAY_S, documents_s=config.documents_kept_days * _DAY_S
    )


def _list_limits(config: Config) -> ListLimits:
    return ListLimits(shown_s=config.list_shown_s, hard_s=config.list_hard_s, open_s=config.open_s)


def _scan_limits(config: Config) -> ScanLimits:
    return ScanLimits(
        device=DeviceLimits(
            open_s=config.open_s,
            first_byte_s=config.first_byte_s,
            between_bytes_s=config.between_bytes_s,
            page_s=config.page_s,
        ),
        cancel=CancelLimits(term_s=config.cancel_term_s, kill_s=config.cancel_kill_s),
        disk=DiskLimits(
            start_min=config.disk_start_min_mb * _MIB,
            start_max=config.disk_start_max_mb * _MIB,
            start_share=config.disk_start_percent / 100,
            sheet_min=config.disk_sheet_min_mb * _MIB,
            wait_s=config.disk_wait_s,
        ),
        cancel_ack_s=config.cancel_ack_s,
        session_release_s=config.session_release_s,
    )
