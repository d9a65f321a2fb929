"""The service that a command talks to: the one that runs, else one of the command's own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from flatbed import system
from flatbed.cli.client import ServiceClient
from flatbed.cli.failures import ServiceUnavailableError
from flatbed.cli.own_service import OwnService
from flatbed.config import Config
from flatbed.errors import FolderError
from flatbed.ports import LOCK_NAME, AlreadyRunningError, LockedPorts, read_lock

_Client = TypeVar("_Client", bound=ServiceClient)

_LOOK_S = 0.1
_STARTING_S = 15.0
"""How long a service may have its data folder without answering: it is starting."""

_COMING_BACK_S = 5.0
"""How long a service that was lost has to be started again by whoever looks after it."""

_MAX_RENEWALS = 5


class ServiceLink:
    """A context in which there is a service.

    Attributes:
        client: Asks it; another one after `renew`.
        is_own: It was started for this command and ends with it.
    """

    def __init__(self, config: Config, config_file: Path | None) -> None:
        self._config, self._config_file = config, config_file
        self._own: OwnService | None = None
        self._client: ServiceClient | None = None
        self._renewals = 0
        self._renewing = asyncio.Lock()
        self._held: list[str] = []

    @property
    def client(self) -> ServiceClient:
        """What asks the service.

        Raises:
            ServiceUnavailableError: Outside the context.
        """
        if self._client is None:
            raise ServiceUnavailableError
        return self._client

    @property
    def is_own(self) -> bool:
        """Whether the service was started for this command."""
        return self._own is not None

    async def __aenter__(self) -> Self:
        """Find the service, or start one.

        Raises:
            ServiceUnavailableError: If there is none and none can be started.
            FolderError: If the data folder cannot be looked into.
        """
        await self._connect()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        if self._client is not None:
            self._client.close()
        if self._own is not None:
            await (self._own.stop() if error is None else self._own.abandon())

    async def renew(self, lost: ServiceClient) -> None:
        """Find the service again after the connection broke, or start one in its place.

        Args:
            lost: The client that noticed; nothing is done if it has been replaced meanwhile.

        Raises:
            ServiceUnavailableError: If the service has been lost too often.
        """
        async with self._renewing:
            if self.client is lost:
                await self._renew()

    def hold(self, job_uid: str) -> None:
        """Let a service of one's own cancel a job when this process dies without a word."""
        self._held.append(job_uid)
        if self._own is not None:
            self._own.hold(job_uid)

    async def _renew(self) -> None:
        self._renewals += 1
        if self._renewals > _MAX_RENEWALS:
            raise ServiceUnavailableError
        self.client.close()
        if self._own is not None:
            await self._own.stop()
            self._own = None
        else:
            await self._wait_for_return()
        await self._connect()

    async def _connect(self) -> None:
        url = await find_service(self._config.data_dir)
        while url is None:
            try:
                self._own = await OwnService.start(self._config, self._config_file)
                url = self._own.url
            except AlreadyRunningError:
                # Somebody else was quicker.
                url = await find_service(self._config.data_dir)
        self._client = ServiceClient(url)
        if self._own is not None:
            for job_uid in self._held:
                self._own.hold(job_uid)

    async def _wait_for_return(self) -> None:
        deadline = _now() + _COMING_BACK_S
        # Another process has the lock: nothing wakes us when it takes it.
        while _now() < deadline and _read(self._config.data_dir) is None:  # noqa: ASYNC110
            await asyncio.sleep(_LOOK_S)


@asynccontextmanager
async def open_client(link: ServiceLink, kind: Callable[[str], _Client]) -> AsyncIterator[_Client]:
    """A client of a kind of its own, as long as there is a service; see `ServiceLink`.

    Args:
        link: Not entered yet.
        kind: Makes the client from the service's address.
    """
    async with link:
        with closing(kind(link.client.url)) as client:
            yield client


async def find_service(data_folder: Path) -> str | None:
    """The address of the service that has a data folder; None if none has.

    Raises:
        ServiceUnavailableError: If one has it and does not answer.
        FolderError: If the folder cannot be looked into.
    """
    deadline = _now() + _STARTING_S
    while (found := _read(data_folder)) is not None:
        if isinstance(found, LockedPorts) and await _answers(found):
            return found.url
        if _now() > deadline:
            raise ServiceUnavailableError
        await asyncio.sleep(_LOOK_S)
    return None


async def _answers(found: LockedPorts) -> bool:
    # Until a service that starts has its ports, those of the one before stand in the file.
    identity = system.ProcessIdentity(found.pid, found.started, found.boot_id)
    if not identity.is_running():
        return False
    client = ServiceClient(found.url)
    try:
        return await client.is_flatbed()
    finally:
        client.close()


def _read(data_folder: Path) -> LockedPorts | bool | None:
    """What the lock file says, True while it is held and empty, None if nobody has it."""
    try:
        return read_lock(data_folder) or (system.is_locked(data_folder / LOCK_NAME) or None)
    except OSError as error:
        raise FolderError.of(data_folder, f"cannot be used ({error.strerror})") from error


def _now() -> float:
    return asyncio.get_running_loop().time()
