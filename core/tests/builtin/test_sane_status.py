"""Tests of what SANE's statuses mean."""

from __future__ import annotations

import pytest

from flatbed.builtin.sane.status import error_of


@pytest.mark.parametrize(
    ("status", "name", "number"),
    [
        pytest.param(1, "unsupported", -1006, id="UNSUPPORTED"),
        pytest.param(2, "canceled", -1032, id="CANCELLED"),
        pytest.param(3, "device_busy", -1004, id="DEVICE_BUSY"),
        pytest.param(4, "invalid_for_device", -1010, id="INVAL"),
        pytest.param(5, "empty_page", -1023, id="EOF"),
        pytest.param(6, "paper_jam", -1020, id="JAMMED"),
        pytest.param(7, "feeder_empty", -1035, id="NO_DOCS"),
        pytest.param(8, "cover_open", -1005, id="COVER_OPEN"),
        pytest.param(9, "io_error", -1023, id="IO_ERROR"),
        pytest.param(10, "out_of_memory", -1002, id="NO_MEM"),
        pytest.param(11, "access_denied", -1016, id="ACCESS_DENIED"),
        pytest.param(12, "warming_up", -1004, id="WARMING_UP"),
        pytest.param(13, "transport_locked", -1023, id="HW_LOCKED"),
        pytest.param(99, "io_error", -1023, id="99"),
    ],
)
def test_status_has_an_error_of_its_own(
    status: int, name: str, number: int, request: pytest.FixtureRequest
) -> None:
    """Every status of sane.h says something else to the person, and keeps SANE's own word."""
    error = error_of(status)

    assert (error.name, error.number) == (name, number)
    assert error.details == {"sane_status": request.node.callspec.id}
