"""The frozen types of the seam: what they promise beside their fields."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from flatbed import addon
from flatbed.addon import CORE_API, PageFile, ScanSettings
from flatbed.addon.frames import FrameWriter, new_key
from flatbed.errors import PageCorruptError
from flatbed.runtime import png

UID = "f" * 32
FROZEN = [
    getattr(addon, name)
    for name in addon.__all__
    if dataclasses.is_dataclass(getattr(addon, name, None))
]


def stored_page(folder: Path) -> PageFile:
    """A page of 2 by 1 gray pixels on disk, as a worker is told of it."""
    key = new_key()
    writer = FrameWriter(folder / "a.page", key=key, uid=UID, kind="page")
    strip = png.deflate_strip(bytes([0, 17, 99]))
    writer.write(png.opening((2, 1), dpi=(300, 300), mode="L", bits=8))
    writer.write(b"".join(png.strip_chunk(strip, is_first=True)) + png.closing(strip.adler))
    writer.finish()
    return PageFile(
        uid=UID,
        size_px=(2, 1),
        dpi=(300, 300),
        mode="L",
        bits=8,
        path=str(folder / "a.page"),
        key=key.hex(),
    )


def test_core_api_is_a_major_and_a_minor_number() -> None:
    """What manifests name; changing it is a decision, see the design."""
    assert CORE_API == "1.0"


@pytest.mark.parametrize("kind", FROZEN, ids=lambda kind: kind.__name__)
def test_type_of_the_seam_is_frozen_and_takes_keywords_only(kind: type) -> None:
    """A field with a default can be added without breaking an add-on."""
    parameters = kind.__dataclass_params__  # type: ignore[attr-defined]
    assert parameters.frozen
    assert all(field.kw_only for field in dataclasses.fields(kind))


@pytest.mark.parametrize("kind", FROZEN, ids=lambda kind: kind.__name__)
def test_type_of_the_seam_says_what_it_is(kind: type) -> None:
    """The addon guide is made of these."""
    assert kind.__doc__ is not None
    assert not kind.__doc__.startswith(f"{kind.__name__}("), "made by dataclass"


def test_page_file_reads_the_stored_png(tmp_path: Path) -> None:
    """With all its bits, whatever Pillow would make of them."""
    page = stored_page(tmp_path)
    assert page.read().startswith(b"\x89PNG")


def test_page_file_opens_as_an_image(tmp_path: Path) -> None:
    """What most add-ons want."""
    image = stored_page(tmp_path).open()
    assert (image.mode, image.size, image.tobytes()) == ("L", (2, 1), bytes([17, 99]))


def test_page_file_of_another_uid_is_corrupt(tmp_path: Path) -> None:
    """A worker gets exactly the pages it was asked to work on."""
    page = dataclasses.replace(stored_page(tmp_path), uid="e" * 32)
    with pytest.raises(PageCorruptError):
        page.read()


def test_page_file_shows_its_key_to_no_log(tmp_path: Path) -> None:
    """An add-on that prints its arguments prints no secret."""
    page = stored_page(tmp_path)
    assert page.key not in repr(page)
    assert page.uid in repr(page)


def test_scan_settings_go_through_json_unchanged() -> None:
    """They cross into the worker so."""
    plain = dataclasses.asdict(ScanSettings(area_mm=(0, 0, 210, 297), options={"mode": "x"}))
    assert json.loads(json.dumps(plain)) == {
        "paper_source": "flatbed",
        "color": "color",
        "dpi": 300,
        "area_mm": [0, 0, 210, 297],
        "max_pages": 0,
        "brightness": 0,
        "contrast": 0,
        "threshold": None,
        "bits": 8,
        "options": {"mode": "x"},
    }
