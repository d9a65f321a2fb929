"""The error tree: names, numbers and sentences that programs and people rely on."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterator
from typing import Any

import pytest

from flatbed import errors
from flatbed.errors import (
    DeviceFault,
    FlatbedError,
    FolderError,
    InternalError,
    PaperJamError,
    UnsupportedSystemError,
    disk_fault,
    from_wire,
)

# Class: name, HTTP status, number of the contract. Programs compare these: none may change.
WIRE: dict[str, tuple[str, int, int]] = {
    "FlatbedError": ("internal_error", 500, -1001),
    "InternalError": ("internal_error", 500, -1001),
    "InvalidInputError": ("invalid_input", 400, -2113),
    "UnsupportedSettingError": ("unsupported_setting", 400, -1010),
    "DocumentTypeError": ("document_type_unsupported", 400, -1119),
    "OriginBlockedError": ("origin_blocked", 403, -2137),
    "StrangerError": ("another_user", 403, -2137),
    "JobNotFoundError": ("job_not_found", 404, -1034),
    "JobGoneError": ("job_gone", 410, -1034),
    "NotFoundError": ("not_found", 404, -1040),
    "PageNotFoundError": ("page_not_found", 404, -1040),
    "DocumentNotFoundError": ("document_not_found", 404, -1040),
    "WrongPasswordError": ("wrong_password", 403, -1043),
    "NameTakenError": ("name_taken", 409, -1011),
    "StorageLimitError": ("storage_limit", 409, -1022),
    "ScannerNotFoundError": ("scanner_not_found", 404, -1040),
    "AddonMissingError": ("addon_missing", 404, -1126),
    "AddonUnfitError": ("addon_unfit", 409, -1126),
    "AddonNotEnabledError": ("addon_not_enabled", 403, -1126),
    "WrongVerbError": ("wrong_verb", 405, -2112),
    "WrongStateError": ("wrong_state", 409, -1011),
    "KeyReusedError": ("idempotency_key_reused", 409, -1011),
    "StartUnfinishedError": ("start_unfinished", 409, -1011),
    "TooBigError": ("too_big", 413, -2113),
    "MediaTypeError": ("media_type_unsupported", 415, -2113),
    "MisdirectedError": ("misdirected", 421, -2137),
    "ScannerHeldError": ("scanner_held", 423, -1004),
    "TooManyRequestsError": ("too_many_requests", 429, -1004),
    "WorkerCrashedError": ("worker_crashed", 502, -1001),
    "AddonUnavailableError": ("addon_unavailable", 503, -1001),
    "WorkerTimeoutError": ("worker_timeout", 504, -1001),
    "AddonUnloadableError": ("addon_unloadable", 502, -1001),
    "ResultInvalidError": ("result_invalid", 502, -1001),
    "ResultTooBigError": ("result_too_big", 502, -1001),
    "WorkerGarbledError": ("worker_garbled", 502, -1001),
    "AddonMemoryError": ("addon_out_of_memory", 413, -1002),
    "KeyLostError": ("key_lost", 500, -1001),
    "PageCorruptError": ("page_corrupt", 500, -1023),
    "FolderError": ("folder_unusable", 500, -1001),
    "UnsupportedSystemError": ("system_unsupported", 501, -1006),
    "DeviceFault": ("io_error", 502, -1023),
    "PaperJamError": ("paper_jam", 502, -1020),
    "DoubleFeedError": ("double_feed", 502, -1021),
    "CoverOpenError": ("cover_open", 502, -1005),
    "FeederEmptyError": ("feeder_empty", 409, -1035),
    "DeviceBusyError": ("device_busy", 423, -1004),
    "WarmingUpError": ("warming_up", 423, -1004),
    "DeviceOfflineError": ("device_offline", 502, -1023),
    "DeviceHungError": ("device_hung", 504, -1023),
    "AccessDeniedError": ("access_denied", 403, -1016),
    "DeviceMemoryError": ("out_of_memory", 502, -1002),
    "DeviceInvalidError": ("invalid_for_device", 400, -1010),
    "DeviceUnsupportedError": ("unsupported", 400, -1006),
    "TransportLockedError": ("transport_locked", 502, -1023),
    "EmptyPageError": ("empty_page", 502, -1023),
    "DriverCrashedError": ("driver_crashed", 502, -1001),
    "DiskFullError": ("disk_full", 507, -1022),
    "DiskFaultError": ("disk_error", 500, -1023),
    "ScanCanceledError": ("canceled", 409, -1032),
}
# They say nothing of their own: where the root's words are all that there is to say.
NAMELESS = {"InternalError"}
MOST_WORDS = 25


def tree(root: type[FlatbedError] = FlatbedError) -> Iterator[type[FlatbedError]]:
    """The classes of the core's error module."""
    if root.__module__ == errors.__name__:
        yield root
    for kind in root.__subclasses__():
        yield from tree(kind)


KINDS = sorted(tree(), key=lambda kind: kind.__name__)
each_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)


def test_error_table_names_every_class() -> None:
    """A new error says here what programs will see."""
    assert {kind.__name__ for kind in KINDS} == set(WIRE)


@each_kind
def test_error_has_the_status_number_and_name_of_the_contract(kind: type[FlatbedError]) -> None:
    """They stand on the class, whatever the message."""
    assert (kind.name, kind.status, kind.number) == WIRE[kind.__name__]


@each_kind
def test_error_has_a_name_of_its_own_in_snake_case(kind: type[FlatbedError]) -> None:
    """Two classes of one name could not be told apart behind the wire."""
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*", kind.name)
    others = [other.name for other in KINDS if other is not kind and other.__name__ not in NAMELESS]
    assert (kind.name in others) == (kind.__name__ in NAMELESS)


@each_kind
def test_error_sentence_can_be_read_at_a_glance(kind: type[FlatbedError]) -> None:
    """At most 25 words, whole sentences."""
    assert kind("").message == kind.sentence
    assert len(kind.sentence.split()) <= MOST_WORDS
    assert kind.sentence.endswith(".")


@each_kind
def test_error_crosses_the_wire_unchanged(kind: type[FlatbedError]) -> None:
    """Class, message and details, as from a worker to the main process."""
    told = kind("The cat sits on the glass.", page=7, message="a key like any other").to_wire()
    heard = from_wire(told)
    assert heard.name == kind.name
    assert type(heard) is (FlatbedError if kind is InternalError else kind)
    assert heard.message == "The cat sits on the glass."
    assert heard.details == {"page": 7, "message": "a key like any other"}


def test_to_wire_without_details_leaves_them_out() -> None:
    """What goes into a job's record is no longer than it needs to be."""
    assert PaperJamError("Stuck.").to_wire() == {
        "error": "paper_jam",
        "code": -1020,
        "message": "Stuck.",
    }


@pytest.mark.parametrize(
    "wire",
    [
        {},
        {"error": "no_such_name"},
        {"error": ["paper_jam"], "message": None},
        {"error": "no_such_name", "details": ["not", "a", "mapping"]},
        {"details": "text"},
    ],
    ids=["empty", "unknown", "wrong types", "details in a list", "details in a text"],
)
def test_from_wire_of_what_is_no_error_of_ours_is_an_internal_error(wire: dict[str, Any]) -> None:
    """A worker of another version, or a broken one, raises nothing in the main process."""
    heard = from_wire(wire)
    assert type(heard) is InternalError
    assert heard.message == InternalError.sentence
    assert heard.details == {}


def test_device_faults_that_a_person_can_clear_are_the_pausable_ones() -> None:
    """The contract's list: jam, double feed, open cover, empty feeder, full disk."""
    pausable = {kind.name for kind in KINDS if issubclass(kind, DeviceFault) and kind.is_pausable}
    assert pausable == {"paper_jam", "double_feed", "cover_open", "feeder_empty", "disk_full"}


def test_folder_error_names_the_folder_and_the_way_out() -> None:
    """The sentence for one folder."""
    error = FolderError.of("/srv/scans", "belongs to another user")
    assert error.message == (
        "/srv/scans belongs to another user. Nothing was changed;"
        " make it a folder of yours, or choose another."
    )
    assert error.details == {"folder": "/srv/scans"}


def test_unsupported_system_error_names_what_is_missing() -> None:
    """The sentence for one thing."""
    assert UnsupportedSystemError.of("file locks").message == (
        "Flatbed has no file locks on this operating system yet; use Linux for now."
    )


@pytest.mark.parametrize(
    ("number", "name"),
    [(errno.ENOSPC, "disk_full"), (errno.EDQUOT, "disk_full"), (errno.EIO, "disk_error")],
)
def test_failed_call_on_a_file_is_a_full_or_a_failing_disk(number: int, name: str) -> None:
    """A full quota is a full disk to the person."""
    error = disk_fault(OSError(number, os.strerror(number)))
    assert error.name == name


def test_from_wire_knows_errors_that_stand_beside_their_code() -> None:
    """Those that were made after this module was loaded."""

    class LateError(FlatbedError):
        name = "late"

    assert type(from_wire({"error": "late", "message": "Too late."})) is LateError
