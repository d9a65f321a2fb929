"""What a caller asks for: keys in any case, unknown ones ignored, wrong ones named."""

from __future__ import annotations

import re
from typing import Any

import msgspec
import pytest

from flatbed.errors import InvalidInputError
from flatbed.scan.request import JobConfig, JobRequest, read_config


def request(**body: Any) -> JobRequest:
    """A body, as the handler reads it."""
    return msgspec.json.decode(msgspec.json.encode(body), type=JobRequest)


def test_request_of_nothing_has_the_defaults_of_the_contract() -> None:
    """`{}` scans at once, on the scanner that was used last."""
    found = request()
    assert (found.autoRun, found.device, found.config, found.caps) == (True, None, {}, None)
    assert (found.settings, found.checkFeederLoaded, found.jobTimeout) == (None, False, 0)
    assert (found.scannerFailureTimeout, found.onFault) == (None, "fault")
    assert found.mediaType == "image/png"


def test_request_ignores_what_it_does_not_know() -> None:
    """Clients in use send a licence, among other things."""
    found = request(license="t0068", autoRun=False, feedbackUrl="x")
    assert not found.autoRun


@pytest.mark.parametrize(
    "body",
    [
        {"autoRun": "yes"},
        {"device": 7},
        {"config": []},
        {"caps": {"exception": "explode"}},
        {"caps": {"capabilities": [{"curValue": 1}]}},
        {"onFault": "wait"},
        {"mediaType": "image/gif"},
        {"jobTimeout": -1},
        {"scannerFailureTimeout": "5"},
    ],
    ids=str,
)
def test_request_with_a_wrong_type_is_refused(body: dict[str, Any]) -> None:
    """400 / -2113, by the handler."""
    with pytest.raises(msgspec.ValidationError):
        request(**body)


@pytest.mark.parametrize("spell", [str, str.lower, str.upper, str.swapcase], ids=str)
def test_config_is_read_whatever_the_case_of_its_keys(spell: Any) -> None:
    """Clients in use write them in several ways."""
    given: dict[str, Any] = {
        "PixelType": 2,
        "Resolution": 300,
        "IfFeederEnabled": True,
        "IfDuplexEnabled": False,
        "PageSize": 1,
        "XferCount": -1,
        "Brightness": -1000,
        "Contrast": 1000,
        "IfShowUI": False,
        "IfCloseSourceAfterAcquire": True,
        "IfGetImageInfo": True,
        "IfGetExtImageInfo": True,
    }
    assert read_config({spell(key): value for key, value in given.items()}) == JobConfig(**given)


def test_config_leaves_out_null_and_unknown_keys() -> None:
    """`null` is what some clients send for what they do not set."""
    assert read_config({"resolution": None, "Lamp": "warm"}) == JobConfig()


def test_config_takes_pixel_types_by_name() -> None:
    """As the documented clients do."""
    assert read_config({"PixelType": "TWPT_GRAY"}).PixelType == "TWPT_GRAY"


@pytest.mark.parametrize(
    ("given", "culprit"),
    [
        ({"Resolution": 0}, "Resolution"),
        ({"Resolution": 19201}, "Resolution"),
        ({"Resolution": "300"}, "Resolution"),
        ({"XferCount": -2}, "XferCount"),
        ({"XferCount": 100_001}, "XferCount"),
        ({"XferCount": 1.5}, "XferCount"),
        ({"Brightness": 1001}, "Brightness"),
        ({"Contrast": -1001}, "Contrast"),
        ({"IfFeederEnabled": 1}, "IfFeederEnabled"),
        ({"PixelType": []}, "PixelType"),
    ],
    ids=str,
)
def test_config_with_a_wrong_value_is_refused_and_names_it(
    given: dict[str, Any], culprit: str
) -> None:
    """400 / -2113, with the key as the contract spells it."""
    with pytest.raises(
        InvalidInputError, match=re.escape("The job's config is not right")
    ) as caught:
        read_config(given)
    assert culprit in caught.value.message
