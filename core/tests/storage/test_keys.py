"""The master key: made once, kept apart from what it opens, its loss said by name."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from flatbed.errors import KeyLostError
from flatbed.storage.keys import load_master_key


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder."""
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """The user's configuration folder, which is not there yet."""
    return tmp_path / "config"


def key_file(config: Path) -> Path:
    """The one key that there is."""
    (path,) = (config / "keys").iterdir()
    return path


def test_key_is_made_at_the_first_use_and_stays(data: Path, config: Path) -> None:
    """32 bytes, the same from then on."""
    key = load_master_key(data, config)
    assert len(key) == 32
    assert load_master_key(data, config) == key


def test_key_is_for_its_owner_alone(data: Path, config: Path) -> None:
    """The file 0600, its folder 0700."""
    load_master_key(data, config)
    assert stat.S_IMODE(key_file(config).stat().st_mode) == 0o600
    assert stat.S_IMODE((config / "keys").stat().st_mode) == 0o700


def test_key_lies_apart_from_the_data(data: Path, config: Path) -> None:
    """A copy of the data folder is of no use to anybody: it has the key's name, not the key."""
    key = load_master_key(data, config)
    assert key_file(config).read_text() == key.hex()
    assert [path.name for path in data.iterdir()] == ["id"]
    assert (data / "id").read_text() == key_file(config).stem
    assert key.hex() not in (data / "id").read_text()


def test_each_data_folder_has_a_key_of_its_own(tmp_path: Path, config: Path) -> None:
    """Two services of one user open nothing of each other's."""
    folders = [tmp_path / "one", tmp_path / "two"]
    keys = []
    for folder in folders:
        folder.mkdir()
        keys.append(load_master_key(folder, config))
    assert keys[0] != keys[1]
    assert [load_master_key(folder, config) for folder in folders] == keys


def test_lost_key_is_named_and_no_other_takes_its_place(data: Path, config: Path) -> None:
    """A new key would make every stored page unreadable for ever."""
    key = load_master_key(data, config)
    path = key_file(config)
    text = path.read_text()
    path.unlink()
    with pytest.raises(KeyLostError, match="Nothing was deleted; put the file back") as caught:
        load_master_key(data, config)
    assert str(path) in caught.value.message
    assert list((config / "keys").iterdir()) == []
    path.write_text(text)
    assert load_master_key(data, config) == key


@pytest.mark.parametrize(
    "content",
    [b"", b"00" * 31, b"00" * 33, b"no hex, but as long as a key ......" * 2, b"\xff" * 64],
    ids=["empty", "short", "long", "no hex", "no text"],
)
def test_damaged_key_is_named_and_left_alone(data: Path, config: Path, content: bytes) -> None:
    """A copy of it is put back, or the pages are lost: that is the person's to decide."""
    load_master_key(data, config)
    path = key_file(config)
    path.write_bytes(content)
    with pytest.raises(KeyLostError, match="is damaged"):
        load_master_key(data, config)
    assert path.read_bytes() == content


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"../../x", b"0" * 16], ids=repr)
def test_damaged_id_of_the_data_folder_is_a_lost_key(
    data: Path, config: Path, content: bytes
) -> None:
    """Which key it was cannot be told; nothing is made anew, and no path is followed."""
    load_master_key(data, config)
    (data / "id").write_bytes(content)
    with pytest.raises(KeyLostError):
        load_master_key(data, config)
    assert (data / "id").read_bytes() == content


def test_first_use_that_was_cut_off_is_done_again(data: Path, config: Path) -> None:
    """The machine stopped after the key was written, or while it or its id was: nothing uses it."""
    load_master_key(data, config)
    (data / "id").unlink()
    (data / "id.new").write_text("012345")
    key = load_master_key(data, config)
    assert load_master_key(data, config) == key
    assert [path.name for path in data.iterdir()] == ["id"]


def test_key_is_on_the_disk_before_its_id_names_it(
    data: Path, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An id without its key would be a lost key: first the one and its folder, then the other."""
    steps: list[str] = []
    real = os.fsync

    def fsync(file: int) -> None:
        path = Path(f"/proc/self/fd/{file}").readlink()
        steps.append((path.suffix and f"{path.parent.name}/*{path.suffix}") or path.name)
        real(file)

    monkeypatch.setattr(os, "fsync", fsync)
    load_master_key(data, config)
    assert steps == ["keys/*.new", "keys", "data/*.new", "data"]


def test_lost_id_beside_an_index_is_a_lost_key(data: Path, config: Path) -> None:
    """A new id would come with a new key, and neither opens what is there."""
    load_master_key(data, config)
    (data / "id").unlink()
    (data / "cache").mkdir()
    (data / "cache" / "index.sqlite").write_bytes(b"pages")
    with pytest.raises(KeyLostError, match=r"id, which names .* is missing\. Nothing was deleted"):
        load_master_key(data, config)
    assert not (data / "id").exists()
    assert key_file(config).exists()
