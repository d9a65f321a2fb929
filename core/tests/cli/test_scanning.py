"""`flatbed scan` when something goes wrong, at the scanner or at the files."""

from __future__ import annotations

import resource

from .home import LIMIT_S, Home

JAM = "Paper is stuck in the feeder. Open the cover, take the sheet out, close it, then continue."
FEEDER = ("--source", "feeder", "--dpi", "75")


def test_fault_saves_the_pages_before_it(office: Home) -> None:
    """The sentence, the files, the exit code."""
    done = office.flatbed("scan", "--device", "Jammer", *FEEDER, "-o", "page.jpg")
    assert (done.code, done.out) == (3, "Saved 2 pages as page-001.jpg to page-002.jpg.\n")
    assert done.err == (
        f"Scanning with Jammer.\nPage 1 scanned.\nPage 2 scanned.\n{JAM} Your 2 pages are safe.\n"
    )
    assert office.files() == ["page-001.jpg", "page-002.jpg"]


def test_fault_saves_the_pages_before_it_into_a_tiff(office: Home) -> None:
    """As one file too."""
    done = office.flatbed("scan", "--device", "Jammer", *FEEDER, "-o", "all.tiff")
    assert (done.code, done.out) == (3, "Saved 2 pages as all.tiff.\n")


def test_fault_before_the_first_page_leaves_no_file(office: Home) -> None:
    """Nothing is said to be saved."""
    done = office.flatbed("scan", "--device", "Cover", *FEEDER, "-o", "page.jpg")
    assert (done.code, done.out) == (3, "")
    assert done.err == "Scanning with Cover.\nThe cover is open. Close it, then continue.\n"
    assert office.files() == []


def test_fault_as_json_is_in_the_last_line(office: Home) -> None:
    """With its stable name."""
    done = office.flatbed("scan", "--device", "Cover", *FEEDER, "-o", "page.jpg", "--json")
    ended = done.events[-1]
    assert (done.code, done.err, ended["status"], ended["files"]) == (3, "", "faulted", [])
    assert (ended["error"]["error"], ended["error"]["code"]) == ("cover_open", -1005)


def test_pause_goes_on_in_the_same_job_after_enter(office: Home) -> None:
    """The sheet that jammed comes again, and the rest behind it."""
    options = ("--device", "Hall", *FEEDER, "--on-fault", "pause")
    terminal = office.terminal("scan", *options, "-o", "page.jpg")
    terminal.wait_for("Press Enter to go on, c to stop.")
    terminal.press("x\n")
    done = terminal.wait()
    assert (done.code, done.out) == (
        0,
        (
            f"Scanning with Hall.\n{JAM} Your page is safe.\nPress Enter to go on, c to stop.\n"
            "Saved 4 pages as page-001.jpg to page-004.jpg.\n"
        ),
    )


def test_pause_ends_at_c_and_keeps_the_pages(office: Home) -> None:
    """It ended at the fault, and that is what the exit code tells."""
    options = ("--device", "Jammer", *FEEDER, "--on-fault", "pause")
    terminal = office.terminal("scan", *options, "-o", "page.jpg")
    terminal.wait_for("Press Enter to go on, c to stop.")
    terminal.press("c")
    done = terminal.wait()
    assert (done.code, done.out) == (
        3,
        (
            f"Scanning with Jammer.\n{JAM} Your 2 pages are safe.\n"
            "Press Enter to go on, c to stop.\n"
            "Canceled.\nSaved 2 pages as page-001.jpg to page-002.jpg.\n"
        ),
    )


def test_pause_ends_at_ctrl_c_and_keeps_the_pages(office: Home) -> None:
    """With `--json`, which is asked at the terminal too."""
    options = ("--device", "Jammer", *FEEDER, "--on-fault", "pause", "--json")
    terminal = office.terminal("scan", *options, "-o", "page.jpg")
    terminal.wait_for('"event":"paused"')
    terminal.press("\x03")
    done = terminal.wait()
    assert done.code == 130
    assert office.files() == ["page-001.jpg", "page-002.jpg"]
    assert (done.events[-1]["event"], done.events[-1]["status"]) == ("ended", "canceled")


def test_pause_goes_on_when_somebody_else_says_so(office: Home) -> None:
    """At another window, say; no key is waited for any more."""
    options = ("--device", "Hall", *FEEDER, "--on-fault", "pause", "--json")
    terminal = office.terminal("scan", *options, "-o", "page.jpg")
    terminal.wait_for('"event":"paused"')
    office.ask("PATCH", terminal.events[0]["job"], {"status": "running"})
    done = terminal.wait()
    steps = [each.get("page", each["event"]) for each in done.events]
    assert done.code == 0
    assert steps.index("resumed") < steps.index(3)


def test_pause_that_somebody_else_ends_is_over_here_too(office: Home) -> None:
    """A web page or another program may answer first."""
    options = ("--device", "Jammer", *FEEDER, "--on-fault", "pause", "--json")
    terminal = office.terminal("scan", *options, "-o", "page.jpg")
    terminal.wait_for('"event":"paused"')
    office.ask("PATCH", terminal.events[0]["job"], {"status": "canceled"})
    done = terminal.wait()
    assert (done.code, done.events[-1]["status"]) == (130, "canceled")
    assert office.files() == ["page-001.jpg", "page-002.jpg"]


def test_busy_scanner_is_told_as_try_again_later(office: Home) -> None:
    """While another command has it."""
    first = office.terminal("scan", "--device", "Snail", *FEEDER, "-o", "first.jpg")
    first.wait_for("Scanning page 1")
    done = office.flatbed("scan", "--device", "Snail", *FEEDER, "-o", "second.jpg")
    assert (done.code, done.err) == (
        75,
        "'Snail' is in use by another job. Wait for it to end, or delete it.\n",
    )
    first.press("\x03")
    assert first.wait().code == 130


def test_limit_on_one_step_gives_the_scanner_up(office: Home) -> None:
    """Snail takes a second a page."""
    options = ("--device", "Snail", *FEEDER, "--timeout", "0.3")
    done = office.flatbed("scan", *options, "-o", "page.jpg")
    assert (done.code, done.out) == (3, "")
    assert done.err == (
        "Scanning with Snail.\n"
        "The scanner took too long to scan a page. Switch it off and on, then scan again.\n"
    )


def test_full_disk_is_told_and_the_page_can_be_had_elsewhere(office: Home) -> None:
    """A limit on the size of files does what a full disk does, in this process alone."""
    with office.start("scan", "--device", "Desk", "--dpi", "75", "-o", "page.png") as scan:
        resource.prlimit(scan.pid, resource.RLIMIT_FSIZE, (4096, 4096))
        out, err = scan.communicate(timeout=LIMIT_S)
    assert (scan.returncode, out) == (1, "")
    said = err.splitlines()[-1]
    hint = "What was scanned is kept; save it with: flatbed scan --job "
    assert said.startswith(f"page.png cannot be written: File too large. {hint}")
    assert office.files() == []
    again = office.flatbed("scan", "--job", said.partition(hint)[2].split()[0], "-o", "saved.png")
    assert (again.code, again.out) == (0, "Saved 1 page as saved.png.\n")


def test_pages_that_cannot_be_written_are_kept_and_can_be_had(office: Home) -> None:
    """A name that is taken meanwhile: the pages stay in the service, `--job` gets them."""
    first = office.terminal("scan", "--device", "Snail", *FEEDER, "-o", "page.jpg")
    first.wait_for("Scanning page 1")
    (office.work / "page-001.jpg").write_text("mine")
    done = first.wait()
    said = done.out.splitlines()[-1]
    assert done.code == 1
    assert said.startswith("page-001.jpg is there already. Nothing was overwritten.")
    hint = "What was scanned is kept; save it with: flatbed scan --job "
    assert hint in said
    assert (office.work / "page-001.jpg").read_text() == "mine"
    job = said.partition(hint)[2].split()[0]
    again = office.flatbed("scan", "--job", job, "-o", "saved.jpg")
    assert (again.code, again.out) == (0, "Saved 2 pages as saved-001.jpg to saved-002.jpg.\n")
    assert office.files() == ["page-001.jpg", "saved-001.jpg", "saved-002.jpg"]


FULL = {"DISK_START_MIN_MB": 0, "DISK_START_PERCENT": 0, "DISK_SHEET_MIN_MB": 1 << 30}
WAIT = (
    "The scan waits for 1073741824 MB of room on the disk and keeps the paper where it is."
    " Free some space; it goes on by itself."
)


def test_wait_for_room_is_told_before_it_is_given_up(home: Home) -> None:
    """Once, and then the fault; nothing was scanned."""
    home.set(DISK_WAIT_S=2, **FULL)
    done = home.flatbed("scan", *FEEDER, "-o", "page.jpg")
    assert (done.code, done.out) == (3, "")
    assert done.err.count(WAIT) == 1
    assert "of the 1073741824 MB that a sheet needs are free" in done.err
    assert home.files() == []


def test_wait_for_room_as_json_is_an_event(home: Home) -> None:
    """In the form of an error."""
    home.set(DISK_WAIT_S=2, **FULL)
    done = home.flatbed("scan", *FEEDER, "-o", "page.jpg", "--json")
    (waiting,) = [each for each in done.events if each["event"] == "waiting"]
    assert waiting == {
        "event": "waiting",
        "error": "disk_full",
        "code": -1022,
        "message": WAIT,
        "details": {},
    }
