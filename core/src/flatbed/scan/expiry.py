"""Jobs that nobody waits for any more: their time is up, or the page that made them is gone."""

from __future__ import annotations

import asyncio
import sqlite3
import time

import structlog

from flatbed.errors import FlatbedError
from flatbed.runtime.sessions import Sessions
from flatbed.scan.jobs import ScanJob
from flatbed.scan.module import ScanModule

log = structlog.get_logger("flatbed.scan")

_LOOK_S = 0.5


class Expiry:
    """Looks after jobs that were left behind."""

    def __init__(self, module: ScanModule, sessions: Sessions, *, release_s: float) -> None:
        self._module, self._sessions, self._release_s = module, sessions, release_s

    async def run(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            await asyncio.sleep(_LOOK_S)
            try:
                await self.look()
            except (FlatbedError, OSError, sqlite3.Error):
                # A full disk, say: jobs whose time is up are deleted at a later look.
                log.exception("looking after jobs failed")

    async def look(self) -> None:
        """Delete the jobs whose time is up; give back scanners that nobody waits for."""
        for job in self._module.jobs():
            if self._is_overdue(job):
                log.info("job timed out", job=job.uid, status=job.status)
                await self._module.delete(job)
            elif self._is_abandoned(job):
                log.info("scanner given back", job=job.uid)
                await self._module.release(job)

    def _is_overdue(self, job: ScanJob) -> bool:
        since = job.idle_since
        limit = job.options.job_timeout_s
        return limit > 0 and since is not None and time.time() - since > limit

    def _is_abandoned(self, job: ScanJob) -> bool:
        session = job.options.session
        is_waiting = job.status == "pending" and session is not None
        return is_waiting and self._sessions.away_s(session or "") > self._release_s
