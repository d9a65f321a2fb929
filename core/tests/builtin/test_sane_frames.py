"""Tests of lines that become rows, on literal bytes."""

from __future__ import annotations

from typing import Any

import pytest

from flatbed.builtin.sane.frames import interleave, lay_out
from flatbed.builtin.sane.libsane import Parameters
from flatbed.errors import DeviceFault, DeviceUnsupportedError

GRAY, RGB, RED = 0, 1, 2


def _parameters(frame: int, depth: int, *, width: int, line_bytes: int) -> Parameters:
    return Parameters(
        format=frame,
        is_last_frame=True,
        bytes_per_line=line_bytes,
        pixels_per_line=width,
        lines=2,
        depth=depth,
    )


@pytest.mark.parametrize(
    ("frame", "depth", "width", "line_bytes", "lines", "shape", "rows"),
    [
        pytest.param(GRAY, 8, 2, 2, "0102 0304", ("L", 8, 2), "0102 0304", id="gray-8"),
        pytest.param(GRAY, 8, 2, 3, "0102ff 0304ff", ("L", 8, 2), "0102 0304", id="gray-padded"),
        pytest.param(GRAY, 16, 1, 2, "0102 0304", ("L", 16, 1), "0102 0304", id="gray-16"),
        pytest.param(GRAY, 1, 9, 2, "f000 0f80", ("1", 1, 9), "0fff f07f", id="gray-1"),
        pytest.param(GRAY, 1, 8, 3, "f01234 0f5678", ("1", 1, 8), "0f f0", id="gray-1-padded"),
        pytest.param(RGB, 8, 1, 3, "010203 040506", ("RGB", 8, 1), "010203 040506", id="rgb-8"),
        pytest.param(RGB, 16, 1, 6, "010203040506", ("RGB", 16, 1), "010203040506", id="rgb-16"),
        pytest.param(
            RGB, 1, 2, 3, "8040c0 000000", ("RGB", 8, 2), "ff00ff 00ffff 000000 000000", id="rgb-1"
        ),
        pytest.param(
            RGB,
            1,
            9,
            6,
            "ff00ff 800080",
            ("RGB", 8, 9),
            "ff00ff ff00ff ff00ff ff00ff ff00ff ff00ff ff00ff ff00ff ff00ff",
            id="rgb-1-two-groups",
        ),
        pytest.param(RED, 8, 2, 2, "0102", ("RGB", 8, 2), "0102", id="red-8"),
        pytest.param(RED, 1, 3, 1, "a0 40", ("RGB", 8, 3), "ff00ff 00ff00", id="red-1"),
    ],
)
def test_lay_out_makes_rows_of(
    frame: int, depth: int, width: int, line_bytes: int, lines: str, shape: Any, rows: str
) -> None:
    """Each kind of frame at each depth; padding goes, black is 0 in every mode."""
    layout = lay_out(_parameters(frame, depth, width=width, line_bytes=line_bytes))

    assert (layout.mode, layout.bits, layout.width_px) == shape
    assert bytes(layout.to_rows(memoryview(bytes.fromhex(lines)))).hex() == rows.replace(" ", "")


def test_lay_out_of_an_unknown_height_leaves_it_open() -> None:
    """A hand scanner says -1 for it."""
    described = _parameters(GRAY, 8, width=2, line_bytes=2)
    open_ended = Parameters(**{**vars(described), "lines": -1})

    assert lay_out(described).height_px == 2
    assert lay_out(open_ended).height_px is None


@pytest.mark.parametrize(
    ("frame", "depth"),
    [
        pytest.param(11, 8, id="jpeg"),
        pytest.param(5, 8, id="unknown"),
        pytest.param(0, 12, id="12"),
    ],
)
def test_lay_out_of_a_strange_frame_is_unsupported(frame: int, depth: int) -> None:
    """Backends may send frames of their own, which are no rows."""
    with pytest.raises(DeviceUnsupportedError) as caught:
        lay_out(_parameters(frame, depth, width=2, line_bytes=6))

    assert caught.value.details == {"format": frame, "depth": depth}


@pytest.mark.parametrize(
    ("width", "line_bytes"),
    [pytest.param(3, 2, id="short-lines"), pytest.param(0, 2, id="no-width")],
)
def test_lay_out_of_a_contradiction_is_a_fault(width: int, line_bytes: int) -> None:
    """Lines that are too short for their pixels would shear the page."""
    with pytest.raises(DeviceFault) as caught:
        lay_out(_parameters(GRAY, 8, width=width, line_bytes=line_bytes))

    assert caught.value.name == "io_error"


@pytest.mark.parametrize(
    ("planes", "sample_bytes", "strip_bytes", "strips"),
    [
        pytest.param(["0104", "0205", "0306"], 1, 2, ["010203040506"], id="8-bit"),
        pytest.param(["0104", "0205", "0306"], 1, 1, ["010203", "040506"], id="two-strips"),
        pytest.param(["0104", "0205", "03"], 1, 2, ["010203"], id="blue-is-short"),
        pytest.param(
            ["0a010d04", "0b020e05", "0c030f06"], 2, 4, ["0a010b020c030d040e050f06"], id="16-bit"
        ),
    ],
)
def test_interleave_joins_three_passes(
    planes: list[str], sample_bytes: int, strip_bytes: int, strips: list[str]
) -> None:
    """Red, green and blue of a pixel come to stand side by side."""
    joined = interleave([bytearray.fromhex(plane) for plane in planes], sample_bytes, strip_bytes)

    assert [bytes(strip).hex() for strip in joined] == strips
