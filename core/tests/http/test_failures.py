"""Whatever was raised, as the error that an answer carries."""

from __future__ import annotations

import msgspec
import pytest
import tornado.web

from flatbed.errors import (
    AddonUnavailableError,
    FlatbedError,
    InternalError,
    InvalidInputError,
    PaperJamError,
    ScannerHeldError,
    TooManyRequestsError,
    WorkerCrashedError,
)
from flatbed.http.failures import retry_after_s, to_body, to_error

RAISED: dict[str, tuple[BaseException | None, int, int, int, str]] = {
    "ours": (ScannerHeldError(), 500, 423, -1004, "scanner_held"),
    "404": (tornado.web.HTTPError(404), 404, 404, -1040, "not_found"),
    "405": (tornado.web.HTTPError(405), 405, 405, -2112, "wrong_verb"),
    "413": (tornado.web.HTTPError(413), 413, 413, -2113, "too_big"),
    "400": (tornado.web.HTTPError(400, "a secret"), 400, 400, -2113, "invalid_input"),
    "other 4xx": (tornado.web.HTTPError(418), 418, 400, -2113, "invalid_input"),
    "argument": (tornado.web.MissingArgumentError("x"), 400, 400, -2113, "invalid_input"),
    "5xx": (tornado.web.HTTPError(503), 503, 500, -1001, "internal_error"),
    "redirect": (tornado.web.HTTPError(302), 302, 500, -1001, "internal_error"),
    "a bug": (KeyError("a secret"), 500, 500, -1001, "internal_error"),
    "a bug with a status": (KeyError("a secret"), 404, 500, -1001, "internal_error"),
    "Tornado alone": (None, 404, 404, -1040, "not_found"),
}


@pytest.mark.parametrize(
    ("failure", "status", "wanted", "number", "name"), RAISED.values(), ids=RAISED
)
def test_to_error_of_each_kind_is_the_contracts(
    failure: BaseException | None, status: int, wanted: int, number: int, name: str
) -> None:
    """Status, number and name agree, and nothing of the failure's own text is in the answer."""
    error = to_error(failure, status)
    assert (error.status, error.number, error.name) == (wanted, number, name)
    assert "secret" not in error.message


def test_to_body_has_exactly_the_contracts_keys() -> None:
    """Three of the contract and the stable name."""
    assert msgspec.to_builtins(to_body(InternalError("It broke."))) == {
        "code": -1001,
        "message": "It broke.",
        "statusCode": 500,
        "error": "internal_error",
    }


def test_to_body_of_an_error_with_a_cause_tells_it() -> None:
    """What lay behind it is told by number and sentence, if it is one of ours."""
    error = _chained(WorkerCrashedError("It crashed."), PaperJamError("Paper is stuck."))
    assert msgspec.to_builtins(to_body(error))["cause"] == {
        "code": -1020,
        "message": "Paper is stuck.",
    }
    secret = _chained(WorkerCrashedError("It crashed."), KeyError("a secret"))
    assert "cause" not in msgspec.to_builtins(to_body(secret))


def test_to_body_of_an_error_with_details_carries_them() -> None:
    """What a program needs to go on, such as the id of what is there already."""
    error = InvalidInputError("It is there already.", uid="d1")
    assert msgspec.to_builtins(to_body(error))["details"] == {"uid": "d1"}


@pytest.mark.parametrize(
    ("error", "seconds"),
    [
        (TooManyRequestsError(), 1),
        (AddonUnavailableError(), 30),
        (AddonUnavailableError(retry_after_s=12), 12),
        (ScannerHeldError(), None),
    ],
    ids=["429", "503", "503 that knows", "423"],
)
def test_retry_after_s_is_told_where_time_helps(error: FlatbedError, seconds: int | None) -> None:
    """Only what passes by itself is worth another try."""
    assert retry_after_s(error) == seconds


def _chained(error: FlatbedError, cause: BaseException) -> FlatbedError:
    error.__cause__ = cause
    return error
