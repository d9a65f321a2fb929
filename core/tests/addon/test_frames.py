"""Encrypted files: what a reader gets back, and what it must never take for a page."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flatbed.addon.frames import (
    FRAME_BYTES,
    FrameReader,
    FrameWriter,
    Sealed,
    new_key,
    plain_bytes,
    read_file,
    read_tag,
    unwrap_key,
    wrap_key,
)
from flatbed.errors import PageCorruptError

KEY = bytes(range(32))
UID = "0" * 32
MAGIC_BYTES = 8
SEALED_BYTES = (1 << 20) + 16


def pattern(size: int) -> bytes:
    """Bytes whose place can be told from their value."""
    # A prime: no two frames begin alike.
    return (bytes(range(251)) * (size // 251 + 1))[:size]


def write_file(path: Path, data: bytes, *, key: bytes = KEY, kind: str = "page") -> Sealed:
    """A finished file."""
    writer = FrameWriter(path, key=key, uid=UID, kind=kind)
    writer.write(data)
    return writer.finish()


def read_back(path: Path, *, key: bytes = KEY, uid: str = UID, kind: str = "page") -> bytes:
    """The plain content of a file."""
    return read_file(path, key, uid, kind)


def sealed_frames(path: Path) -> list[bytes]:
    """A file's frames as they lie on the disk, without its magic."""
    body = path.read_bytes()[MAGIC_BYTES:]
    return [body[at : at + SEALED_BYTES] for at in range(0, len(body), SEALED_BYTES)]


def put_frames(path: Path, *parts: bytes) -> None:
    """Put other frames behind the magic of a file."""
    path.write_bytes(path.read_bytes()[:MAGIC_BYTES] + b"".join(parts))


@pytest.fixture
def three(tmp_path: Path) -> Path:
    """A file of two full frames and a short one."""
    path = tmp_path / "three.page"
    write_file(path, pattern(2 * FRAME_BYTES + 100))
    return path


@pytest.mark.parametrize(
    ("size", "frame_count", "file_bytes"),
    [
        (0, 1, 8 + 16),
        (1, 1, 8 + 17),
        ((1 << 20) - 1, 1, 8 + (1 << 20) + 15),
        (1 << 20, 1, 8 + (1 << 20) + 16),
        ((1 << 20) + 1, 2, 8 + (1 << 20) + 33),
        ((2 << 20) - 1, 2, 8 + (2 << 20) + 31),
        (2 << 20, 2, 8 + (2 << 20) + 32),
        ((2 << 20) + 1, 3, 8 + (2 << 20) + 49),
    ],
)
def test_file_of_any_size_around_a_frame_comes_back_whole(
    tmp_path: Path, size: int, frame_count: int, file_bytes: int
) -> None:
    """Frames hold 1 MiB; a full last frame is not followed by an empty one."""
    path = tmp_path / "a.page"
    sealed = write_file(path, pattern(size))
    assert path.stat().st_size == sealed.size == file_bytes
    assert plain_bytes(file_bytes) == size
    with FrameReader(path, key=KEY, uid=UID, kind="page") as reader:
        assert (reader.size, reader.frames) == (size, frame_count)
        assert b"".join(reader) == pattern(size)


@given(sizes=st.lists(st.integers(0, 700_000), max_size=8))
@settings(max_examples=25, deadline=None)
def test_file_written_in_any_pieces_comes_back_whole(sizes: list[int]) -> None:
    """Writers hand over rows, strips and chunks as they are."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.page")
        writer = FrameWriter(path, key=KEY, uid=UID, kind="page")
        for size in sizes:
            writer.write(memoryview(pattern(size)))
        writer.finish()
        assert read_back(path) == b"".join(pattern(size) for size in sizes)


def test_frame_is_read_without_those_before_it(three: Path) -> None:
    """A range of a page is answered from its own frames."""
    with FrameReader(three, key=KEY, uid=UID, kind="page") as reader:
        assert reader.read_frame(2) == pattern(2 * FRAME_BYTES + 100)[2 * FRAME_BYTES :]


def test_file_holds_nothing_in_the_clear(tmp_path: Path) -> None:
    """Not a line of the page, only ours: the magic."""
    path = tmp_path / "a.page"
    write_file(path, b"IBAN DE89 3704 0044 0532 0130 00 " * 1000)
    assert path.read_bytes()[:MAGIC_BYTES] == b"FLATBED\x01"
    assert b"3704" not in path.read_bytes()


def test_file_is_for_its_owner_alone_and_never_replaces_another(tmp_path: Path) -> None:
    """Mode 0600, and a name that is taken stays taken."""
    path = tmp_path / "a.page"
    write_file(path, b"first")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(FileExistsError):
        FrameWriter(path, key=KEY, uid=UID, kind="page")
    assert read_back(path) == b"first"


def test_file_is_neither_written_nor_read_through_a_link(tmp_path: Path) -> None:
    """A link in a folder of ours leads to somebody else's file."""
    path, link = tmp_path / "a.page", tmp_path / "link.page"
    write_file(path, b"data")
    link.symlink_to(path)
    with pytest.raises(FileExistsError):
        FrameWriter(link, key=KEY, uid=UID, kind="page")
    with pytest.raises(PageCorruptError):
        read_back(link)


@pytest.mark.parametrize(
    ("key", "uid", "kind"),
    [(bytes(32), UID, "page"), (KEY, "1" * 32, "page"), (KEY, UID, "jpeg")],
    ids=["key", "uid", "kind"],
)
def test_file_opens_with_its_own_key_uid_and_kind_only(
    tmp_path: Path, key: bytes, uid: str, kind: str
) -> None:
    """Nobody can pass one page, or a page's thumbnail, off as another."""
    path = tmp_path / "a.page"
    write_file(path, b"data")
    with pytest.raises(PageCorruptError):
        read_back(path, key=key, uid=uid, kind=kind)


def test_files_of_two_kinds_share_no_key(tmp_path: Path) -> None:
    """Both begin with nonce 0: under one key their first frames would give each other away."""
    for kind in ("page", "thumbnail"):
        write_file(tmp_path / kind, bytes(1000), kind=kind)
    page, thumbnail = (sealed_frames(tmp_path / kind)[0] for kind in ("page", "thumbnail"))
    assert page[:1000] != thumbnail[:1000]


@pytest.mark.parametrize("at", [0, 7, 8, 9, 1000, 8 + SEALED_BYTES - 1, 8 + SEALED_BYTES, -17, -1])
def test_file_with_a_flipped_bit_anywhere_is_corrupt(three: Path, at: int) -> None:
    """Magic, data and tags alike."""
    data = bytearray(three.read_bytes())
    data[at] ^= 1
    three.write_bytes(data)
    with pytest.raises(PageCorruptError):
        read_back(three)


@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_file_changed_in_any_way_is_corrupt_or_the_one_that_was_written(
    data: st.DataObject,
) -> None:
    """Bits turned, bytes cut out, put in, or added: never a page that is almost right."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.page")
        write_file(path, pattern(5000))
        good = path.read_bytes()
        start = data.draw(st.integers(0, len(good)), label="start")
        end = data.draw(st.integers(start, min(len(good), start + 40)), label="end")
        path.write_bytes(good[:start] + data.draw(st.binary(max_size=40)) + good[end:])
        if path.read_bytes() == good:
            assert read_back(path) == pattern(5000)
        else:
            with pytest.raises(PageCorruptError):
                read_back(path)


@pytest.mark.parametrize(
    "size",
    [0, 3, 8, 9, 8 + 15, 8 + 16, 8 + SEALED_BYTES, 8 + SEALED_BYTES + 16, 8 + 2 * SEALED_BYTES],
)
def test_file_that_was_cut_is_corrupt(three: Path, size: int) -> None:
    """Also exactly between two frames: the last one is marked as the last."""
    os.truncate(three, size)
    with pytest.raises(PageCorruptError):
        read_back(three)


@pytest.mark.parametrize("more", [b"x", bytes(16), bytes(5000)])
def test_file_with_something_behind_its_end_is_corrupt(three: Path, more: bytes) -> None:
    """What follows the last frame is not ours."""
    three.write_bytes(three.read_bytes() + more)
    with pytest.raises(PageCorruptError):
        read_back(three)


@pytest.mark.parametrize(
    "order", [(1, 0, 2), (0, 0, 2), (0, 2), (1, 2), (0, 1, 2, 2), (2,)], ids=str
)
def test_file_with_its_frames_moved_is_corrupt(three: Path, order: tuple[int, ...]) -> None:
    """Swapped, doubled or left out: each frame is good in its own place only."""
    parts = sealed_frames(three)
    put_frames(three, *(parts[number] for number in order))
    with pytest.raises(PageCorruptError):
        read_back(three)


def test_file_with_a_frame_of_another_page_is_corrupt(three: Path, tmp_path: Path) -> None:
    """A page's key opens none of another page's frames in the same place."""
    other = tmp_path / "other.page"
    write_file(other, pattern(2 * FRAME_BYTES + 100), key=new_key())
    own, foreign = sealed_frames(three), sealed_frames(other)
    put_frames(three, own[0], foreign[1], own[2])
    with pytest.raises(PageCorruptError):
        read_back(three)


def test_file_that_was_never_sealed_is_corrupt(tmp_path: Path) -> None:
    """A worker that died in the middle of a page left no page."""
    path = tmp_path / "a.page"
    writer = FrameWriter(path, key=KEY, uid=UID, kind="page")
    writer.write(pattern(3 * FRAME_BYTES))
    writer.close()
    with pytest.raises(PageCorruptError):
        read_back(path)


def test_file_that_is_missing_is_a_corrupt_page(tmp_path: Path) -> None:
    """With the system's reason."""
    with pytest.raises(PageCorruptError, match="No such file"):
        read_back(tmp_path / "none")


@pytest.mark.parametrize("size", [100, FRAME_BYTES, FRAME_BYTES + 1, 3 * FRAME_BYTES])
def test_patch_of_the_first_frame_holds_at_any_length(tmp_path: Path, size: int) -> None:
    """A picture's height is known after its last row, when its header has long gone by."""
    path = tmp_path / "a.page"
    writer = FrameWriter(path, key=KEY, uid=UID, kind="page")
    writer.write(pattern(size))
    writer.patch(16, b"HEIGHT")
    writer.finish()
    expected = bytearray(pattern(size))
    expected[16:22] = b"HEIGHT"
    assert read_back(path) == expected


def test_writer_uses_no_nonce_twice(tmp_path: Path) -> None:
    """Under one nonce two texts give each other away: frames of equal text must all differ.

    With GCM the difference of two sealed frames of one nonce is that of their texts. So all-zero
    frames of one file are the key streams themselves, and each must be another.
    """
    path = tmp_path / "a.page"
    writer = FrameWriter(path, key=KEY, uid=UID, kind="page")
    writer.write(bytes(4 * FRAME_BYTES))
    writer.patch(0, b"once more")
    writer.patch(0, bytes(9))
    writer.finish()
    streams = [part[:64] for part in sealed_frames(path)]
    assert len(streams) == len(set(streams)) == 4


def test_first_frame_reaches_the_disk_once_and_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is sealed when nothing can be mended any more: sealed twice, its nonce would be too."""
    path = tmp_path / "a.page"
    written: list[int] = []
    real = os.pwrite

    def pwrite(file: int, data: memoryview, offset: int) -> int:
        written.append(offset)
        return real(file, data, offset)

    monkeypatch.setattr(os, "pwrite", pwrite)
    writer = FrameWriter(path, key=KEY, uid=UID, kind="page")
    writer.write(bytes(3 * FRAME_BYTES))
    writer.patch(0, b"mended")
    writer.finish()
    assert written == [8 + SEALED_BYTES, 8, 8 + 2 * SEALED_BYTES, 0]


def test_write_cut_short_by_the_system_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The system may take less than it was given, as it does near a full disk."""
    path = tmp_path / "a.page"
    real = os.pwrite
    monkeypatch.setattr(os, "pwrite", lambda file, data, offset: real(file, data[:4096], offset))
    write_file(path, pattern(100_000))
    assert read_back(path) == pattern(100_000)


def test_finish_syncs_the_whole_file_before_it_returns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After it the page is on the disk; `seal` alone does not wait for that."""
    steps: list[str] = []
    real_write, real_sync = os.pwrite, os.fsync

    def pwrite(file: int, data: memoryview, offset: int) -> int:
        steps.append("write")
        return real_write(file, data, offset)

    def fsync(file: int) -> None:
        steps.append("sync")
        real_sync(file)

    monkeypatch.setattr(os, "pwrite", pwrite)
    monkeypatch.setattr(os, "fsync", fsync)
    beside = FrameWriter(tmp_path / "a.thumbnail", key=KEY, uid=UID, kind="thumbnail")
    beside.seal()
    beside.close()
    assert steps == ["write", "write"]
    write_file(tmp_path / "a.page", b"data")
    assert steps == ["write"] * 4 + ["sync"]


def test_read_tag_is_that_of_the_last_frame_of_a_file_of_that_size(tmp_path: Path) -> None:
    """By size and tag the main process tells a whole file without opening it."""
    path = tmp_path / "a.page"
    sealed = write_file(path, pattern(FRAME_BYTES + 5))
    assert read_tag(path, sealed.size) == sealed.tag
    assert bytes.fromhex(sealed.tag) == path.read_bytes()[-16:]
    assert read_tag(path, sealed.size - 1) is None
    assert read_tag(tmp_path / "none", sealed.size) is None


def test_close_twice_closes_nobody_elses_file(tmp_path: Path) -> None:
    """The number of a closed descriptor belongs to whoever opens a file next."""
    writer = FrameWriter(tmp_path / "a.page", key=KEY, uid=UID, kind="page")
    writer.finish()
    with (tmp_path / "other").open("wb") as other:
        writer.close()
        other.write(b"still open")
    assert (tmp_path / "other").read_bytes() == b"still open"


def test_wrapped_key_opens_with_its_wrapper_and_its_uid() -> None:
    """And looks different each time."""
    key, wrapper = new_key(), new_key()
    wrapped = wrap_key(key, by=wrapper, uid=UID)
    assert unwrap_key(wrapped, by=wrapper, uid=UID) == key
    assert key not in wrapped
    assert wrap_key(key, by=wrapper, uid=UID) != wrapped


@pytest.mark.parametrize(("by", "uid"), [(bytes(32), UID), (KEY, "1" * 32)], ids=["wrapper", "uid"])
def test_wrapped_key_opens_with_nothing_else(by: bytes, uid: str) -> None:
    """The key of one page cannot be put beside another."""
    with pytest.raises(PageCorruptError):
        unwrap_key(wrap_key(new_key(), by=KEY, uid=UID), by=by, uid=uid)


@pytest.mark.parametrize("length", [0, 5, 12, 20, 59])
def test_wrapped_key_that_was_cut_is_corrupt(length: int) -> None:
    """A journal line or a row of the index can be damaged anywhere."""
    with pytest.raises(PageCorruptError):
        unwrap_key(wrap_key(new_key(), by=KEY, uid=UID)[:length], by=KEY, uid=UID)


def test_new_keys_are_32_random_bytes() -> None:
    """AES-256, one key a page."""
    assert len(new_key()) == 32
    assert new_key() != new_key()
