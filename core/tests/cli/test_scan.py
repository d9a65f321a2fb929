"""`flatbed scan` at a running service: what comes into which files."""

from __future__ import annotations

import stat

import pytest
from PIL import Image

from .home import Home

QUICK = ("--device", "Desk", "--dpi", "75")
FEEDER = (*QUICK, "--source", "feeder")


def test_scan_of_one_page_keeps_the_name(office: Home) -> None:
    """The glass; lines on the standard error, the answer on the standard output."""
    done = office.flatbed("scan", *QUICK, "-o", "page.jpg")
    assert (done.code, done.out) == (0, "Saved 1 page as page.jpg.\n")
    assert done.err == "Scanning with Desk.\nPage 1 scanned.\n"
    assert office.files() == ["page.jpg"]
    with Image.open(office.work / "page.jpg") as image:
        assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (620, 877))


def test_scan_of_several_pages_numbers_them(office: Home) -> None:
    """All sheets of the feeder, in order, and nothing else beside them."""
    done = office.flatbed("scan", *FEEDER, "-o", "page.png")
    assert (done.code, done.out) == (0, "Saved 4 pages as page-001.png to page-004.png.\n")
    assert office.files() == ["page-001.png", "page-002.png", "page-003.png", "page-004.png"]
    pictures = {(office.work / name).read_bytes() for name in office.files()}
    assert len(pictures) == 4


def test_scan_of_one_page_from_the_feeder_keeps_the_name(office: Home) -> None:
    """With a limit, and nothing after it."""
    assert office.flatbed("scan", *FEEDER, "--pages", "1", "-o", "one.jpg").code == 0
    assert office.files() == ["one.jpg"]


def test_scan_of_the_only_sheet_keeps_the_name(home: Home) -> None:
    """Though there might have been more: nobody gave a number."""
    home.set(ADDONS__VIRTUAL__SHEETS=1)
    done = home.flatbed("scan", "--source", "feeder", "--dpi", "75", "-o", "page.jpg")
    assert (done.code, done.out) == (0, "Saved 1 page as page.jpg.\n")
    assert home.files() == ["page.jpg"]


def test_scan_into_a_tiff_puts_all_pages_into_it(office: Home) -> None:
    """With their resolution."""
    done = office.flatbed("scan", *FEEDER, "--color", "gray", "--pages", "3", "-o", "all.tiff")
    assert (done.code, done.out) == (0, "Saved 3 pages as all.tiff.\n")
    assert office.files() == ["all.tiff"]
    with Image.open(office.work / "all.tiff") as image:
        assert (image.mode, image.info["dpi"]) == ("L", (75.0, 75.0))
        assert getattr(image, "n_frames", None) == 3


@pytest.mark.parametrize(
    ("args", "mode", "size"),
    [
        (("--color", "bw"), "1", (620, 877)),
        (("--color", "gray", "--dpi", "100"), "L", (827, 1169)),
        (("--color", "color", "--page-size", "a5"), "RGB", (437, 620)),
        (("--page-size", "letter"), "RGB", (638, 825)),
        (("--page-size", "max"), "RGB", (620, 877)),
        (("--source", "flatbed"), "RGB", (620, 877)),
    ],
    ids=["bw", "gray", "a5", "letter", "max", "glass"],
)
def test_scan_with_settings_gets_them(
    office: Home, args: tuple[str, ...], mode: str, size: tuple[int, int]
) -> None:
    """In the words of the command line."""
    assert office.flatbed("scan", *QUICK, *args, "-o", "page.png").code == 0
    with Image.open(office.work / "page.png") as image:
        assert (image.mode, image.size) == (mode, size)


def test_scan_of_both_sides_gives_front_and_back(office: Home) -> None:
    """Two sheets have four sides."""
    done = office.flatbed("scan", *QUICK, "--source", "duplex", "--pages", "4", "-o", "side.jpg")
    assert (done.code, done.out) == (0, "Saved 4 pages as side-001.jpg to side-004.jpg.\n")


def test_scan_takes_the_scanner_that_was_used_last(office: Home) -> None:
    """And says which one."""
    assert office.flatbed("scan", "--device", "Hall", "--dpi", "75", "-o", "one.jpg").code == 0
    done = office.flatbed("scan", "--dpi", "75", "-o", "two.jpg")
    assert done.err.startswith("Scanning with Hall.\n")


@pytest.mark.parametrize(
    "named",
    ["f0f04f2f16542e09", "desk", "esk", '{"id": "f0f04f2f16542e09"}', "virtual:1"],
    ids=["id", "case", "part", "json", "driver's"],
)
def test_scan_finds_a_scanner_by_any_of_its_names(office: Home, named: str) -> None:
    """What `flatbed devices` shows, what programs keep, and what the driver says."""
    done = office.flatbed("scan", "--device", named, "--dpi", "75", "-o", "page.jpg")
    assert (done.code, done.err.splitlines()[0]) == (0, "Scanning with Desk.")


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (
            ("--device", "Attic"),
            "This scanner is not there. Switch it on, check its cable, and list scanners again.\n",
        ),
        (("--device", "a"), "'a' may be any of 'Jammer', 'Hall', 'Snail'. Say which.\n"),
        (
            (*QUICK, "--dpi", "77"),
            "The scanner has no 77 dpi. Choose from 75, 100, 150, 200, 300, 400, 600.\n",
        ),
    ],
    ids=["no such", "several", "resolution"],
)
def test_scan_that_cannot_be_says_why(office: Home, args: tuple[str, ...], said: str) -> None:
    """One sentence, and no file."""
    done = office.flatbed("scan", *args, "-o", "page.jpg")
    assert (done.code, done.out, done.err) == (1, "", said)
    assert office.files() == []


def test_scan_to_pdf_says_which_addon_it_needs(office: Home) -> None:
    """Before any paper moves: no scanner is named."""
    done = office.flatbed("scan", *FEEDER, "-o", "all.pdf")
    assert (done.code, done.out) == (1, "")
    assert done.err == (
        "The add-on 'pdf' is installed, but switched off."
        " Switch it on with: flatbed addons enable pdf\n"
    )


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("-o", "page.gif"), "--output"),
        ((), "--output"),
        (("-o", "page.jpg", "--source", "tray"), "--source"),
        (("-o", "page.jpg", "--dpi", "0"), "--dpi"),
        (("-o", "page.jpg", "--on-fault", "pause"), "--on-fault"),
    ],
    ids=["suffix", "no output", "source", "dpi", "no terminal to ask at"],
)
def test_scan_with_a_wrong_option_is_wrong_usage(
    office: Home, args: tuple[str, ...], said: str
) -> None:
    """Nothing is scanned."""
    done = office.flatbed("scan", *args)
    assert (done.code, done.out) == (2, "")
    assert said in done.err


@pytest.mark.parametrize(
    ("there", "target", "said"),
    [
        ("page.jpg", "page.jpg", "page.jpg is there already."),
        ("page-007.jpg", "page.jpg", "page-007.jpg is there already."),
        ("all.tiff", "all.tiff", "all.tiff is there already."),
        ("file", "file/page.jpg", "There is no folder file."),
        ("file", "away/page.jpg", "There is no folder away."),
    ],
    ids=["same", "numbered", "document", "no folder", "missing folder"],
)
def test_scan_onto_what_is_there_is_refused_beforehand(
    office: Home, there: str, target: str, said: str
) -> None:
    """No paper moves, nothing is overwritten."""
    (office.work / there).write_text("mine")
    done = office.flatbed("scan", *QUICK, "-o", target)
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith(said)
    assert (office.work / there).read_text() == "mine"
    assert office.files() == [there]


def test_scan_with_force_overwrites(office: Home) -> None:
    """Only what it writes."""
    (office.work / "page-001.jpg").write_text("old")
    (office.work / "page-003.jpg").write_text("old")
    done = office.flatbed("scan", *FEEDER, "--pages", "2", "--force", "-o", "page.jpg")
    assert done.code == 0
    assert (office.work / "page-001.jpg").read_bytes().startswith(b"\xff\xd8")
    assert (office.work / "page-003.jpg").read_text() == "old"


def test_scan_writes_files_as_the_umask_wants(office: Home) -> None:
    """Like any other program; temporary files are for their owner alone elsewhere."""
    office.flatbed("scan", *QUICK, "-o", "page.jpg")
    assert stat.S_IMODE((office.work / "page.jpg").stat().st_mode) == 0o644


def test_scan_tells_what_gave_way(office: Home) -> None:
    """A note, and the scan goes on."""
    done = office.flatbed("scan", *QUICK, "--page-size", "a3", "-o", "page.jpg")
    assert (done.code, done.err) == (
        0,
        (
            "Scanning with Desk.\n"
            "Note: A3 does not fit; the scanner's 216 x 356 mm are scanned.\n"
            "Page 1 scanned.\n"
        ),
    )


def test_scan_as_json_tells_each_step(office: Home) -> None:
    """One object a line, and nothing else."""
    done = office.flatbed("scan", *FEEDER, "--pages", "2", "-o", "page.jpg", "--json")
    assert (done.code, done.err) == (0, "")
    started, *events, ended = done.events
    assert (started["event"], started["scanner"]["name"]) == ("started", "Desk")
    assert [each for each in events if each["event"] == "page"] == [
        {"event": "page", "page": 1},
        {"event": "page", "page": 2},
    ]
    assert [each for each in events if each["event"] == "saved"] == [
        {"event": "saved", "file": "page-001.jpg"},
        {"event": "saved", "file": "page-002.jpg"},
    ]
    assert ended.pop("seconds") > 0
    assert ended == {
        "event": "ended",
        "status": "completed",
        "pages": 2,
        "files": ["page-001.jpg", "page-002.jpg"],
        "error": None,
    }


def test_scan_as_json_tells_a_failure_too(office: Home) -> None:
    """In the same stream, with the same exit code."""
    done = office.flatbed("scan", "--device", "Attic", "-o", "page.jpg", "--json")
    assert (done.code, done.err) == (1, "")
    assert done.events == [
        {
            "event": "failed",
            "error": "scanner_not_found",
            "code": -1040,
            "message": "This scanner is not there. Switch it on, check its cable, and list"
            " scanners again.",
        }
    ]


def test_scan_at_a_terminal_leaves_two_lines(office: Home) -> None:
    """The line that changed is gone."""
    terminal = office.terminal("scan", *FEEDER, "--pages", "3", "-o", "page.jpg")
    terminal.wait_for("Scanning page 3 of 3")
    done = terminal.wait()
    assert (done.code, done.out) == (
        0,
        "Scanning with Desk.\nSaved 3 pages as page-001.jpg to page-003.jpg.\n",
    )


def test_scan_leaves_no_job_behind(office: Home) -> None:
    """The scanner is free at once, and the pages do not stay in the buffer too."""
    done = office.flatbed("scan", *QUICK, "-o", "page.jpg", "--json")
    again = office.flatbed("scan", "--job", done.events[0]["job"], "-o", "again.jpg")
    assert (again.code, again.err) == (
        1,
        "This job has ended and was deleted. Create a new one.\n",
    )
