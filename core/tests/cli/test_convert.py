"""`flatbed convert`: real files through a real service, which keeps nothing of them."""

from __future__ import annotations

import json
import signal
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from PIL import Image, ImageSequence

from .home import LIMIT_S, Home

GRAYS = (40, 120, 200)
DAMAGED = b"II*\0\x08\0\0\0" + bytes(40)


class Desk:
    """A home with a service and a folder to work in.

    Args:
        home: Where the service runs.
        url: The service's.
    """

    def __init__(self, home: Home, url: str) -> None:
        self.home, self.url = home, url

    @property
    def work(self) -> Path:
        """The folder."""
        return self.home.work

    def convert(self, *args: str) -> tuple[int, str, str]:
        """Exit code, standard output and standard error."""
        done = self.home.flatbed("convert", *args)
        return done.code, done.out, done.err

    def documents(self) -> Any:
        """What the service has."""
        url = f"{self.url}/api/storage/documents"
        with urllib.request.urlopen(url, timeout=LIMIT_S) as answer:
            return json.load(answer)

    def lay_tiff(self, name: str = "in.tiff") -> Path:
        """Three pages of 2 x 1 inches at 100 dpi, each of another gray."""
        first, *others = (Image.new("L", (200, 100), gray) for gray in GRAYS)
        first.save(self.work / name, "TIFF", save_all=True, append_images=others, dpi=(100, 100))
        return self.work / name


def grays(path: Path) -> list[Any]:
    """The color of each page's first pixel."""
    with Image.open(path) as file:
        return [page.convert("L").getpixel((0, 0)) for page in ImageSequence.Iterator(file)]


def lay_many(path: Path) -> None:
    """Pages that a service reads for seconds."""
    first, *others = (Image.effect_noise((2000, 2500), 60) for _ in range(30))
    first.save(path, save_all=True, append_images=others)


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A service that writes PDF."""
    home = Home(tmp_path_factory.mktemp("room"), ADDONS__PDF__ENABLED=True)
    with home.service() as service:
        yield Desk(home, service.url)
    assert home.left_running() == []


@pytest.fixture
def desk(room: Desk, tmp_path: Path) -> Iterator[Desk]:
    """An empty folder; whatever a test does, no document may be left."""
    room.home.work = tmp_path
    yield room
    room.home.close_terminals()
    assert room.documents() == []


def test_help_has_examples(desk: Desk) -> None:
    """An example is what most people read."""
    code, out, _ = desk.convert("--help")
    assert code == 0
    assert "\n  Examples:\n    flatbed convert letter.tiff -o letter.pdf\n" in out


def test_tiff_becomes_a_pdf_of_the_same_size(desk: Desk) -> None:
    """Three pages of 2 x 1 inches, which are 144 x 72 points; the TIFF is as it was."""
    source = desk.lay_tiff()
    before = source.read_bytes()
    assert desk.convert("in.tiff", "-o", "out.pdf") == (0, "Saved 3 pages as out.pdf.\n", "")
    with pikepdf.open(desk.work / "out.pdf") as pdf:
        boxes = [[round(float(each), 1) for each in page.mediabox] for page in pdf.pages]
    assert boxes == [[0, 0, 144, 72]] * 3
    assert source.read_bytes() == before
    assert desk.home.files() == ["in.tiff", "out.pdf"]


def test_tiff_becomes_numbered_pngs(desk: Desk) -> None:
    """As a scan numbers them."""
    desk.lay_tiff()
    assert desk.convert("in.tiff", "-o", "page.png") == (
        0,
        "Saved 3 pages as page-001.png to page-003.png.\n",
        "",
    )
    names = ["page-001.png", "page-002.png", "page-003.png"]
    assert desk.home.files() == ["in.tiff", *names]
    assert [grays(desk.work / each) for each in names] == [[40], [120], [200]]


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "BMP", "WEBP", "GIF", "TIFF"])
def test_content_tells_the_kind_and_not_the_name(desk: Desk, kind: str) -> None:
    """One page keeps the name of -o."""
    Image.new("RGB", (60, 40), (200, 200, 200)).save(desk.work / "in.bin", kind)
    assert desk.convert("in.bin", "-o", "out.jpg") == (0, "Saved 1 page as out.jpg.\n", "")
    with Image.open(desk.work / "out.jpg") as image:
        assert (image.format, image.size) == ("JPEG", (60, 40))
    assert grays(desk.work / "out.jpg")[0] == pytest.approx(200, abs=3)


def test_pages_are_those_that_were_chosen(desk: Desk) -> None:
    """In the order that was asked for."""
    desk.lay_tiff()
    assert desk.convert("in.tiff", "-o", "out.tiff", "--pages", "3,1-2")[0] == 0
    assert grays(desk.work / "out.tiff") == [200, 40, 120]


def test_page_that_is_not_there_writes_nothing(desk: Desk) -> None:
    """It says how many there are; the document is gone all the same."""
    desk.lay_tiff()
    assert desk.convert("in.tiff", "-o", "out.png", "--pages", "2-4") == (
        1,
        "",
        "There is no page 4: the document has 3 pages. Nothing was written.\n",
    )
    assert desk.home.files() == ["in.tiff"]
    assert desk.documents() == []


@pytest.mark.parametrize(
    ("own", "args", "dpi"),
    [(None, (), 200), (None, ("--dpi", "300"), 300), (150, ("--dpi", "300"), 150)],
    ids=["neither", "option", "file"],
)
def test_dpi_is_for_a_file_that_does_not_say_its_own(
    desk: Desk, own: int | None, args: tuple[str, ...], dpi: int
) -> None:
    """The file knows better."""
    said: dict[str, Any] = {} if own is None else {"dpi": (own, own)}
    Image.new("L", (60, 40)).save(desk.work / "in.tiff", **said)
    assert desk.convert("in.tiff", "-o", "out.tif", *args)[0] == 0
    with Image.open(desk.work / "out.tif") as image:
        assert image.info["dpi"] == (dpi, dpi)


def test_less_quality_is_smaller(desk: Desk) -> None:
    """From 0 to 100."""
    Image.effect_noise((200, 200), 60).save(desk.work / "in.png")
    for quality in ("10", "95"):
        assert desk.convert("in.png", "-o", f"{quality}.jpg", "--quality", quality)[0] == 0
    small, large = (desk.work / f"{each}.jpg" for each in ("10", "95"))
    assert small.stat().st_size < large.stat().st_size


def test_json_tells_files_and_pages(desk: Desk) -> None:
    """And nothing else."""
    desk.lay_tiff()
    done = desk.home.flatbed("convert", "in.tiff", "-o", "p.png", "--pages", "1-2", "--json")
    assert (done.code, done.err) == (0, "")
    assert done.json == {"files": ["p-001.png", "p-002.png"], "pages": 2}


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"Dear all,\n", "The file is of no kind that is known here."),
        (DAMAGED, "damaged"),
    ],
    ids=["unknown", "damaged"],
)
def test_file_that_cannot_be_read_is_one_sentence(
    desk: Desk, content: bytes, sentence: str
) -> None:
    """Nothing is written, and no document stays."""
    (desk.work / "in.tiff").write_bytes(content)
    code, out, err = desk.convert("in.tiff", "-o", "out.pdf")
    assert (code, out) == (1, "")
    assert sentence in err
    assert len(err.splitlines()) == 1
    assert desk.home.files() == ["in.tiff"]
    assert desk.documents() == []


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        (("no.tiff", "-o", "a.png"), "'no.tiff' cannot be read: No such file or directory."),
        ((".", "-o", "a.png"), "'.' cannot be read: Is a directory."),
        (("empty", "-o", "a.png"), "'empty' is empty."),
        (
            ("in.tiff", "-o", "a.gif"),
            "'a.gif' does not end in .jpg, .jpeg, .png, .tif, .tiff, .pdf.",
        ),
        (("in.tiff", "-o", "a.png", "--pages", "0"), "'0' is not like 1-3,7 or 5-."),
        (("in.tiff", "-o", "a.png", "--quality", "9"), "a PNG loses nothing."),
    ],
    ids=["missing", "folder", "empty", "suffix", "pages", "quality"],
)
def test_wrong_arguments_are_wrong_usage(desk: Desk, args: tuple[str, ...], sentence: str) -> None:
    """Nothing was asked of the service, and nothing written."""
    desk.lay_tiff()
    (desk.work / "empty").touch()
    code, out, err = desk.convert(*args)
    assert (code, out) == (2, "")
    assert sentence in " ".join(err.split())
    assert desk.home.files() == ["empty", "in.tiff"]


def test_file_beyond_the_limit_is_refused(desk: Desk) -> None:
    """Before anything is sent."""
    with (desk.work / "in.tiff").open("wb") as file:
        file.truncate((200 << 20) + 1)
    assert desk.convert("in.tiff", "-o", "out.pdf") == (
        1,
        "",
        "in.tiff has more than 200 MB. Split it first.\n",
    )


def test_output_is_overwritten_only_with_force(desk: Desk) -> None:
    """Also one of the numbered files."""
    desk.lay_tiff()
    there = desk.work / "page-002.png"
    there.write_text("mine")
    assert desk.convert("in.tiff", "-o", "page.png") == (
        1,
        "",
        "page-002.png is there already. Choose another name, or overwrite with --force.\n",
    )
    assert (there.read_text(), desk.home.files()) == ("mine", ["in.tiff", "page-002.png"])
    assert desk.convert("in.tiff", "-o", "page.png", "--force")[0] == 0
    assert grays(there) == [120]


@pytest.mark.parametrize(
    ("source", "target"),
    [("in.tiff", "in.tiff"), ("page-002.png", "page.png"), ("in.tiff", "link.tiff")],
    ids=["same", "numbered", "link"],
)
def test_source_is_not_overwritten_even_with_force(desk: Desk, source: str, target: str) -> None:
    """Whatever its name is, and by whichever name."""
    path = desk.lay_tiff(source)
    (desk.work / "link.tiff").symlink_to(source)
    before, files = path.read_bytes(), desk.home.files()
    code, out, err = desk.convert(source, "-o", target, "--force")
    assert (code, out) == (1, "")
    assert err.endswith("is the file that is read. Choose another name with -o.\n")
    assert (path.read_bytes(), desk.home.files()) == (before, files)


def test_at_a_terminal_only_the_result_stays(desk: Desk) -> None:
    """The line that tells what is being done goes away."""
    desk.lay_tiff()
    terminal = desk.home.terminal("convert", "in.tiff", "-o", "out.pdf")
    terminal.wait_for("Reading in.tiff")
    terminal.wait_for("Writing out.pdf")
    done = terminal.wait()
    assert (done.code, done.out) == (0, "Saved 3 pages as out.pdf.\n")


def test_interruption_leaves_no_document_and_no_file(desk: Desk) -> None:
    """While the service reads a file that takes it seconds."""
    lay_many(desk.work / "in.tiff")
    terminal = desk.home.terminal("convert", "in.tiff", "-o", "out.pdf")
    terminal.wait_for("Reading in.tiff")
    assert len(desk.documents()) == 1
    terminal.press("\x03")
    assert terminal.wait().code == 130
    assert desk.documents() == []
    assert desk.home.files() == ["in.tiff"]


def test_pdf_of_scans_becomes_a_tiff(desk: Desk) -> None:
    """A page that is one picture keeps its own dots per inch."""
    desk.lay_tiff()
    assert desk.convert("in.tiff", "-o", "in.pdf")[0] == 0
    assert desk.convert("in.pdf", "-o", "out.tiff") == (
        0,
        "Saved 3 pages as out.tiff.\n",
        "",
    )
    assert grays(desk.work / "out.tiff") == [pytest.approx(gray, abs=3) for gray in GRAYS]
    with Image.open(desk.work / "out.tiff") as image:
        assert (image.size, image.info["dpi"]) == ((200, 100), (100, 100))


def test_pdf_is_drawn_with_the_dpi_that_was_asked_for(desk: Desk) -> None:
    """Its page is 2 x 1 inches."""
    with pikepdf.new() as pdf:
        pdf.add_blank_page(page_size=(144, 72))
        pdf.save(desk.work / "in.pdf")
    assert desk.convert("in.pdf", "-o", "out.tiff", "--dpi", "150")[0] == 0
    with Image.open(desk.work / "out.tiff") as image:
        assert (image.size, image.info["dpi"]) == ((300, 150), (150, 150))


def test_what_is_to_be_known_of_a_file_is_said(desk: Desk) -> None:
    """By the way, and the file is written."""
    with pikepdf.new() as pdf:
        pdf.add_blank_page(page_size=(144, 72))
        pdf.save(desk.work / "in.pdf")
    cut = (desk.work / "in.pdf").read_bytes().rstrip().removesuffix(b"%%EOF")
    (desk.work / "in.pdf").write_bytes(cut)
    assert desk.convert("in.pdf", "-o", "out.png") == (
        0,
        "Saved 1 page as out.png.\n",
        "Note: The PDF has no end mark and may be cut short. Look whether all is there.\n",
    )


def lay_secret(desk: Desk, password: str) -> None:
    """A PDF of one page with a password."""
    with pikepdf.new() as pdf:
        pdf.add_blank_page(page_size=(144, 72))
        pdf.save(desk.work / "in.pdf", encryption=pikepdf.Encryption(user=password, owner="owner"))


def test_password_from_a_file_opens_a_pdf(desk: Desk) -> None:
    """Its first line; another password, or none, is one sentence."""
    lay_secret(desk, "Straße 雨")
    (desk.work / "right").write_text("Straße 雨\n", "utf-8")
    (desk.work / "wrong").write_text("guess\n")
    command = ("in.pdf", "-o", "out.png")
    assert desk.convert(*command) == (
        1,
        "",
        "in.pdf has a password. Give it with --password-file.\n",
    )
    code, out, err = desk.convert(*command, "--password-file", "wrong")
    assert (code, out) == (1, "")
    assert err.startswith("The PDF has another password.")
    assert desk.home.files() == ["in.pdf", "right", "wrong"]
    assert desk.convert(*command, "--password-file", "right") == (
        0,
        "Saved 1 page as out.png.\n",
        "",
    )


def test_password_is_asked_for_at_a_terminal(desk: Desk) -> None:
    """Again after a wrong one, and never shown."""
    lay_secret(desk, "secret")
    terminal = desk.home.terminal("convert", "in.pdf", "-o", "out.png")
    terminal.wait_for("Password of in.pdf:")
    terminal.press("guess\n")
    terminal.wait_for("Password of in.pdf:")
    terminal.press("secret\n")
    done = terminal.wait()
    assert done.code == 0
    assert done.out.endswith("Saved 1 page as out.png.\n")
    assert "guess" not in done.out
    assert "secret" not in done.out


@pytest.mark.parametrize(("keys", "code"), [("\x03", 130), ("\n", 1)], ids=["ctrl-c", "enter"])
def test_password_that_is_not_given_leaves_nothing(desk: Desk, keys: str, code: int) -> None:
    """The document is there while the question stands, and gone afterwards."""
    lay_secret(desk, "secret")
    terminal = desk.home.terminal("convert", "in.pdf", "-o", "out.png")
    terminal.wait_for("Password of in.pdf:")
    assert len(desk.documents()) == 1
    terminal.press(keys)
    assert terminal.wait().code == code
    assert (desk.documents(), desk.home.files()) == ([], ["in.pdf"])


def test_password_is_asked_for_three_times(desk: Desk) -> None:
    """Then the command gives up, and nothing is written."""
    lay_secret(desk, "secret")
    terminal = desk.home.terminal("convert", "in.pdf", "-o", "out.png")
    for _ in range(3):
        terminal.wait_for("Password of in.pdf:")
        terminal.press("guess\n")
    done = terminal.wait()
    assert done.code == 1
    assert done.out.count("Password of in.pdf:") == 3
    assert done.out.endswith("The file has another password. Nothing was written; try again.\n")
    assert (desk.documents(), desk.home.files()) == ([], ["in.pdf"])


def test_password_that_no_header_can_have_is_that_of_no_file(desk: Desk) -> None:
    """It is refused before it is sent."""
    lay_secret(desk, "secret")
    (desk.work / "tab").write_text("se\tcret\n")
    assert desk.convert("in.pdf", "-o", "out.png", "--password-file", "tab") == (
        1,
        "",
        "No file has such a password. Nothing was changed; try again.\n",
    )
    assert (desk.documents(), desk.home.files()) == ([], ["in.pdf", "tab"])


def test_pdf_without_the_addon_names_it(home: Home) -> None:
    """Without a service it starts one for the moment, in which nothing stays either."""
    Image.new("L", (60, 40)).save(home.work / "in.png")
    done = home.flatbed("convert", "in.png", "-o", "out.pdf")
    assert (done.code, done.out) == (1, "")
    assert done.err.endswith("Switch it on with: flatbed addons enable pdf\n")
    assert home.files() == ["in.png"]
    assert home.flatbed("documents", "list", "--json").json == []


def test_without_a_service_one_is_started_for_the_moment(home: Home) -> None:
    """It ends with the command."""
    Image.new("L", (60, 40)).save(home.work / "in.png")
    done = home.flatbed("convert", "in.png", "-o", "out.jpg")
    assert (done.code, done.out, done.err) == (0, "Saved 1 page as out.jpg.\n", "")
    assert home.left_running() == []
    assert home.flatbed("documents", "list", "--json").json == []


def test_service_that_is_lost_leaves_no_document(home: Home) -> None:
    """It outlives its service, so another one is started to delete it."""
    lay_many(home.work / "in.tiff")
    with home.service() as service:
        terminal = home.terminal("convert", "in.tiff", "-o", "out.tiff")
        terminal.wait_for("Reading in.tiff")
        service.end(signal.SIGKILL)
        done = terminal.wait()
    assert done.code == 69
    assert "The connection to Flatbed's service broke. Try again." in done.out
    assert home.flatbed("documents", "list", "--json").json == []
    assert home.files() == ["in.tiff"]
