"""The error tree: status, number and name stand on the class, one place turns them into answers."""

from __future__ import annotations

import errno
from typing import Any, ClassVar

NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT})
"""Numbers of system errors that mean a full disk; to the person a full quota is one."""


class FlatbedError(Exception):
    """Anything that Flatbed says went wrong, in words for the person who reads it.

    Attributes:
        status: The HTTP status of an answer that carries it.
        number: The negative error number of the wire contract.
        name: The stable name in snake case that programs compare.
        details: What a program may want to know besides the sentence; JSON values only.
    """

    status: ClassVar[int] = 500
    number: ClassVar[int] = -1001
    name: ClassVar[str] = "internal_error"
    sentence: ClassVar[str] = (
        "Something unforeseen went wrong. Nothing you scanned was changed; look into the log."
    )

    def __init__(self, message: str | None = None, /, **details: Any) -> None:
        super().__init__(message or self.sentence)
        self.details = details

    @property
    def message(self) -> str:
        """The sentence: what happened, what is safe, what to do."""
        return str(self.args[0])

    def to_wire(self) -> dict[str, Any]:
        """What crosses a process boundary or goes into a job's record; see `from_wire`."""
        wire = {"error": self.name, "code": self.number, "message": self.message}
        return wire | ({"details": self.details} if self.details else {})


class InternalError(FlatbedError):
    """Unforeseen, and ours."""


# --- what the caller did ------------------------------------------------------------------------


class InvalidInputError(FlatbedError):
    """The caller sent something that no state of the service would accept."""

    status, number, name = 400, -2113, "invalid_input"
    sentence = "The request cannot be understood."


class UnsupportedSettingError(InvalidInputError):
    """A setting, such as a resolution, that this device does not have."""

    number, name = -1010, "unsupported_setting"
    sentence = "The scanner does not have this setting."


class DocumentTypeError(InvalidInputError):
    """A kind of file that no installed add-on reads or writes."""

    number, name = -1119, "document_type_unsupported"
    sentence = "No installed add-on handles this kind of file."


class OriginBlockedError(FlatbedError):
    """A web origin that no person and no configuration has granted."""

    status, number, name = 403, -2137, "origin_blocked"
    sentence = "This page may not use the scanner. Allow its origin in Flatbed first."


class StrangerError(OriginBlockedError):
    """A process of another OS user, or one whose user cannot be told."""

    name = "another_user"
    sentence = "This Flatbed belongs to another user of this computer. Start your own."


class JobNotFoundError(FlatbedError):
    """No such job, or another origin's: the caller cannot tell which."""

    status, number, name = 404, -1034, "job_not_found"
    sentence = "There is no such job. It may have been deleted; create a new one."


class JobGoneError(JobNotFoundError):
    """The job was there and has been deleted, or has nothing more to give."""

    status, name = 410, "job_gone"
    sentence = "This job has ended and was deleted. Create a new one."


class NotFoundError(FlatbedError):
    """Nothing stands under this path."""

    status, number, name = 404, -1040, "not_found"
    sentence = "There is nothing under this address."


class PageNotFoundError(NotFoundError):
    """No such page, or another origin's."""

    name = "page_not_found"
    sentence = "There is no such page. It may have been deleted with its job."


class DocumentNotFoundError(NotFoundError):
    """No such document, or another origin's."""

    name = "document_not_found"
    sentence = "There is no such document."


class WrongPasswordError(FlatbedError):
    """A document's password is missing or another."""

    status, number, name = 403, -1043, "wrong_password"
    sentence = "The document has another password. Nothing was changed; try again."


class NameTakenError(FlatbedError):
    """A document of this name is there already; `uid` in the details names it."""

    status, number, name = 409, -1011, "name_taken"
    sentence = "A document of this name is there already. Use it, or choose another name."


class StorageLimitError(FlatbedError):
    """A web origin has as many pages or bytes in the buffer as it may have."""

    status, number, name = 409, -1022, "storage_limit"
    sentence = (
        "This website keeps as much here as it may. Nothing was deleted; delete jobs or documents,"
        " or raise the limit in the settings."
    )


class ScannerNotFoundError(NotFoundError):
    """No such scanner, or it is switched off."""

    name = "scanner_not_found"
    sentence = "This scanner is not there. Switch it on, check its cable, and list scanners again."


class AddonMissingError(FlatbedError):
    """An operation of an add-on that is not installed."""

    status, number, name = 404, -1126, "addon_missing"
    sentence = "The add-on for this is not installed."


class AddonUnfitError(FlatbedError):
    """A session asked for add-ons or versions that are not here."""

    status, number, name = 409, -1126, "addon_unfit"
    sentence = "Some of the add-ons that the page needs are not installed in a fitting version."


class AddonNotEnabledError(FlatbedError):
    """An installed add-on that the session, or the request, did not ask for."""

    status, number, name = 403, -1126, "addon_not_enabled"
    sentence = "The page did not enable the add-on for this. Name it when the session begins."


class WrongVerbError(FlatbedError):
    """The path is right, the verb is not."""

    status, number, name = 405, -2112, "wrong_verb"
    sentence = "This address does not know this verb."


class WrongStateError(FlatbedError):
    """The job is in a state that does not allow this."""

    status, number, name = 409, -1011, "wrong_state"
    sentence = "The job is in the wrong state for this."


class KeyReusedError(FlatbedError):
    """An `Idempotency-Key` that stands for another request."""

    status, number, name = 409, -1011, "idempotency_key_reused"
    sentence = (
        "This Idempotency-Key came with another request before. Nothing was done; send a new one."
    )


class StartUnfinishedError(FlatbedError):
    """A request with an `Idempotency-Key` that was cut off half-way, as by the service's end."""

    status, number, name = 409, -1011, "start_unfinished"
    sentence = (
        "How this start ended is not known. Look what is there, then start again with a new"
        " Idempotency-Key."
    )


class TooBigError(FlatbedError):
    """A body, file or picture beyond the limits of the configuration."""

    status, number, name = 413, -2113, "too_big"
    sentence = "This is too big. Send less, or raise the limit in the configuration."


class MediaTypeError(FlatbedError):
    """A body of a type that would not have forced a preflight."""

    status, number, name = 415, -2113, "media_type_unsupported"
    sentence = "Send the body as application/json."


class MisdirectedError(FlatbedError):
    """A `Host` that is not this service: a rebinding attack, or a wrong proxy."""

    status, number, name = 421, -2137, "misdirected"
    sentence = "This address does not belong to this service. Use 127.0.0.1 or localhost."


class ScannerHeldError(FlatbedError):
    """The scanner is held by another job."""

    status, number, name = 423, -1004, "scanner_held"
    sentence = "The scanner is in use by another job. Wait for it to end, or delete it."


class TooManyRequestsError(FlatbedError):
    """More connections or requests than one origin may have."""

    status, number, name = 429, -1004, "too_many_requests"
    sentence = "Too many requests at once from this page. Try again in a moment."


# --- workers ------------------------------------------------------------------------------------


class WorkerCrashedError(FlatbedError):
    """The worker of an add-on died in the middle of a call."""

    status, number, name = 502, -1001, "worker_crashed"
    sentence = "The add-on crashed. Your pages are safe; try again."


class AddonUnavailableError(FlatbedError):
    """An add-on that crashed again and again rests for a while."""

    status, number, name = 503, -1001, "addon_unavailable"
    sentence = (
        "The add-on crashed several times and rests for a moment. Try again in half a minute."
    )


class WorkerTimeoutError(FlatbedError):
    """A call took longer than the add-on's manifest allows."""

    status, number, name = 504, -1001, "worker_timeout"
    sentence = "The add-on took too long and was stopped. Your pages are safe; try again."


class AddonUnloadableError(WorkerCrashedError):
    """The module of an add-on cannot be imported, or the add-on did not get ready."""

    name = "addon_unloadable"
    sentence = (
        "The add-on cannot be loaded. Your pages are safe; install it again, or another version."
    )


class ResultInvalidError(WorkerCrashedError):
    """An add-on answered something that its hook may not answer."""

    name = "result_invalid"
    sentence = "The add-on's answer cannot be used. Your pages are safe; update the add-on."


class ResultTooBigError(WorkerCrashedError):
    """A result beyond what a worker can hand over."""

    name = "result_too_big"
    sentence = "The add-on's result is too large to be handed over. Your pages are safe."


class WorkerGarbledError(WorkerCrashedError):
    """Something that is no message came out of the pipe of a worker."""

    name = "worker_garbled"
    sentence = "The add-on disturbed its own pipe and was stopped. Your pages are safe; try again."


class AddonMemoryError(TooBigError):
    """An add-on needed more memory than its manifest allows."""

    number, name = -1002, "addon_out_of_memory"
    sentence = "The add-on ran out of memory. Your pages are safe; try a smaller page or file."


class KeyLostError(FlatbedError):
    """The key that pages were encrypted with is not there any more."""

    status, number, name = 500, -1001, "key_lost"
    sentence = "The key of the stored pages is missing. Put the key file back, then start again."


class PageCorruptError(FlatbedError):
    """A page file whose bytes are not those that were written."""

    status, number, name = 500, -1023, "page_corrupt"
    sentence = "The file of this page is damaged. The other pages are not; scan this one again."


class FolderError(FlatbedError):
    """A folder that the service would keep its own in, and cannot trust or use."""

    status, number, name = 500, -1001, "folder_unusable"
    sentence = "A folder cannot be used. Nothing was changed; choose another one."

    @classmethod
    def of(cls, folder: object, fault: str) -> FolderError:
        """The error for one folder: `fault` continues a sentence that begins with its path."""
        return cls(
            f"{folder} {fault}. Nothing was changed; make it a folder of yours, or choose another.",
            folder=str(folder),
        )


class UnsupportedSystemError(FlatbedError):
    """Something that this operating system does not offer, or not to Flatbed yet."""

    status, number, name = 501, -1006, "system_unsupported"
    sentence = "Flatbed cannot do this on this operating system yet. Nothing was changed."

    @classmethod
    def of(cls, what: str) -> UnsupportedSystemError:
        """The error for one thing that is missing, as `file locks`."""
        return cls(f"Flatbed has no {what} on this operating system yet; use Linux for now.")


# --- device faults: `code` of a faulted job ----------------------------------------------------


class DeviceFault(FlatbedError):  # noqa: N818 - a fault of the device is the field's word
    """Something at the scanner; ends or pauses the job, the pages before it are safe.

    Attributes:
        is_pausable: A person can clear it at the device, then the job goes on.
    """

    status, number, name = 502, -1023, "io_error"
    is_pausable: ClassVar[bool] = False
    sentence = "The connection to the scanner broke. Check cable and power, then scan again."


class PaperJamError(DeviceFault):
    """Paper is stuck in the feeder."""

    number, name, is_pausable = -1020, "paper_jam", True
    sentence = (
        "Paper is stuck in the feeder. Open the cover, take the sheet out, close it, then continue."
    )


class DoubleFeedError(DeviceFault):
    """Two sheets went in at once."""

    number, name, is_pausable = -1021, "double_feed", True
    sentence = "Two sheets went in at once. Put the last sheet back on the pile, then continue."


class CoverOpenError(DeviceFault):
    """The cover is open."""

    number, name, is_pausable = -1005, "cover_open", True
    sentence = "The cover is open. Close it, then continue."


class FeederEmptyError(DeviceFault):
    """No sheets; a normal end when at least one page came."""

    status, number, name, is_pausable = 409, -1035, "feeder_empty", True
    sentence = "The feeder is empty. Load paper and start again."


class DeviceBusyError(DeviceFault):
    """Another program or user holds the device."""

    status, number, name = 423, -1004, "device_busy"
    sentence = "The scanner is in use by another program. Close that program, then scan again."


class WarmingUpError(DeviceBusyError):
    """The lamp is warming up."""

    name = "warming_up"
    sentence = "The scanner is warming up. Wait a minute, then scan again."


class DeviceOfflineError(DeviceFault):
    """Switched off, unplugged, or out of reach."""

    name = "device_offline"
    sentence = "The scanner does not answer. Switch it on, check its cable, then scan again."


class DeviceHungError(DeviceFault):
    """The device or its driver did not come back within the limit."""

    status, name = 504, "device_hung"
    sentence = "The scanner stopped answering. Switch it off and on, then scan again."


class AccessDeniedError(DeviceFault):
    """The system does not let this user open the device."""

    status, number, name = 403, -1016, "access_denied"
    sentence = "You may not use this scanner. Ask your administrator for the right to open it."


class DeviceMemoryError(DeviceFault):
    """The device or driver ran out of memory."""

    number, name = -1002, "out_of_memory"
    sentence = "The scanner ran out of memory. Scan with a lower resolution or a smaller area."


class DeviceInvalidError(DeviceFault):
    """The device refused a value."""

    status, number, name = 400, -1010, "invalid_for_device"
    sentence = "The scanner refused these settings. Choose others and scan again."


class DeviceUnsupportedError(DeviceFault):
    """The device cannot do what was asked."""

    status, number, name = 400, -1006, "unsupported"
    sentence = "The scanner cannot do this. Choose other settings and scan again."


class TransportLockedError(DeviceFault):
    """The scanning head is locked, as it is for transport."""

    name = "transport_locked"
    sentence = "The scanner is locked for transport. Open its lock, then scan again."


class EmptyPageError(DeviceFault):
    """The device ended a page without a single row."""

    name = "empty_page"
    sentence = "The scanner sent a page without a picture. Scan this sheet again."


class DriverCrashedError(DeviceFault):
    """The driver's process died."""

    number, name = -1001, "driver_crashed"
    sentence = "The scanner's driver crashed. Put the sheet in the scanner back, then scan again."


class DiskFullError(DeviceFault):
    """No room for another page."""

    status, number, name, is_pausable = 507, -1022, "disk_full", True
    sentence = "The disk is full. Free some space, then continue."


class DiskFaultError(DeviceFault):
    """A file could not be read or written, and not for want of room."""

    status, number, name = 500, -1023, "disk_error"
    sentence = "The disk failed to read or write. Check it, then scan again."


class ScanCanceledError(DeviceFault):
    """A person or program cancelled."""

    status, number, name = 409, -1032, "canceled"
    sentence = "The scan was cancelled."


def disk_fault(error: OSError) -> DeviceFault:
    """What a failed call on our own files means: no room (a quota included), or a bad disk."""
    if error.errno in NO_ROOM:
        return DiskFullError()
    return DiskFaultError(cause=str(error.strerror or error))


def from_wire(wire: dict[str, Any]) -> FlatbedError:
    """The error that `FlatbedError.to_wire` described; an unknown name becomes `InternalError`."""
    # Looked for now and not once: parts have errors of their own beside their code.
    kind = _tree(FlatbedError).get(str(wire.get("error")), InternalError)
    details = wire.get("details")
    # A worker says this, and what it runs may have said it.
    known = details if isinstance(details, dict) else {}
    return kind(str(wire.get("message") or kind.sentence), **known)


def _tree(root: type[FlatbedError]) -> dict[str, type[FlatbedError]]:
    found = {root.name: root}
    for kind in root.__subclasses__():
        # A subclass that keeps its parent's name does not take its place.
        found = _tree(kind) | found
    return found
