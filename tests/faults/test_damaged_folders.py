"""F15: the service starts, or says what to do; it deletes nothing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.faults import damaged_folders as faults
from tests.faults.damaged_folders import NOBODY, Damage, Folder, fill, refuse
from tests.faults.rig import JOBS, Rig

needs_root = pytest.mark.skipif(os.getuid() != 0, reason="only root can become another user")


AS_NOBODY = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    """A folder as a killed service left it."""
    return fill(tmp_path_factory.mktemp("f15"))


@pytest.fixture
def folder(original: Folder, tmp_path: Path) -> Iterator[Folder]:
    """A copy of it, to be damaged."""
    copy = copy_to(original, tmp_path)
    yield copy
    for worker in copy.rig.workers():
        worker.kill()


@pytest.fixture
def reachable(original: Folder) -> Iterator[Folder]:
    """A copy of it where other users can get to it, as they can to the code."""
    tried = subprocess.run(
        [*AS_NOBODY, sys.executable, "-c", "import flatbed.cli"],
        capture_output=True,
        check=False,
    )
    if tried.returncode:
        pytest.skip("another user cannot read this checkout")
    with tempfile.TemporaryDirectory(prefix="flatbed-f15-") as place:
        Path(place).chmod(0o755)
        yield copy_to(original, Path(place))


def copy_to(original: Folder, place: Path) -> Folder:
    """A copy of a folder."""
    shutil.copytree(original.rig.folder, place, dirs_exist_ok=True)
    rig = Rig(place, dict(original.rig.environment))
    pages = [place / path.relative_to(original.rig.folder) for path in original.pages]
    return Folder(rig, original.job, pages, original.digests)


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (faults.garble_index, "cannot be read (file is not a database). Nothing was deleted."),
        (faults.garble_index_behind_header, "Nothing was deleted. Put back a copy, or move"),
        (faults.empty_index, "Nothing was deleted. Put back a copy, or move index.sqlite* away"),
        (faults.cut_index, "(database disk image is malformed). Nothing was deleted."),
        (faults.age_index, "was written by a newer Flatbed. Nothing was changed; update this one."),
        (faults.lose_key, "is missing. Nothing was deleted; put the file back, or choose another"),
        (faults.swap_key, "is not the one that they were stored with. Nothing was deleted; put"),
        (faults.lose_id, "is missing. Nothing was deleted; put it back, or choose another"),
    ],
    ids=lambda each: getattr(each, "__name__", ""),
)
def test_service_that_cannot_start_says_why_and_deletes_nothing(
    folder: Folder, damage: Damage, sentence: str
) -> None:
    """Exit code 1 and one sentence; what it was about is as it was, also after a second try."""
    damage(folder)
    before = folder.listing()
    for _ in "12":
        refusal = refuse(folder)
        assert refusal.code == 1
        assert sentence in refusal.sentence
        assert folder.listing() == before


@pytest.mark.parametrize(
    "damage",
    [faults.cut_log, faults.empty_log, faults.garble_log, faults.lose_index],
    ids=lambda each: each.__name__,
)
def test_service_without_its_last_commits_starts_and_keeps_every_page_file(
    folder: Folder, damage: Damage
) -> None:
    """What the index does not know any more may stand in a copy of it that somebody has."""
    damage(folder)
    before = folder.stored()
    start_and_stop(folder)
    start_and_stop(folder)
    assert before.items() <= folder.stored().items()


@pytest.mark.parametrize("damage", [faults.halve_page, faults.lose_page], ids=["half", "missing"])
def test_damaged_page_is_named_and_the_others_are_handed_out(
    folder: Folder, damage: Damage
) -> None:
    """In the log at the start, by the check on demand, and to whoever wants the page."""
    damage(folder)
    before = folder.stored()
    folder.rig.start()
    try:
        report = folder.rig.ask("POST", "/api/storage/check", {"deep": True})
        assert [each["uid"] for each in report["damaged"]] == [folder.pages[1].stem]
        assert report["pages"] == faults.PAGES
        for place in (0, 2):
            assert digest(folder, place) == folder.digests[place]
        answer = folder.rig.client.get(f"{JOBS}/{folder.job}/content?page=1")
        assert (answer.status_code, answer.json()["error"]) == (500, "page_corrupt")
    finally:
        folder.rig.stop()
    assert folder.stored() == before
    log = (folder.data / "log" / "flatbed.log").read_text()
    assert f"page={folder.pages[1].stem}" in log


def test_moving_a_damaged_index_away_lets_the_service_start(folder: Folder) -> None:
    """The way out that the sentence names: it works, scans, and keeps what it does not know."""
    faults.garble_index(folder)
    assert "move index.sqlite* away to start with an empty one" in refuse(folder).sentence
    faults.lose_index(folder)
    before = folder.stored()
    folder.rig.start()
    try:
        job = folder.rig.scan("Flatbed virtual scanner")
        assert folder.rig.wait_for_end(job)["pages"] == faults.PAGES
        report = folder.rig.ask("POST", "/api/storage/check", {"deep": True})
        assert (report["pages"], report["unknownFiles"]) == (faults.PAGES, len(before))
    finally:
        folder.rig.stop()
    assert before.items() <= folder.stored().items()


def test_index_put_back_has_all_its_pages_again(folder: Folder) -> None:
    """A service worked in the meantime with an empty one, and deleted nothing."""
    faults.checkpoint(folder)
    copy = folder.index.read_bytes()
    faults.lose_index(folder)
    start_and_stop(folder)
    faults.lose_index(folder)
    folder.index.write_bytes(copy)
    folder.rig.start()
    try:
        assert folder.rig.digests(folder.job) == folder.digests
    finally:
        folder.rig.stop()


def test_scan_whose_job_was_lost_with_the_index_is_kept(folder: Folder) -> None:
    """It has sheets that nobody has adopted yet."""
    spool = folder.data / "cache" / "spool" / ("5" * 32)
    spool.mkdir()
    (spool / "journal.jsonl").write_text("{}\n")
    (spool / f"{'6' * 32}.page").write_bytes(b"a sheet")
    faults.lose_index(folder)
    start_and_stop(folder)
    kept = folder.data / "cache" / "kept" / spool.name
    assert sorted(each.name for each in kept.iterdir()) == [f"{'6' * 32}.page", "journal.jsonl"]


@pytest.mark.root
@needs_root
def test_folder_of_another_user_is_refused(folder: Folder) -> None:
    """Whoever owns it could read what the service puts there."""
    before = folder.listing()
    os.chown(folder.data, NOBODY, NOBODY)
    refusal = refuse(folder)
    assert refusal.code == 1
    assert refusal.sentence == (
        f"{folder.data} belongs to another user. Nothing was changed; make it a folder of yours,"
        " or choose another."
    )
    assert folder.listing() == before


@pytest.mark.root
@needs_root
@pytest.mark.parametrize(
    "name", ["port.lock", "id", "cache/index.sqlite", "cache/pages", "log/flatbed.log"]
)
def test_part_of_another_user_is_refused_by_name(reachable: Folder, name: str) -> None:
    """Left by a service that was once started with sudo."""
    refusal = refuse_nobody(reachable, reachable.data / name)
    assert refusal.code == 1
    assert str(reachable.data / name.partition("/")[0]) in refusal.sentence
    assert len(refusal.sentence) < 300


@pytest.mark.root
@needs_root
def test_folder_on_a_disk_that_cannot_be_written_is_refused(folder: Folder) -> None:
    """A disk that the system made read-only after an error."""
    before = folder.listing()
    mount = ["mount", "--bind", str(folder.data), str(folder.data)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("this machine mounts nothing")
    try:
        subprocess.run(["mount", "-o", "remount,bind,ro", str(folder.data)], check=True)
        refusal = refuse(folder)
    finally:
        subprocess.run(["umount", str(folder.data)], check=True)
    assert refusal.code == 1
    assert "Read-only file system" in refusal.sentence
    assert str(folder.data) in refusal.sentence
    assert folder.listing() == before


def start_and_stop(folder: Folder) -> None:
    """Start the service, wait for its look at the storage, and end it."""
    folder.rig.start()
    folder.rig.ask("POST", "/api/storage/check", {})
    folder.rig.wait_for(lambda: "storage checked" in log_of(folder))
    folder.rig.stop()


def log_of(folder: Folder) -> str:
    """What the service has said."""
    return (folder.data / "log" / "flatbed.log").read_text()


def digest(folder: Folder, place: int) -> str:
    """That of one page's pixels, as handed out."""
    return folder.rig._digest(f"{JOBS}/{folder.job}/content?page={place}")


def refuse_nobody(folder: Folder, not_theirs: Path) -> faults.Refusal:
    """Start the service as another user who owns all but one thing."""
    faults.checkpoint(folder)
    for path in [folder.rig.folder, *folder.rig.folder.rglob("*")]:
        if path != not_theirs:
            os.chown(path, NOBODY, NOBODY)
    not_theirs.chmod(0o700 if not_theirs.is_dir() else 0o600)
    before = folder.listing()
    refusal = refuse(folder, wrapper=AS_NOBODY)
    assert folder.listing() == before
    return refusal
