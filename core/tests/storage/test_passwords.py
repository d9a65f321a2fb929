"""Keys of documents: only the right password opens them, and only with the master key."""

from __future__ import annotations

import pytest

from flatbed.addon.frames import new_key
from flatbed.errors import PageCorruptError, WrongPasswordError
from flatbed.storage import passwords
from flatbed.storage.passwords import DocumentKeys

UID = "d" * 32


@pytest.mark.parametrize("password", [None, "", "secret", "pässwörd 🔑"])
async def test_key_is_unlocked_by_what_locked_it(password: str | None) -> None:
    """An empty password is none."""
    keys, key = DocumentKeys(new_key()), new_key()
    locked = await keys.lock(key, uid=UID, password=password)
    assert (locked.salt is None) == (not password)
    assert await keys.unlock(locked, uid=UID, password=password) == key


@pytest.mark.parametrize("password", [None, "", "Secret", "secret "])
async def test_other_password_is_refused(password: str | None) -> None:
    """And no password at all."""
    keys = DocumentKeys(new_key())
    locked = await keys.lock(new_key(), uid=UID, password="secret")
    with pytest.raises(WrongPasswordError):
        await keys.unlock(locked, uid=UID, password=password)


async def test_password_is_of_no_use_without_the_master_key() -> None:
    """A copy of the data folder cannot even be guessed at."""
    locked = await DocumentKeys(new_key()).lock(new_key(), uid=UID, password="secret")
    with pytest.raises(WrongPasswordError):
        await DocumentKeys(new_key()).unlock(locked, uid=UID, password="secret")


async def test_key_without_a_password_of_another_master_key_is_damaged() -> None:
    """No password would help."""
    locked = await DocumentKeys(new_key()).lock(new_key(), uid=UID, password=None)
    with pytest.raises(PageCorruptError):
        await DocumentKeys(new_key()).unlock(locked, uid=UID, password="secret")


async def test_key_belongs_to_its_document() -> None:
    """It cannot be moved to another one."""
    keys = DocumentKeys(new_key())
    locked = await keys.lock(new_key(), uid=UID, password="secret")
    with pytest.raises(WrongPasswordError):
        await keys.unlock(locked, uid="e" * 32, password="secret")


async def test_password_is_stretched_once_in_five_minutes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A gallery asks for each page; afterwards nothing of it is kept."""
    now, stretched = [0.0], []
    real = passwords._stretch

    def stretch(password: str, salt: bytes) -> bytes:
        stretched.append(password)
        return real(password, salt)

    monkeypatch.setattr(passwords, "_stretch", stretch)
    keys = DocumentKeys(new_key(), lambda: now[0])
    locked = await keys.lock(new_key(), uid=UID, password="secret")
    for now[0] in (0.0, 100.0, 299.0):
        await keys.unlock(locked, uid=UID, password="secret")
    assert len(stretched) == 1
    now[0] = 301.0
    await keys.unlock(locked, uid=UID, password="secret")
    assert len(stretched) == 2


def test_stored_key_shows_nothing_of_itself() -> None:
    """In no log and no trace."""
    assert "wrapped" not in repr(passwords.LockedKey(b"12345", b"salt"))
