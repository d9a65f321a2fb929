"""The client in use, unmodified from PyPI, gets documents as files by every option that it has."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pikepdf
import pypdfium2  # type: ignore[import-untyped, unused-ignore]
import pytest

from .support.client import DOCUMENTS, JOBS
from .support.desk import CODES, FIRST, SECOND, SHEETS, THIRD, Outcome, open_desk, take_steps
from .support.foreign import assert_answers_fit, install, routes_of
from .support.service import LiveService
from .support.sheets import SIZE_PX, codes_of, read_pdf

# Of a sheet at 150 dpi, in points.
SIZE_PT = (284, 397)

PROPERTIES = {
    "/Author": "Ada Lovelace",
    "/Creator": "Front desk",
    "/CreationDate": "D:20230101085959-08'00'",
    "/Keywords": "rent, 2026",
    "/ModDate": "D:20230102085959",
    "/Producer": "An office",
    "/Subject": "Größe & Gewicht",
    "/Title": "Vertrag Nr. 7",
}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveService]:
    """A service with all add-ons; see `support.desk`."""
    with open_desk(tmp_path_factory.mktemp("desk")) as service:
        yield service


@pytest.fixture(scope="module")
def steps(
    desk: LiveService, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Outcome:
    """All files, written once."""
    client = install(request, "2.0.3")
    return take_steps(client, "client_2_0_3_files", desk, tmp_path_factory.mktemp("files"))


def test_client_gets_tiffs(steps: Outcome) -> None:
    """All pages or chosen ones, by every compression of the contract."""
    found = steps["tiffs"]
    assert found["unknown"] == ["", -2113]
    assert codes_of(steps.read("all.tiff")) == CODES
    assert codes_of(steps.read("places.tiff")) == [THIRD, FIRST]
    assert codes_of(steps.read("uids.tiff")) == [SECOND, FIRST]
    names = {number: name for number, (name, _) in found["compressions"].items()}
    opened = {number: steps.image(name) for number, name in names.items()}
    assert {number: (each.info["compression"], each.mode) for number, each in opened.items()} == {
        "0": ("tiff_adobe_deflate", "RGB"),
        "1": ("raw", "RGB"),
        "2": ("tiff_ccitt", "1"),
        "3": ("group3", "1"),
        "4": ("group4", "1"),
        "5": ("tiff_lzw", "RGB"),
        "7": ("jpeg", "RGB"),
        "32773": ("packbits", "RGB"),
    }
    assert {codes_of(steps.read(name))[0] == FIRST for name in names.values()} == {True}
    assert {each.size for each in opened.values()} == {SIZE_PX}
    assert len(steps.read("low.tiff")) < len(steps.read("compressed-7.tiff")) * 0.8


def test_client_gets_pictures(steps: Outcome) -> None:
    """The first page where none is named; JPEG by its quality."""
    found = steps["pictures"]
    assert (found["beyond"], found["gif"]) == (["", -1040], ["", -2113])
    names = ["first.png", "second.png", "good.jpg", "poor.jpg", found["unnamed"]]
    assert [codes_of(steps.read(each))[0] for each in names] == [FIRST, SECOND, THIRD, THIRD, THIRD]
    assert {steps.image(each).size for each in names} == {SIZE_PX}
    assert [steps.image(each).format for each in names] == ["PNG", "PNG", "JPEG", "JPEG", "JPEG"]
    assert len(steps.read("poor.jpg")) < found["stream"] < len(steps.read("good.jpg"))
    assert found["stream"] == len(steps.read(found["unnamed"]))


def test_client_gets_a_pdf_of_the_pages(steps: Outcome) -> None:
    """All of them unless it says which, as large as they were scanned."""
    found = steps["pdfs"]
    whole = steps.pdf(found["unnamed"])
    assert (whole.codes, whole.sizes_pt) == (CODES, [SIZE_PT] * SHEETS)
    assert whole.properties["/Producer"] == "Flatbed"
    assert steps.pdf("places.pdf").codes == [THIRD, FIRST]
    assert steps.pdf("uids.pdf").codes == [SECOND, FIRST]


def test_client_chooses_the_paper_of_a_pdf(steps: Outcome) -> None:
    """Custom paper is the one that this interface has no size for."""
    papers = steps["pdfs"]["papers"]
    assert papers.pop("1") == ["", -2113]
    facts = {number: steps.pdf(name) for number, (name, _) in papers.items()}
    assert {each.codes[0] == FIRST for each in facts.values()} == {True}
    assert {number: each.sizes_pt for number, each in facts.items()} == {
        "0": [SIZE_PT],
        "2": [(595, 842)],
        "3": [(842, 595)],
        "4": [(842, 1191)],
        "5": [(1191, 842)],
        "6": [(612, 792)],
        "7": [(792, 612)],
        "8": [(612, 1008)],
        "9": [(1008, 612)],
    }


def test_client_chooses_the_compression_of_a_pdf(steps: Outcome) -> None:
    """By the numbers of the contract; for JBIG2 there is no encoder."""
    compressions = steps["pdfs"]["compressions"]
    assert compressions.pop("7") == ["", -2113]
    facts = {number: steps.pdf(name) for number, (name, _) in compressions.items()}
    assert {each.codes[0] == FIRST for each in facts.values()} == {True}
    assert {number: each.filters for number, each in facts.items()} == {
        "0": ["/DCTDecode"],
        "2": ["/CCITTFaxDecode"],
        "3": ["/FlateDecode"],
        "5": ["/DCTDecode"],
        "6": ["/JPXDecode"],
    }
    assert len(steps.read("poor.pdf")) < len(steps.read("compressed-5.pdf")) * 0.8
    assert steps.pdf("old.pdf").version == "1.5"
    assert steps["pdfs"]["bw"] == ["bw.pdf", None]
    bw = steps.pdf("bw.pdf")
    assert (bw.filters, bw.codes) == (["/CCITTFaxDecode"], [FIRST])


def test_client_says_what_stands_in_a_pdf(steps: Outcome) -> None:
    """Every property of the contract, none of which changes what the pages are."""
    assert steps["pdfs"]["properties"] == ["properties.pdf", None]
    facts = steps.pdf("properties.pdf")
    assert (facts.codes, facts.version) == (CODES, "1.5")
    assert facts.properties == PROPERTIES


def test_client_encrypts_a_pdf(steps: Outcome) -> None:
    """By a password in other letters than ASCII; nobody opens it without, nor by another."""
    assert steps["pdfs"]["password"] == ["password.pdf", None]
    data = steps.read("password.pdf")
    for wrong in ("", "offne dich"):
        with pytest.raises(pikepdf.PasswordError):
            read_pdf(data, wrong)
        with pytest.raises(pypdfium2.PdfiumError):
            pypdfium2.PdfDocument(data, password=wrong)
    facts = read_pdf(data, "öffne dich")
    assert (facts.codes, facts.properties) == (CODES, PROPERTIES)
    with pikepdf.open(io.BytesIO(data), password="öffne dich") as pdf:
        assert (pdf.encryption.R, pdf.encryption.bits) == (6, 256)


def test_client_is_refused_a_pdf_that_cannot_be(steps: Outcome) -> None:
    """By the number for wrong input, and no file."""
    refused = steps["pdfs"]["refused"]
    assert refused.pop("page") == ["", -1040]
    assert set(refused) == {"paper", "compression", "quality", "date", "version", "password"}
    assert [each for each in refused.values() if each != ["", -2113]] == []


def test_client_is_answered_about_files_as_the_document_says(
    desk: LiveService, steps: Outcome
) -> None:
    """Every answer, on every route that is there for it."""
    assert_answers_fit(desk.document, steps.answers)
    assert routes_of(desk.document, steps.answers) == {
        ("GET", "/api/device/scanners"),
        ("POST", JOBS),
        ("DELETE", f"{JOBS}/{{jobuid}}"),
        ("GET", f"{JOBS}/{{jobuid}}/next-page-info"),
        ("POST", DOCUMENTS),
        ("DELETE", f"{DOCUMENTS}/{{uid}}"),
        ("POST", f"{DOCUMENTS}/{{uid}}/pages"),
        ("GET", f"{DOCUMENTS}/{{uid}}/content"),
    }
    assert len(steps.answers) > 90
