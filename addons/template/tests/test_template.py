"""The add-on in a real worker, and in a real service."""

from __future__ import annotations

import pytest
from PIL import Image

from flatbed.addon.testing import AddonWorker, LiveService, MakePage, SamplePages
from flatbed.errors import InvalidInputError


@pytest.mark.parametrize(("threshold", "ink"), [(128, 0.25), (255, 0.5), (0, 0.0)])
def test_ink_is_what_is_darker_than_the_threshold(
    worker: AddonWorker, make_page: MakePage, threshold: int, ink: float
) -> None:
    """A quarter of the page is black, a quarter gray, half of it white."""
    image = Image.new("L", (40, 40), 255)
    image.paste(200, (0, 0, 20, 20))
    image.paste(0, (20, 0, 40, 20))
    found = worker.process("measure-ink", make_page(image), threshold=threshold)
    assert found.value == {"ink": ink}


@pytest.mark.parametrize("mode", ["1", "L", "RGB"])
def test_frame_is_black_and_leaves_the_rest(
    worker: AddonWorker, pages: SamplePages, mode: str
) -> None:
    """Pages of every mode keep it, and their size."""
    before = pages[mode].open()
    after = worker.process("frame", pages[mode], width=5).page.open()
    assert (after.mode, after.size) == (mode, before.size)
    assert after.convert("L").getpixel((4, 300)) == 0
    inside = (5, 5, before.width - 5, before.height - 5)
    assert after.crop(inside).tobytes() == before.crop(inside).tobytes()


def test_hello_greets_by_name(worker: AddonWorker) -> None:
    """With the greeting of the add-on's settings, here the default."""
    assert worker.request("GET", "/hello/{name}", name="Ada").value == {"text": "Hello, Ada!"}


def test_hello_refuses_a_name_that_is_too_long(worker: AddonWorker) -> None:
    """The caller reads the sentence."""
    with pytest.raises(InvalidInputError, match="40 letters at most"):
        worker.request("GET", "/hello/{name}", name="A" * 41)


def test_environment_names_pillow(worker: AddonWorker) -> None:
    """It is shown on `GET /api/addons`."""
    assert list(worker.call("describe_environment")) == ["pillow"]


def test_page_from_a_scanner_is_measured_by_the_service(service: LiveService) -> None:
    """All the way: scanned, stored, asked for over HTTP, worked on in a worker."""
    answer = service.ask("POST", "/process/measure-ink", {"source": service.scan_page()})
    assert 0 < answer["ink"] < 0.5
