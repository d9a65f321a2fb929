"""The master key of one data folder: it wraps the keys of all pages and jobs in it."""

from __future__ import annotations

import os
import re
import secrets
from pathlib import Path

from flatbed import system
from flatbed.addon.frames import KEY_BYTES, new_key
from flatbed.errors import KeyLostError
from flatbed.storage.index import INDEX

_ID_FILE = "id"
_ID = re.compile(rb"[0-9a-f]{16}")


def load_master_key(data_folder: Path, config_folder: Path) -> bytes:
    """The key of a data folder, made at its first use, 32 bytes.

    It lies in the user's configuration folder and not beside what it opens, so that a copy of the
    data alone is of no use to anybody.

    Raises:
        KeyLostError: If the data folder has had a key that is damaged or not there any more.
    """
    keys = system.own_folder(config_folder / "keys")
    id_path = data_folder / _ID_FILE
    if id_path.exists() or (data_folder / INDEX).exists():
        return read_master_key(data_folder, config_folder)
    data_id, key = secrets.token_hex(8), new_key()
    _write_once(keys / f"{data_id}.key", key.hex())
    # Only now, so that an id never stands without its key.
    _write_once(id_path, data_id)
    return key


def read_master_key(data_folder: Path, config_folder: Path) -> bytes:
    """The key of a data folder that has been used, 32 bytes; nothing is made.

    Raises:
        KeyLostError: If it is damaged or not there any more.
    """
    return _read_key(config_folder / "keys" / f"{_read_id(data_folder / _ID_FILE)}.key")


def _read_id(path: Path) -> str:
    try:
        data_id = path.read_bytes().strip()
    except FileNotFoundError as error:
        raise KeyLostError(
            f"The file {path}, which names the key of the stored pages, is missing."
            " Nothing was deleted; put it back, or choose another data folder."
        ) from error
    if not _ID.fullmatch(data_id):
        raise KeyLostError(
            f"The file {path}, which names the key of the stored pages, is damaged."
            " Nothing was deleted; put back a copy of it."
        )
    return data_id.decode("ascii")


def _read_key(path: Path) -> bytes:
    try:
        key = bytes.fromhex(path.read_text("ascii"))
    except FileNotFoundError as error:
        raise KeyLostError(
            f"The key of the stored pages, {path}, is missing."
            " Nothing was deleted; put the file back, or choose another data folder."
        ) from error
    except ValueError as error:
        raise KeyLostError(f"The key file {path} is damaged. Put back a copy of it.") from error
    if len(key) != KEY_BYTES:
        raise KeyLostError(f"The key file {path} is damaged. Put back a copy of it.")
    return key


def _write_once(path: Path, text: str) -> None:
    # Under another name first: half a file would be taken for a damaged one at the next start.
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    file = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        os.write(file, text.encode("ascii"))
        os.fsync(file)
    finally:
        os.close(file)
    draft.rename(path)
    system.sync_folder(path.parent)
