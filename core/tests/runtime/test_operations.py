"""Operations on stored pages: one file comes back, and nothing is left of the way there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from flatbed.addon import PageFile, SourcePage, StoredFile
from flatbed.addon.frames import FrameReader
from flatbed.errors import (
    DocumentTypeError,
    InvalidInputError,
    WorkerCrashedError,
    WorkerTimeoutError,
)
from flatbed.runtime.operations import Operations
from flatbed.runtime.pool import Pools
from flatbed.runtime.registry import Registry

from ..made_addons import Gate, worker_site, write_addon

PAGE = PageFile(uid="u", size_px=(2, 3), dpi=(300, 300), mode="L", bits=8, path="/p", key="00")
DOCUMENTS = {
    "save": ["text/plain"],
    "settings": {
        "quality": {"type": "int", "default": 85},
        "title": {"type": "str", "default": ""},
    },
}
WRITES = """
@hookimpl
def save_document(pages, settings, out):
    with out.new_file(settings["media_type"]) as file:
        file.write(repr([[page.uid for page in pages], settings]).encode())
"""


class Desk:
    """Operations over one writer of text files."""

    def __init__(self, folder: Path, source: str = WRITES, **documents: Any) -> None:
        addon = write_addon(
            folder / "addon", source, distribution="flatbed", documents=DOCUMENTS | documents
        )
        self.scratch = folder / "scratch"
        self.pools = Pools(worker_site(folder))
        self._pool = self.pools.of(addon)
        self.operations = Operations(Registry([addon]), self.pools, self.scratch)

    @asynccontextmanager
    async def save(self, **settings: Any) -> AsyncIterator[FrameReader]:
        """The file of one page."""
        async with self.operations.save_document([PAGE], "text/plain", settings) as saved:
            yield saved.reader

    async def fail(self) -> None:
        """Try to save where that cannot be."""
        async with self.save():
            raise AssertionError("it was saved")

    def left(self) -> list[str]:
        """What lies in the scratch folder."""
        return [path.name for path in self.scratch.rglob("*")]


@asynccontextmanager
async def desk_of(folder: Path, source: str = WRITES, **documents: Any) -> AsyncIterator[Desk]:
    """A desk whose workers end with the block."""
    desk = Desk(folder, source, **documents)
    try:
        yield desk
    finally:
        await desk.pools.close()


async def test_save_document_gives_the_file_as_long_as_it_is_needed(tmp_path: Path) -> None:
    """Readable in frames, encrypted on the disk, and gone afterwards."""
    async with desk_of(tmp_path) as desk:
        async with desk.save(title="Minutes") as reader:
            (path,) = desk.scratch.rglob("*.file")
            assert b"Minutes" not in path.read_bytes()
            assert b"".join(reader) == (
                b"[['u'], {'quality': 85, 'title': 'Minutes', 'media_type': 'text/plain'}]"
            )
        assert desk.left() == []


async def test_save_document_leaves_out_settings_that_its_writer_does_not_have(
    tmp_path: Path,
) -> None:
    """The contract's query has more than any one writer."""
    async with desk_of(tmp_path) as desk, desk.save(compression=4, quality=10) as reader:
        assert b"".join(reader) == (
            b"[['u'], {'quality': 10, 'title': '', 'media_type': 'text/plain'}]"
        )


async def test_save_document_that_is_broken_off_leaves_nothing(tmp_path: Path) -> None:
    """The caller hung up in the middle of the file."""
    async with desk_of(tmp_path) as desk:
        with pytest.raises(ConnectionResetError):
            async with desk.save():
                raise ConnectionResetError
        assert desk.left() == []


async def test_save_document_of_a_type_that_nobody_writes_says_so(tmp_path: Path) -> None:
    """Before anything is made."""
    async with desk_of(tmp_path) as desk:
        with pytest.raises(DocumentTypeError):
            async with desk.operations.save_document([PAGE], "application/pdf", {}):
                pass
        assert desk.left() == []


FAILURES = {
    "error": ("raise InvalidInputError('One page only.')", InvalidInputError, "One page only."),
    "crash": ("os._exit(1)", WorkerCrashedError, "crashed"),
    "bug": ("1 / 0", WorkerCrashedError, "ZeroDivisionError"),
    "no file": ("return None", WorkerCrashedError, "did not write the one file"),
    "two files": ("write(out), write(out)", WorkerCrashedError, "did not write the one file"),
    "a page": ("scan(out)", WorkerCrashedError, "did not write the one file"),
    "file taken away": (
        "write(out), [os.unlink(each.path) for each in os.scandir(out._shop.spool.folder)]",
        WorkerCrashedError,
        "told of a file that is not there",
    ),
}
WORK = """
def write(out):
    with out.new_file("a/b") as file:
        file.write(b"x")

def scan(out):
    with out.new_page(size_px=(1, 1), dpi=(1, 1), mode="L", bits=8) as page:
        page.write_rows(b"x")

@hookimpl
def save_document(pages, settings, out):
"""


@pytest.mark.parametrize(("code", "kind", "words"), FAILURES.values(), ids=FAILURES.keys())
async def test_save_document_that_fails_is_named_and_leaves_nothing(
    tmp_path: Path, code: str, kind: type[Exception], words: str
) -> None:
    """Whatever the writer does, or says that it has done."""
    async with desk_of(tmp_path, f"{WORK}    {code}\n") as desk:
        with pytest.raises(kind, match=words):
            await desk.fail()
        assert desk.left() == []


async def test_save_document_that_hangs_in_its_file_is_stopped_and_leaves_nothing(
    tmp_path: Path, gate: Gate
) -> None:
    """Its worker is gone before its folder is: it would write on otherwise."""
    source = f"""
        @hookimpl
        def save_document(pages, settings, out):
            with out.new_file("a/b") as file:
                file.write(b"x" * 3_000_000)
                {gate.visit}
                threading.Event().wait()
        """
    async with desk_of(tmp_path, source, timeout_s=0.5) as desk:
        with pytest.raises(WorkerTimeoutError, match=r"longer than 0.5 s"):
            await desk.fail()
        assert desk.left() == []


async def test_operations_begin_with_an_empty_scratch_folder(tmp_path: Path) -> None:
    """Files that were on their way when the service was killed: nobody has their keys."""
    old = tmp_path / "scratch" / "0123"
    old.mkdir(parents=True)
    (old / "a.file").write_bytes(b"secret")
    async with desk_of(tmp_path) as desk:
        assert desk.left() == []
        async with desk.save() as reader:
            assert reader.size > 0


async def test_prepare_starts_the_writer_before_it_is_needed(tmp_path: Path) -> None:
    """A page will be asked for as JPEG soon; of a type that nobody writes, nothing happens."""
    async with desk_of(tmp_path) as desk:
        desk.operations.prepare("image/webp")
        desk.operations.prepare("text/plain")
        warming = desk._pool._warming
        assert warming is not None
        await warming
        assert len(desk._pool._idle) == 1


TELLS = """
@hookimpl
def save_document(pages, settings, out):
    with out.new_file(settings["media_type"]) as file:
        file.write(repr([page.source and page.source.file.key for page in pages]).encode())

@hookimpl
def process_page(page, settings):
    return page.source and page.source.file.key
"""


@pytest.mark.parametrize(
    ("media_type", "seen"), [("text/plain", "aa"), ("text/html", "aa"), ("text/css", None)]
)
async def test_source_is_shown_to_add_ons_of_such_files_alone(
    tmp_path: Path, media_type: str, seen: str | None
) -> None:
    """Those that save them, or load them: in the file are pages that were not asked about."""
    addon = write_addon(
        tmp_path / "addon",
        TELLS,
        distribution="flatbed",
        documents=DOCUMENTS | {"load": ["text/html"]},
        operations={"tell": {"hook": "process_page", "input": "page"}},
    )
    pools = Pools(worker_site(tmp_path))
    operations = Operations(Registry([addon]), pools, tmp_path / "scratch")
    file = StoredFile(uid="f", path="/f", key="aa")
    page = replace(PAGE, source=SourcePage(file=file, media_type=media_type, number=1))
    try:
        async with operations.process("tell", [page], {}) as outcome:
            assert outcome.value == seen
        async with operations.save_document([page, PAGE], "text/plain", {}) as saved:
            assert b"".join(saved.reader) == repr([seen, None]).encode()
    finally:
        await pools.close()
