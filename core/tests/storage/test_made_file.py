"""Files on their way to be kept: what a worker says of them is checked before it is believed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from flatbed.addon.frames import new_key, wrap_key
from flatbed.errors import WorkerCrashedError
from flatbed.runtime.outcome import Outcome
from flatbed.storage.made_file import made_by, write_json

KEY = bytes(32)
UID = "a" * 32


def entry(**more: Any) -> dict[str, Any]:
    """What a worker says of a file."""
    key = wrap_key(new_key(), by=KEY, uid=UID).hex()
    told = {"type": "file", "uid": UID, "media_type": "application/pdf", "size": 9, "tag": "00"}
    return told | {"key": key} | more


def left(folder: Path, *entries: dict[str, Any]) -> Outcome:
    """What a call left."""
    return Outcome(value=None, folder=folder, key=KEY, entries=entries)


def test_answer_is_written_encrypted_and_read_back(tmp_path: Path) -> None:
    """With its size and tag."""
    made = write_json(tmp_path, b'{"a": 1}')
    path = tmp_path / f"{made.uid}.file"
    data = path.read_bytes()
    assert b'"a"' not in data
    assert (made.file.size, made.file.tag) == (len(data), data[-16:].hex())
    assert made.record == {
        "media_type": "application/json",
        "size": len(data),
        "tag": data[-16:].hex(),
    }
    with made.open() as reader:
        assert b"".join(reader) == b'{"a": 1}'


def test_file_of_a_call_is_what_its_worker_says(tmp_path: Path) -> None:
    """The one that there is, beside other entries."""
    made = made_by(left(tmp_path, {"type": "warning", "message": "Dark."}, entry()))
    assert (made.uid, made.media_type, made.file.size) == (UID, "application/pdf", 9)
    with pytest.raises(WorkerCrashedError):
        made.open()


WRONG: dict[str, list[dict[str, Any]]] = {
    "no file": [],
    "two files": [entry(), entry(uid="b" * 32)],
    "a path": [entry(uid="../../etc/passwd")],
    "a header": [entry(media_type="text/html\r\nSet-Cookie: a=b")],
    "no media type": [entry(media_type="")],
    "no size": [entry(size=0)],
    "a key that is none": [entry(key="xyz")],
}


@pytest.mark.parametrize("entries", WRONG.values(), ids=WRONG.keys())
def test_file_that_is_none_is_the_fault_of_its_add_on(
    tmp_path: Path, entries: list[dict[str, Any]]
) -> None:
    """Nothing that a worker says becomes a path or a header."""
    with pytest.raises(WorkerCrashedError, match="did not write the one file"):
        made_by(left(tmp_path, *entries))
