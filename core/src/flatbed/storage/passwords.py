"""Keys of documents: wrapped by the master key, and by a password where there is one."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from flatbed.addon.frames import KEY_BYTES, unwrap_key, wrap_key
from flatbed.errors import PageCorruptError, WrongPasswordError

SALT_BYTES = 16

# 32 MiB and some 80 ms for each guess; RFC 7914 names r and p.
_COST, _BLOCK, _PARALLEL = 1 << 15, 8, 1
_SCRYPT_BYTES = 64 << 20

_KEPT_S = 300
"""A derived key is kept that long, so that a gallery does not wait for each of its pages."""

_MOST_KEPT = 64


@dataclass(frozen=True)
class LockedKey:
    """A document's key as it is stored.

    Attributes:
        wrapped: By what `DocumentKeys` derives.
        salt: Of the password; `None` where there is none.
    """

    wrapped: bytes = field(repr=False)
    salt: bytes | None = None


class DocumentKeys:
    """Locks and unlocks the keys of documents.

    A password never stands alone: what is derived from it is mixed with the master key, so that
    the data folder by itself is of no use to somebody who guesses.

    Args:
        master_key: Of the data folder, 32 bytes.
        clock: Seconds that only grow.
    """

    def __init__(self, master_key: bytes, clock: Callable[[], float] = time.monotonic) -> None:
        self._master_key, self._clock = master_key, clock
        self._kept: dict[bytes, tuple[float, bytes]] = {}
        # Names what is kept without the password standing in memory.
        self._mark_key = os.urandom(KEY_BYTES)

    async def lock(self, key: bytes, *, uid: str, password: str | None) -> LockedKey:
        """Wrap a document's key for storing."""
        salt = os.urandom(SALT_BYTES) if password else None
        by = await self._derive(uid, salt, password)
        return LockedKey(wrap_key(key, by=by, uid=uid), salt)

    async def unlock(self, locked: LockedKey, *, uid: str, password: str | None) -> bytes:
        """The key of a document.

        Raises:
            WrongPasswordError: If it needs another password, or one at all.
        """
        if locked.salt is not None and not password:
            raise WrongPasswordError("The document has a password. Send it with the request.")
        by = await self._derive(uid, locked.salt, password)
        try:
            return unwrap_key(locked.wrapped, by=by, uid=uid)
        except PageCorruptError as error:
            if locked.salt is None:
                raise
            raise WrongPasswordError from error

    async def _derive(self, uid: str, salt: bytes | None, password: str | None) -> bytes:
        if salt is None or not password:
            return self._master_key
        mark = hmac.digest(
            self._mark_key, b"\0".join((uid.encode(), salt, password.encode())), "sha256"
        )
        kept = self._kept.get(mark)
        if kept is not None and self._clock() < kept[0]:
            return kept[1]
        slow = await asyncio.to_thread(_stretch, password, salt)
        derived = hmac.digest(self._master_key, slow, "sha256")
        self._keep(mark, derived)
        return derived

    def _keep(self, mark: bytes, derived: bytes) -> None:
        now = self._clock()
        self._kept = {each: kept for each, kept in self._kept.items() if now < kept[0]}
        while len(self._kept) >= _MOST_KEPT:
            del self._kept[next(iter(self._kept))]
        self._kept[mark] = (now + _KEPT_S, derived)


def _stretch(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(
        password.encode(),
        salt=salt,
        n=_COST,
        r=_BLOCK,
        p=_PARALLEL,
        maxmem=_SCRYPT_BYTES,
        dklen=KEY_BYTES,
    )
