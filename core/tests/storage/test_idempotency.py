"""Answers of starts with a key: kept with what they tell of, secret, bounded, for a day."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import pytest

from flatbed.addon.frames import new_key
from flatbed.errors import KeyReusedError, NameTakenError
from flatbed.storage import idempotency
from flatbed.storage.idempotency import Answer, Start, Starts
from flatbed.storage.index import Index

from .desk import ORIGIN, OTHER

LIMIT_S = 20
ANSWER = Answer(201, {"Location": "/api/jobs/1"}, b'{"said": "To whom it may concern"}')
MASTER_KEY = new_key()


@pytest.fixture
def starts(index: Index) -> Starts:
    """No starts yet."""
    return Starts(index, MASTER_KEY)


def start(starts: Starts, key: str = "k1", body: bytes = b"{}", owner: str = ORIGIN) -> Start:
    """A wish at one address."""
    digest = starts.new_digest()
    digest.update(body)
    return Start(starts.uid_of(owner, address="POST /api/jobs", key=key), owner, digest.digest())


def kept(index: Index) -> int:
    """How many starts the index has."""
    return int(index.read("SELECT count(*) FROM starts")[0][0])


def make_older(folder: Path, seconds: float) -> None:
    """Make all starts so much older."""
    with sqlite3.connect(folder / "index.sqlite") as index:
        index.execute("UPDATE starts SET at = at - ?", (seconds,))
    index.close()


async def test_kept_answer_is_found_by_the_next_service(index: Index, starts: Starts) -> None:
    """As it was; another key, owner or address has none."""
    wish = start(starts)
    assert starts.find(wish.uid) is None
    await starts.keep(wish, ANSWER)
    found = Starts(index, MASTER_KEY).find(wish.uid)
    assert found is not None
    assert (found.digest, found.answer) == (wish.digest, ANSWER)
    others = [
        (ORIGIN, "POST /api/jobs", "k2"),
        (OTHER, "POST /api/jobs", "k1"),
        (ORIGIN, "POST /api/sessions", "k1"),
    ]
    uids = [starts.uid_of(owner, address=address, key=key) for owner, address, key in others]
    assert [starts.find(each) for each in uids] == [None, None, None]


async def test_noted_answer_is_kept_with_the_change_alone(index: Index, starts: Starts) -> None:
    """A transaction that fails takes the key along."""
    wish = start(starts)

    def change(write: sqlite3.Connection) -> None:
        starts.note(write, wish, ANSWER)
        raise NameTakenError

    with pytest.raises(NameTakenError):
        await index.write(change)
    assert starts.find(wish.uid) is None
    await index.write(lambda write: starts.note(write, wish, ANSWER))
    found = starts.find(wish.uid)
    assert found is not None
    assert found.answer == ANSWER


async def test_begun_start_has_no_answer_until_it_is_kept(starts: Starts) -> None:
    """Forgotten, it can begin anew."""
    wish = start(starts)
    await starts.begin(wish)
    found = starts.find(wish.uid)
    assert found is not None
    assert found.answer is None
    await starts.keep(wish, ANSWER)
    found = starts.find(wish.uid)
    assert found is not None
    assert found.answer == ANSWER
    await starts.forget(wish)
    assert starts.find(wish.uid) is None


async def test_passing_answer_ends_with_the_service(index: Index, starts: Starts) -> None:
    """What it tells of is not there any more."""
    wish = start(starts)
    await starts.keep(wish, ANSWER, is_passing=True)
    assert starts.find(wish.uid) is not None
    assert Starts(index, MASTER_KEY).find(wish.uid) is None


async def test_start_of_yesterday_is_none(index: Index, starts: Starts, tmp_path: Path) -> None:
    """It is not found, and goes with the other old things; what is younger stays."""
    old, young = start(starts, "old"), start(starts, "young")
    await starts.keep(old, ANSWER)
    make_older(tmp_path, 86_401)
    await starts.keep(young, ANSWER)
    assert starts.find(old.uid) is None
    assert kept(index) == 2
    await starts.drop_old()
    assert kept(index) == 1
    assert starts.find(young.uid) is not None


def test_digests_cannot_be_made_without_the_master_key(index: Index, starts: Starts) -> None:
    """A short password in a body could be guessed by them."""
    other = start(Starts(index, new_key()))
    assert other.uid != start(starts).uid
    assert other.digest != start(starts).digest


async def test_nothing_of_a_start_is_in_the_clear(starts: Starts, tmp_path: Path) -> None:
    """Neither its key nor its body, which can hold a password, nor what was answered."""
    wish = start(starts, "the-key-of-invoice-4711", b'{"password": "swordfish"}')
    await starts.keep(wish, ANSWER)
    stored = b"".join(path.read_bytes() for path in tmp_path.glob("index.sqlite*"))
    for word in (b"invoice-4711", b"swordfish", b"To whom it may concern"):
        assert word not in stored
    assert wish.digest in stored


@pytest.mark.parametrize(
    ("bound", "most"), [("KEYS_MOST", 3), ("KEPT_MOST_BYTES", 400)], ids=["keys", "bytes"]
)
async def test_oldest_starts_of_an_origin_go_beyond_its_bounds(
    bound: str, most: int, starts: Starts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All its subjects count together, and nobody else's go; a sealed answer has 117 bytes here."""
    monkeypatch.setattr(idempotency, bound, most)
    other = start(starts, "other", owner=OTHER)
    await starts.keep(other, ANSWER)
    wishes = [
        start(starts, f"k{number}", owner=f"{ORIGIN}#{number % 2}" if number else ORIGIN)
        for number in range(5)
    ]
    for each in wishes:
        await starts.keep(each, ANSWER)
    assert [starts.find(each.uid) is not None for each in [other, *wishes]] == [
        True,
        *(False, False, True, True, True),
    ]


async def test_answer_that_is_too_long_is_not_kept(
    index: Index, starts: Starts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was only found can be found again; what was made stays a start without an answer."""
    monkeypatch.setattr(idempotency, "ANSWER_MOST_BYTES", 10)
    wish, made = start(starts), start(starts, "made")
    await starts.keep(wish, ANSWER)
    assert starts.find(wish.uid) is None
    await index.write(lambda write: starts.note(write, made, ANSWER))
    found = starts.find(made.uid)
    assert found is not None
    assert found.answer is None


async def test_second_at_one_start_waits_for_the_first(starts: Starts) -> None:
    """However the first ends; others do not wait."""
    order: list[str] = []
    is_in, may_end = asyncio.Event(), asyncio.Event()

    async def first() -> None:
        async with starts.turn(start(starts)):
            is_in.set()
            await may_end.wait()
            order.append("first")
            raise NameTakenError

    async def second() -> None:
        async with starts.turn(start(starts)):
            order.append("second")

    async with asyncio.timeout(LIMIT_S):
        one = asyncio.create_task(first())
        await is_in.wait()
        two = asyncio.create_task(second())
        async with starts.turn(start(starts, "k2")):
            order.append("other")
        assert not two.done()
        may_end.set()
        with pytest.raises(NameTakenError):
            await one
        await two
    assert order == ["other", "first", "second"]


async def test_another_wish_with_the_key_of_one_under_way_is_refused(starts: Starts) -> None:
    """At once; afterwards what is kept refuses it."""
    async with starts.turn(start(starts)):
        with pytest.raises(KeyReusedError):
            async with starts.turn(start(starts, body=b"[]")):
                pass
    await starts.keep(start(starts), ANSWER)
    found = starts.find(start(starts).uid)
    assert found is not None
    with pytest.raises(KeyReusedError):
        found.check(start(starts, body=b"[]"))
