"""Measures ink, draws frames, says hello: an operation, an edit and a route to begin from."""

from __future__ import annotations

from typing import Any

import PIL
from PIL import ImageDraw

from flatbed.addon import PageFile, PageSink, Request, hookimpl
from flatbed.errors import InvalidInputError

_LONGEST_NAME = 40

_config: dict[str, Any] = {}


@hookimpl
def start(config: dict[str, Any]) -> None:
    """Keep the settings of the add-on; a worker is started with them once."""
    _config.update(config)


@hookimpl
def describe_environment() -> dict[str, str]:
    """The libraries that the results depend on."""
    return {"pillow": PIL.__version__}


@hookimpl
def process_page(operation: str, page: PageFile, settings: dict[str, Any], out: PageSink) -> Any:
    """Carry out what `addon.toml` declares with this hook."""
    if operation == "measure-ink":
        return {"ink": measure_ink(page, settings["threshold"])}
    return draw_frame(page, settings["width"], out)


@hookimpl
def handle_request(request: Request) -> Any:
    """Answer `GET /api/addons/template/hello/{name}`."""
    name = request.parameters["name"]
    if len(name) > _LONGEST_NAME:
        raise InvalidInputError(f"A name has {_LONGEST_NAME} letters at most. Send a shorter one.")
    return {"text": f"{_config['greeting']}, {name}!"}


def measure_ink(page: PageFile, threshold: int) -> float:
    """The share of a page's pixels that are darker than a threshold, 0 to 1."""
    counts = page.open().convert("L").histogram()
    return round(sum(counts[:threshold]) / sum(counts), 6)


def draw_frame(page: PageFile, width_px: int, out: PageSink) -> None:
    """Write a copy of a page with a black frame."""
    image = page.open()
    box = (0, 0, image.width - 1, image.height - 1)
    ImageDraw.Draw(image).rectangle(box, outline=0, width=width_px)
    # A page of 16 bits a sample is opened with 8.
    with out.new_page(
        size_px=image.size, dpi=page.dpi, mode=page.mode, bits=1 if page.mode == "1" else 8
    ) as new:
        new.write_image(image)
