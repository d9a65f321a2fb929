"""A long operation as the index has it: what is done, how far it is, how it ended."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeAlias

from flatbed.errors import FlatbedError, TooManyRequestsError, WrongStateError

ProcessStatus: TypeAlias = Literal["running", "completed", "faulted", "canceled"]


class ServiceEndedError(FlatbedError):
    """The service was not there any more when an operation would have ended."""

    status, number, name = 500, -1001, "service_ended"
    sentence = "Flatbed ended in the middle of this. Your pages are safe; start it again."


class TooManyJobsError(TooManyRequestsError):
    """A web origin has as many operations under way or kept as it may have."""

    name = "too_many_jobs"
    sentence = (
        "This website has as many operations here as it may. Wait for one to end, or delete some."
    )


@dataclass(frozen=True, kw_only=True)
class ProcessJob:
    """One operation that is carried out while its caller does something else.

    Attributes:
        uid: Its id.
        owner: Whose it is.
        operation: Its name.
        total: How many steps it has: pages, or what the add-on counts.
        done: How many of them are done.
        error: The wire form of why it faulted or was canceled.
        started_at: Seconds of the epoch.
        finished_at: The same; `None` while it runs.
    """

    uid: str
    owner: str
    operation: str
    total: int
    done: int = 0
    status: ProcessStatus = "running"
    error: dict[str, Any] | None = field(default=None, repr=False)
    started_at: float = field(default_factory=time.time)
    finished_at: float | None = None

    def at(self, done: int, total: int) -> ProcessJob:
        """The same, as far as that."""
        return replace(self, done=min(done, total), total=total)

    def completed(self) -> ProcessJob:
        """The same at its good end; see `_ended`."""
        return replace(self._ended("completed"), done=self.total)

    def canceled(self, error: FlatbedError) -> ProcessJob:
        """The same when somebody has ended it; see `_ended`."""
        return self._ended("canceled", error)

    def faulted(self, error: FlatbedError) -> ProcessJob:
        """The same when something went wrong; see `_ended`."""
        return self._ended("faulted", error)

    def _ended(self, status: ProcessStatus, error: FlatbedError | None = None) -> ProcessJob:
        """The same at its end.

        Raises:
            WrongStateError: If it has ended before.
        """
        if self.status != "running":
            raise WrongStateError(f"The operation is {self.status} already.")
        wire = error.to_wire() if error else None
        return replace(self, status=status, error=wire, finished_at=time.time())
