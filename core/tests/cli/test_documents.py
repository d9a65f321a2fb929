"""`flatbed documents`: listing, showing, exporting and deleting at a real service."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageSequence

from flatbed.builtin.imaging.tiff_compression import Compression
from flatbed.cli.document_choice import choose_document, shorten
from flatbed.cli.document_client import DocumentEntry
from flatbed.cli.document_export import COMPRESSIONS, PageSelection
from flatbed.errors import DocumentNotFoundError, InvalidInputError, PageNotFoundError

from .home import LIMIT_S, Home

WEB = "https://scan.example"
DOCUMENTS = "/api/storage/documents"
JOBS = "/api/device/scanners/jobs"
SHEETS = 4


class Shelf:
    """A home with a service, and what another program keeps there.

    Args:
        home: Where the service runs.
        url: The service's.
    """

    def __init__(self, home: Home, url: str) -> None:
        self.home, self._url = home, url
        self._job = ""

    def flatbed(self, *args: str) -> tuple[int, str, str]:
        """Exit code, standard output and standard error of a command."""
        done = self.home.flatbed("documents", *args)
        return done.code, done.out, done.err

    def ask(
        self, verb: str, path: str, body: Any = None, *, headers: dict[str, str] | None = None
    ) -> Any:
        """What the service answers; None where it has no body."""
        data = None if body is None else json.dumps(body).encode()
        own = {"Content-Type": "application/json", **(headers or {})}
        request = urllib.request.Request(self._url + path, data, own, method=verb)
        with urllib.request.urlopen(request, timeout=LIMIT_S) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def scan(self) -> None:
        """Scan the pages that documents are made of."""
        config = {"Resolution": 75, "PixelType": 1, "IfFeederEnabled": True}
        self._job = self.ask("POST", JOBS, {"config": config})["jobuid"]
        while self.ask("GET", f"{JOBS}/{self._job}/next-page-info") is not None:
            continue

    def keep(self, *pages: int, origin: str | None = None, **wanted: str) -> str:
        """Make a document of some of the pages, by their places from 0; its uid."""
        headers = {"Origin": origin} if origin else {}
        uid = str(self.ask("POST", DOCUMENTS, wanted, headers=headers)["uid"])
        if "password" in wanted:
            octets = wanted["password"].encode().decode("latin-1")
            headers["DWT-DOC-PASSWORD"] = octets
        for page in pages:
            source = {"source": f"{JOBS}/{self._job}/content?page={page}"}
            self.ask("POST", f"{DOCUMENTS}/{uid}/pages", source, headers=headers)
        return uid

    def uids(self) -> list[str]:
        """The documents that are there."""
        return [entry["uid"] for entry in self.ask("GET", DOCUMENTS)]

    def pictures(self) -> list[str]:
        """What the scanned pages look like, in order."""
        looks = []
        for place in range(SHEETS):
            url = f"{self._url}{JOBS}/{self._job}/content?type=image/png&page={place}"
            with urllib.request.urlopen(url, timeout=LIMIT_S) as answer, Image.open(answer) as page:
                looks.append(look(page))
        return looks

    def clear(self) -> None:
        """Delete all documents."""
        for uid in self.uids():
            self.ask("DELETE", f"{DOCUMENTS}/{uid}")


def look(picture: Image.Image) -> str:
    """What a picture looks like, pixel by pixel."""
    return picture.convert("L").tobytes().hex()


def looks(path: Path) -> list[str]:
    """What the pages of a file look like."""
    with Image.open(path) as file:
        return [look(page) for page in ImageSequence.Iterator(file)]


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    """A service with four scanned pages."""
    home = Home(
        tmp_path_factory.mktemp("library"), ALLOWED_ORIGINS=[WEB], ADDONS__PDF__ENABLED=False
    )
    with home.service() as service:
        made = Shelf(home, service.url)
        made.scan()
        yield made
    assert home.left_running() == []


@pytest.fixture
def shelf(library: Shelf, tmp_path: Path) -> Iterator[Shelf]:
    """The library without documents, and an empty folder to work in."""
    library.home.work = tmp_path
    yield library
    library.home.close_terminals()
    library.clear()


def test_documents_without_a_command_says_which_there_are(shelf: Shelf) -> None:
    """Whoever types just the name finds the way."""
    _, out, err = shelf.flatbed()
    for command in ("list", "show", "export", "delete"):
        assert f"\n  {command}" in out + err


@pytest.mark.parametrize("command", ["list", "show", "export", "delete"])
def test_documents_help_has_examples(shelf: Shelf, command: str) -> None:
    """An example is what most people read."""
    code, out, _ = shelf.flatbed(command, "--help")
    assert code == 0
    assert f"\n  Examples:\n    flatbed documents {command}" in out


def test_list_is_a_table_of_all_documents(shelf: Shelf) -> None:
    """Those of programs and of web pages, oldest first, with the beginning of the uid."""
    letters = shelf.keep(0, 1, 2, name="Letters")
    secret = shelf.keep(3, password="secret")
    web = shelf.keep(name="Web\x1b[2J", origin=WEB)
    code, out, err = shelf.flatbed("list")
    assert (code, err) == (0, "")
    assert [line.split(maxsplit=4) for line in out.splitlines()] == [
        ["Name", "Uid", "Pages", "Whose", "Password"],
        ["Letters", letters[:8], "3", "local", "no"],
        [secret[:8], "1", "local", "yes"],
        ["Web\N{REPLACEMENT CHARACTER}[2J", web[:8], "0", WEB, "no"],
    ]


def test_list_json_has_whole_uids(shelf: Shelf) -> None:
    """And everything else of the list."""
    uid = shelf.keep(0, name="Letters")
    assert shelf.home.flatbed("documents", "list", "--json").json == [
        {"uid": uid, "pages": 1, "hasPassword": False, "name": "Letters", "origin": "local"}
    ]


@pytest.mark.parametrize(("origin", "name"), [(WEB, "theirs"), ("local", "mine")])
def test_list_of_an_origin_has_only_those(shelf: Shelf, origin: str, name: str) -> None:
    """By the origin as it stands in the table."""
    shelf.keep(name="mine")
    shelf.keep(name="theirs", origin=WEB)
    done = shelf.home.flatbed("documents", "list", "--json", "--origin", origin)
    assert [each["name"] for each in done.json] == [name]


def test_list_of_nothing_says_how_documents_come_to_be(shelf: Shelf) -> None:
    """Beside the answer, which is empty."""
    assert shelf.flatbed("list") == (
        0,
        "",
        (
            "There are no documents yet. Web pages and programs make them of pages that they scan;"
            " flatbed scan writes files instead.\n"
        ),
    )
    assert shelf.flatbed("list", "--json") == (0, "[]\n", "")
    shelf.keep()
    assert shelf.flatbed("list", "--origin", WEB) == (0, "", f"There are no documents of {WEB}.\n")


def test_show_tells_facts_and_pages(shelf: Shelf) -> None:
    """Metadata as JSON, pages from 1."""
    uid = shelf.keep(0, 1, name="Letters")
    path = f"{DOCUMENTS}/{uid}"
    first, second = (page["uid"] for page in shelf.ask("GET", path)["pages"])
    shelf.ask("PATCH", path, {"metadata": {"year": 1926}})
    shelf.ask("POST", f"/api/storage/pages/{second}/edits", {"op": "rotate", "angle": 90})
    code, out, err = shelf.flatbed("show", "Letters")
    assert (code, err) == (0, "")
    assert out == (
        "Name       Letters\n"
        f"Uid        {uid}\n"
        "Whose      local\n"
        "Password   no\n"
        "Pages      2\n"
        'Metadata   {"year":1926}\n'
        "\n"
        "Page   Paper          Pixels      Dpi   Color   Edits    Uid\n"
        f"1      210 x 297 mm   620 x 877   75    gray    -        {first[:12]}\n"
        f"2      297 x 210 mm   877 x 620   75    gray    rotate   {second[:12]}\n"
    )


def test_show_json_has_what_the_service_tells(shelf: Shelf) -> None:
    """Of the document, and whose it is."""
    uid = shelf.keep(0, name="Letters")
    shelf.ask("PATCH", f"{DOCUMENTS}/{uid}", {"metadata": "by hand"})
    told = shelf.ask("GET", f"{DOCUMENTS}/{uid}")
    shown = shelf.home.flatbed("documents", "show", uid[:8], "--json").json
    assert shown == {
        "uid": uid,
        "pages": [shelf.ask("GET", f"/api/storage/pages/{page['uid']}") for page in told["pages"]],
        "canUndo": True,
        "canRedo": False,
        "name": "Letters",
        "metadata": "by hand",
        "origin": "local",
        "hasPassword": False,
    }


@pytest.mark.parametrize("command", [("show",), ("export", "-o", "a.png"), ("delete", "--yes")])
def test_document_that_is_not_there_is_one_sentence(shelf: Shelf, command: tuple[str, ...]) -> None:
    """The same of all commands; nothing is written or deleted."""
    uid = shelf.keep(0)
    code, out, err = shelf.flatbed(*command, "Letters")
    assert (code, out) == (1, "")
    assert err == (
        "There is no document 'Letters'. See which there are with: flatbed documents list\n"
    )
    assert (shelf.uids(), shelf.home.files()) == ([uid], [])


def test_name_of_two_origins_asks_for_the_uid(shelf: Shelf) -> None:
    """A name is unique within an origin only."""
    shelf.keep(name="Letters")
    web = shelf.keep(name="Letters", origin=WEB)
    code, out, err = shelf.flatbed("show", "Letters")
    assert (code, out) == (1, "")
    assert err.startswith("'Letters' may be any of ")
    assert err.endswith("Give the uid.\n")
    assert shelf.home.flatbed("documents", "show", web[:12], "--json").json["uid"] == web


def entry(uid: str, name: str | None = None) -> DocumentEntry:
    """A document as the list has it."""
    return DocumentEntry(uid, 1, has_password=False, name=name)


LIKE = [entry("aaaa11112222", "aaaa1"), entry("aaaa11113333"), entry("bbbb00000000", "BBBB")]


@pytest.mark.parametrize(
    ("wanted", "uid"),
    [
        ("aaaa11113333", "aaaa11113333"),
        ("aaaa11113", "aaaa11113333"),
        ("AAAA11113", "aaaa11113333"),
        ("aaaa1", "aaaa11112222"),
        ("bbbb", "bbbb00000000"),
    ],
    ids=["whole", "beginning", "upper-case", "name-first", "four"],
)
def test_choose_takes_uid_name_and_beginning(wanted: str, uid: str) -> None:
    """The exact ones first."""
    assert choose_document(LIKE, wanted).uid == uid


@pytest.mark.parametrize("wanted", ["bbb", "", "cccc", "bbbb000000000"])
def test_choose_of_what_is_not_there_finds_nothing(wanted: str) -> None:
    """Fewer than four characters are no uid."""
    with pytest.raises(DocumentNotFoundError):
        choose_document(LIKE, wanted)


def test_choose_of_what_may_be_several_names_them() -> None:
    """As long as it takes to tell them apart."""
    with pytest.raises(InvalidInputError) as raised:
        choose_document(LIKE, "aaaa1111")
    assert raised.value.message == (
        "'aaaa1111' may be any of aaaa11112 (aaaa1), aaaa11113 (local). Give the uid."
    )


def test_shorten_gives_eight_characters_where_they_do() -> None:
    """More only where two are alike."""
    assert shorten(LIKE[1:]) == {"aaaa11113333": "aaaa1111", "bbbb00000000": "bbbb0000"}
    assert shorten([]) == {}


def test_export_into_a_tiff_has_all_pages(shelf: Shelf) -> None:
    """In the order of the document, as they were scanned."""
    shelf.keep(2, 0, 1, name="Letters")
    assert shelf.flatbed("export", "Letters", "-o", "all.tiff") == (
        0,
        "Saved 3 pages as all.tiff.\n",
        "",
    )
    assert shelf.home.files() == ["all.tiff"]
    first, second, third, _ = shelf.pictures()
    assert looks(shelf.home.work / "all.tiff") == [third, first, second]


@pytest.mark.parametrize("suffix", ["png", "jpg"])
def test_export_of_several_pages_numbers_them(shelf: Shelf, suffix: str) -> None:
    """As a scan does."""
    shelf.keep(0, 1, name="Letters")
    code, out, _ = shelf.flatbed("export", "Letters", "-o", f"page.{suffix}")
    assert (code, out) == (0, f"Saved 2 pages as page-001.{suffix} to page-002.{suffix}.\n")
    assert shelf.home.files() == [f"page-001.{suffix}", f"page-002.{suffix}"]


def test_export_of_a_selection_counts_from_one(shelf: Shelf) -> None:
    """Ranges and single pages in the order that was asked for; one page keeps the name."""
    shelf.keep(0, 1, 2, 3, name="Letters")
    first, second, third, fourth = shelf.pictures()
    folder = shelf.home.work
    assert shelf.flatbed("export", "Letters", "--pages", "4,1-2", "-o", "some.tiff")[0] == 0
    assert looks(folder / "some.tiff") == [fourth, first, second]
    assert shelf.flatbed("export", "Letters", "--pages", "3", "-o", "one.png")[0] == 0
    assert looks(folder / "one.png") == [third]
    assert shelf.flatbed("export", "Letters", "--pages", "3-", "-o", "end.png")[0] == 0
    assert looks(folder / "end-001.png") + looks(folder / "end-002.png") == [third, fourth]
    assert len(shelf.home.files()) == 4


def test_export_of_a_page_that_is_not_there_writes_nothing(shelf: Shelf) -> None:
    """It says how many there are."""
    shelf.keep(0, 1, name="Letters")
    assert shelf.flatbed("export", "Letters", "--pages", "1-3", "-o", "a.tiff") == (
        1,
        "",
        "There is no page 3: the document has 2 pages. Nothing was written.\n",
    )
    assert shelf.home.files() == []


def test_export_of_an_empty_document_writes_nothing(shelf: Shelf) -> None:
    """There is no file of no pages."""
    shelf.keep(name="Letters")
    assert shelf.flatbed("export", "Letters", "-o", "a.tiff") == (
        1,
        "",
        "The document has no pages. Nothing was written.\n",
    )
    assert shelf.home.files() == []


@pytest.mark.parametrize(
    ("name", "number"), [("none", 1), ("lzw", 5), ("jpeg", 7), ("fax4", 4), ("packbits", 32773)]
)
def test_export_with_a_compression_writes_it(shelf: Shelf, name: str, number: int) -> None:
    """By name, as tag 259 of the TIFF says it."""
    shelf.keep(0, name="Letters")
    assert shelf.flatbed("export", "Letters", "-o", "a.tiff", "--compression", name)[0] == 0
    with Image.open(shelf.home.work / "a.tiff") as image:
        assert getattr(image, "tag_v2", {})[259] == number


def test_compressions_are_those_of_the_writer() -> None:
    """Every one has a name here."""
    assert {name.upper(): number for name, number in COMPRESSIONS.items()} == {
        each.name: each.value for each in Compression
    }


def test_export_with_less_quality_is_smaller(shelf: Shelf) -> None:
    """From 0 to 100."""
    shelf.keep(0, name="Letters")
    for quality in ("10", "95"):
        command = ("export", "Letters", "-o", f"{quality}.jpg", "--quality", quality)
        assert shelf.flatbed(*command)[0] == 0
    small, large = (shelf.home.work / f"{each}.jpg" for each in ("10", "95"))
    assert small.stat().st_size < large.stat().st_size


def test_export_never_overwrites_without_force(shelf: Shelf) -> None:
    """Also one of the numbered files; with --force it does."""
    shelf.keep(0, 1, name="Letters")
    there = shelf.home.work / "page-002.png"
    there.write_text("mine")
    command = ("export", "Letters", "-o", "page.png")
    assert shelf.flatbed(*command) == (
        1,
        "",
        "page-002.png is there already. Choose another name, or overwrite with --force.\n",
    )
    assert (there.read_text(), shelf.home.files()) == ("mine", ["page-002.png"])
    assert shelf.flatbed(*command, "--force")[0] == 0
    assert looks(there) == shelf.pictures()[1:2]


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        (("-o", "a.gif"), "'a.gif' does not end in .jpg, .jpeg, .png, .tif, .tiff, .pdf."),
        (("-o", "a.png", "--pages", "0"), "'0' is not like 1-3,7 or 5-."),
        (("-o", "a.png", "--pages", "3-1"), "'3-1' is not like 1-3,7 or 5-."),
        (("-o", "a.png", "--compression", "lzw"), "it is for .tiff only."),
        (("-o", "a.png", "--quality", "9"), "a PNG loses nothing."),
        (("-o", "a.png", "--password-file", "no"), "'no' cannot be read: No such file"),
    ],
    ids=["suffix", "zero", "backwards", "compression", "quality", "password"],
)
def test_export_with_wrong_options_is_wrong_usage(
    shelf: Shelf, args: tuple[str, ...], sentence: str
) -> None:
    """Nothing was asked of the service, and nothing written."""
    code, out, err = shelf.flatbed("export", "Letters", *args)
    assert (code, out) == (2, "")
    assert sentence in " ".join(err.split())
    assert shelf.home.files() == []


def test_export_to_pdf_without_the_addon_tells_the_service_s_sentence(shelf: Shelf) -> None:
    """It names the add-on; no file stays behind."""
    shelf.keep(0, name="Letters")
    assert shelf.flatbed("export", "Letters", "-o", "all.pdf") == (
        1,
        "",
        (
            "The add-on 'pdf' is installed, but switched off."
            " Switch it on with: flatbed addons enable pdf\n"
        ),
    )
    assert shelf.home.files() == []


PARSED = [
    ("1", 3, [0]),
    ("1-3,7", 7, [0, 1, 2, 6]),
    (" 2 - 3 , 1", 3, [1, 2, 0]),
    ("2-", 4, [1, 2, 3]),
    ("2,2", 2, [1, 1]),
]


@pytest.mark.parametrize(("text", "count", "places"), PARSED, ids=[each[0] for each in PARSED])
def test_selection_gives_places_from_zero(text: str, count: int, places: list[int]) -> None:
    """In the order that was asked for, twice if asked for twice."""
    assert PageSelection.parse(text).places(count) == places


@pytest.mark.parametrize("text", ["", ",", "1,", "-", "-3", "0", "a", "1-2-3", "²", "9" * 10])
def test_selection_of_no_pages_is_refused(text: str) -> None:
    """Whatever is no range of pages from 1."""
    with pytest.raises(ValueError, match=r"^"):
        PageSelection.parse(text)


@pytest.mark.parametrize("text", ["4", "1-999999999", "4-"])
def test_selection_past_the_end_says_so(text: str) -> None:
    """Before anything is made of it."""
    with pytest.raises(PageNotFoundError, match="the document has 3 pages"):
        PageSelection.parse(text).places(3)


@pytest.mark.parametrize("password", ["secret", "Straße 雨"], ids=["ascii", "unicode"])
def test_password_from_a_file_opens_a_document(shelf: Shelf, password: str) -> None:
    """Its first line, without the end of the line."""
    shelf.keep(0, name="Letters", password=password)
    file = shelf.home.folder / "password.txt"
    file.write_text(f"{password}\r\nof the letters\n", "utf-8")
    option = ("--password-file", str(file))
    assert shelf.flatbed("export", "Letters", "-o", "a.png", *option)[0] == 0
    assert looks(shelf.home.work / "a.png") == shelf.pictures()[:1]
    code, out, _ = shelf.flatbed("show", "Letters", *option)
    assert code == 0
    assert "Password   yes\n" in out


@pytest.mark.parametrize("content", ["Secret\n", "se\tcret\n"], ids=["other", "tab"])
def test_wrong_password_is_one_sentence(shelf: Shelf, content: str) -> None:
    """Nothing is written."""
    shelf.keep(0, name="Letters", password="secret")
    file = shelf.home.folder / "password.txt"
    file.write_text(content)
    assert shelf.flatbed("export", "Letters", "-o", "a.png", "--password-file", str(file)) == (
        1,
        "",
        "The document has another password. Nothing was changed; try again.\n",
    )
    assert shelf.home.files() == []


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty."),
        (b"\nsecret\n", "is empty."),
        (b"secr\xe8t\n", "is not text in UTF-8."),
    ],
    ids=["empty", "second-line", "latin-1"],
)
def test_password_file_without_a_password_is_wrong_usage(
    shelf: Shelf, content: bytes, sentence: str
) -> None:
    """Nothing is asked of the service."""
    (shelf.home.work / "password.txt").write_bytes(content)
    code, out, err = shelf.flatbed("show", "Letters", "--password-file", "password.txt")
    assert (code, out) == (2, "")
    assert sentence in " ".join(err.split())


def test_password_without_a_terminal_names_the_option(shelf: Shelf) -> None:
    """There is nobody to ask."""
    shelf.keep(0, name="Letters", password="secret")
    assert shelf.flatbed("show", "Letters") == (
        1,
        "",
        "'Letters' has a password. Give it with --password-file.\n",
    )


def test_password_is_asked_for_at_a_terminal_without_echo(shelf: Shelf) -> None:
    """Again after a wrong one, and never shown."""
    shelf.keep(0, name="Letters", password="secret")
    terminal = shelf.home.terminal("documents", "export", "Letters", "-o", "a.png")
    terminal.wait_for("Password of 'Letters':")
    terminal.press("guess\n")
    terminal.wait_for("try again.\r\nPassword of 'Letters':")
    terminal.press("secret\n")
    done = terminal.wait()
    assert done.code == 0
    assert "Saved 1 page as a.png.\n" in done.out
    assert "guess" not in done.out
    assert "secret" not in done.out


@pytest.mark.parametrize(("keys", "code"), [("\x03", 130), ("\x04", 1), ("\n", 1)])
def test_password_that_is_not_given_ends_the_command(shelf: Shelf, keys: str, code: int) -> None:
    """By Ctrl-C, Ctrl-D, or nothing but Enter."""
    shelf.keep(0, name="Letters", password="secret")
    terminal = shelf.home.terminal("documents", "show", "Letters")
    terminal.wait_for("Password of 'Letters':")
    terminal.press(keys)
    assert terminal.wait().code == code


def test_delete_without_asking_deletes_all_that_are_named(shelf: Shelf) -> None:
    """Each once, by name or uid; the others stay, and no password is needed."""
    shelf.keep(0, name="Letters", password="secret")
    nameless, other = shelf.keep(1), shelf.keep(2)
    assert shelf.flatbed("delete", "--yes", "Letters", nameless[:8], nameless) == (
        0,
        f"Deleted 'Letters'.\nDeleted {nameless[:8]}.\n",
        "",
    )
    assert shelf.uids() == [other]


def test_delete_of_several_deletes_none_if_one_is_not_there(shelf: Shelf) -> None:
    """They are all looked for first."""
    uid = shelf.keep(0)
    code, out, _ = shelf.flatbed("delete", "--yes", uid, "Letters")
    assert (code, out, shelf.uids()) == (1, "", [uid])


def test_delete_without_a_terminal_wants_to_be_told(shelf: Shelf) -> None:
    """A program says --yes."""
    uid = shelf.keep(0, name="Letters")
    code, out, err = shelf.flatbed("delete", "Letters")
    assert (code, out) == (2, "")
    sentence = "Invalid value for '--yes': without it, there must be a terminal to ask at."
    assert f"{sentence} Nothing was deleted." in " ".join(err.split())
    assert shelf.uids() == [uid]


def test_delete_asks_with_name_and_pages(shelf: Shelf) -> None:
    """Whose it is as well, where it is a web page's."""
    shelf.keep(origin=WEB, name="Letters")
    terminal = shelf.home.terminal("documents", "delete", "Letters")
    terminal.wait_for(f"Delete 'Letters' of {WEB} (0 pages)? It cannot be undone. [y/N] ")
    terminal.press("y\n")
    assert terminal.wait().code == 0
    assert shelf.uids() == []


@pytest.mark.parametrize(
    ("keys", "code"),
    [("n\n", 1), ("\n", 1), ("\x04", 1), ("\x03", 130)],
    ids=["no", "enter", "end", "interrupt"],
)
def test_delete_that_is_not_confirmed_deletes_nothing(shelf: Shelf, keys: str, code: int) -> None:
    """Whatever is not a yes; of several documents each is told."""
    first, second = shelf.keep(0, name="Letters"), shelf.keep(0, 1)
    terminal = shelf.home.terminal("documents", "delete", "Letters", second)
    terminal.wait_for("Delete these 2 documents? It cannot be undone. [y/N] ")
    terminal.press(keys)
    done = terminal.wait()
    assert done.code == code
    assert f"  'Letters' (1 page)\n  {second[:8]} (2 pages)\n" in done.out
    assert ("Nothing was deleted." in done.out) == (code == 1)
    assert sorted(shelf.uids()) == sorted([first, second])


def test_documents_without_a_service_starts_one_for_the_moment(home: Home) -> None:
    """It finds what an earlier service kept, and leaves nothing behind."""
    with home.service() as service:
        shelf = Shelf(home, service.url)
        shelf.scan()
        uid = shelf.keep(0, 1, name="Letters")
    assert f"Letters   {uid[:8]}   2" in shelf.flatbed("list")[1]
    assert shelf.flatbed("export", "Letters", "-o", "all.tiff") == (
        0,
        "Saved 2 pages as all.tiff.\n",
        "",
    )
    assert shelf.flatbed("delete", "--yes", "Letters") == (0, "Deleted 'Letters'.\n", "")
    assert shelf.flatbed("list", "--json")[1] == "[]\n"
    assert home.left_running() == []


def test_documents_with_a_service_that_cannot_start_tells_its_sentence(home: Home) -> None:
    """As every other command."""
    home.data.write_text("")
    done = home.flatbed("documents", "list")
    assert (done.code, done.out) == (1, "")
    assert "cannot be used (Not a directory)" in done.err
