"""What a scan does to its pages: blank ones left out, text set straight, the bed cut off."""

from __future__ import annotations

import io
import random
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw

from .conftest import MakeService
from .support.bench import feeder
from .support.client import DOCUMENTS, JOBS, PAGES, ApiClient

Json = dict[str, Any]
DPI = 100
BED = (827, 1169)


def letter(angle: float = 0) -> Image.Image:
    """A page of lines of words, turned clockwise."""
    page, chance = Image.new("L", BED, 255), random.Random(7)
    pen = ImageDraw.Draw(page)
    for line in range(40):
        left = 90
        while left < 700:
            width = chance.randint(15, 70)
            pen.rectangle((left, 90 + 24 * line, left + width, 99 + 24 * line), fill=30)
            left += width + 12
    return page.rotate(-angle, Image.Resampling.BICUBIC, fillcolor=255)


def sheet_on_black() -> Image.Image:
    """A small sheet on a dark bed."""
    bed = Image.new("L", BED, 25)
    bed.paste(letter().crop((0, 0, 500, 700)), (150, 200))
    return bed


def blank() -> Image.Image:
    """A page with nothing on it but the noise of a scanner."""
    return Image.effect_noise(BED, 4).point(lambda tone: min(255, tone + 120))


@pytest.fixture
def api(make_service: MakeService, tmp_path: Path) -> ApiClient:
    """A service whose scanner has these sheets: a straight, a blank, a skewed one, and a bed."""
    folder = tmp_path / "sheets"
    folder.mkdir()
    sheets = [letter(), blank(), letter(3), sheet_on_black()]
    for number, sheet in enumerate(sheets):
        sheet.save(folder / f"{number}.png", dpi=(DPI, DPI))
    return make_service(
        ADDONS__VIRTUAL__NAMES=["Folder"],
        ADDONS__VIRTUAL__FOLDER=str(folder),
        ADDONS__VIRTUAL__SHEETS=4,
        ADDONS__VIRTUAL__PAPER_MM=[210, 297],
    ).client()


def scan(api: ApiClient, *, pages: int, document: str | None = None, **config: Any) -> Json:
    """Scan all sheets; the job when it is done."""
    more = {} if document is None else {"document": document}
    wanted = feeder(PixelType=1, PageSize=1, **config) | {"Resolution": DPI}
    job = api.scan("Folder", config=wanted, **more)
    found = api.wait_for(job, "completed")
    assert (found["pages"], found["warnings"]) == (pages, [])
    return found


def page(api: ApiClient, path: str) -> Image.Image:
    """A picture of the service."""
    return Image.open(io.BytesIO(api.get(path).content))


def angle(api: ApiClient, source: str) -> float:
    """How a page's text is turned."""
    body = {"source": source}
    return float(api.ask("POST", "/api/process/inspect-page", 200, json=body).json()["angle"])


def test_scan_without_wishes_leaves_every_page_as_it_is(api: ApiClient) -> None:
    """All four of them."""
    job = scan(api, pages=4)
    assert (job["document"], job["blankPages"]) == (None, [])


def test_blank_pages_are_left_out_and_stay_with_the_job(api: ApiClient) -> None:
    """They are told, and can be put into a document after all."""
    job = scan(api, pages=3, SkipBlankPages=True)
    (left_out,) = job["blankPages"]
    assert len(api.drain(job["jobuid"])) == 3
    body = {"source": left_out}
    found = api.ask("POST", "/api/process/check-blank", 200, json=body).json()
    assert found == {"result": True}
    document = api.ask("POST", DOCUMENTS, 201, json={}).json()["uid"]
    answer = api.ask("POST", f"{DOCUMENTS}/{document}/pages", 200, json=body)
    assert len(answer.json()["pages"]) == 1


def test_pages_are_treated_as_edits_in_their_document(api: ApiClient) -> None:
    """Only those that need it; a wrong one is undone by taking the page's edits away."""
    document = api.ask("POST", DOCUMENTS, 201, json={}).json()["uid"]
    job = scan(api, pages=3, document=document, skipBlankPages=True, deskew=True, AUTOCROP=True)
    assert job["document"] == document
    pages = [each["uid"] for each in api.get(f"{DOCUMENTS}/{document}").json()["pages"]]
    facts = [api.get(f"{PAGES}/{uid}").json() for uid in pages]
    assert [[edit["op"] for edit in each["edits"]] for each in facts] == [
        [],
        ["deskew"],
        ["auto-crop"],
    ]
    assert abs(angle(api, pages[1])) < 0.3
    width, height = facts[2]["size_px"]
    assert abs(width - 500) <= 4
    assert abs(height - 700) <= 4
    found = api.ask("DELETE", f"{PAGES}/{pages[2]}/edits", 200).json()
    assert found["size_px"] == list(BED)
    found = api.ask("DELETE", f"{PAGES}/{pages[1]}/edits", 200).json()
    assert angle(api, pages[1]) == pytest.approx(3, abs=0.3)


def test_job_without_a_document_hands_treated_pages_out(api: ApiClient) -> None:
    """They lie in a document of its own, which goes with it."""
    job = scan(api, pages=4, Deskew=True, AutoCrop=True)
    uid = job["jobuid"]
    info = [api.get(f"{JOBS}/{uid}/next-page-info").json() for _ in range(4)]
    cropped = info[3]["imageInfo"]
    picture = page(api, f"{JOBS}/{uid}/content?page=3")
    assert picture.size == (cropped["ImageWidth"], cropped["ImageLength"])
    assert abs(picture.width - 500) <= 4
    assert page(api, info[3]["url"]).size == picture.size
    jpeg = page(api, f"{JOBS}/{uid}/content?page=3&type=image/jpeg")
    assert jpeg.size == picture.size
    # The raw page is there by its own uid.
    assert page(api, f"{PAGES}/{info[3]['imageuid']}/content").size == BED
    whole = page(api, f"{JOBS}/{uid}/content?type=image/tiff")
    whole.seek(3)
    assert whole.size == picture.size
    document = job["document"]
    api.get(f"{DOCUMENTS}/{document}")
    api.delete(uid)
    api.refusal("GET", f"{DOCUMENTS}/{document}", 404)


def test_photos_on_one_bed_become_pages(make_service: MakeService, tmp_path: Path) -> None:
    """Each by itself, in reading order; an empty bed gives none."""
    api = make_service().client()
    document = api.ask("POST", DOCUMENTS, 201, json={}).json()["uid"]
    bed = Image.new("RGB", BED, (250, 250, 250))
    sizes = [(300, 200), (260, 340)]
    for size, corner in zip(sizes, [(60, 80), (420, 500)], strict=True):
        photo = Image.effect_noise((40, 40), 120).resize(size).convert("RGB")
        bed.paste(Image.blend(photo, Image.new("RGB", size, (90, 60, 30)), 0.5), corner)
    octets = {"Content-Type": "application/octet-stream"}
    for picture in (bed, Image.new("RGB", BED, (250, 250, 250))):
        stream = io.BytesIO()
        picture.save(stream, "PNG")
        path = f"{DOCUMENTS}/{document}/pages?dpi=100"
        api.ask("POST", path, 200, headers=octets, content=stream.getvalue())
    found = []
    for place in range(2):
        body = {"source": f"{DOCUMENTS}/{document}/pages/{place}"}
        answer = api.ask("POST", "/api/process/split-photos", 200, json=body)
        found.append([each["size_px"] for each in answer.json()["pages"]])
    assert found[1] == []
    for (width, height), (wanted_width, wanted_height) in zip(found[0], sizes, strict=True):
        assert abs(width - wanted_width) <= 6
        assert abs(height - wanted_height) <= 6
