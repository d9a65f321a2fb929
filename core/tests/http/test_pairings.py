"""Requests to be let in: one an origin, few in all, answered once, gone after a while."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from flatbed.config import AllowedOrigin
from flatbed.errors import DiskFullError, TooManyRequestsError
from flatbed.http.origin_grants import OriginConfiguredError, OriginGrants
from flatbed.http.pairings import (
    Decision,
    Pairing,
    PairingEndedError,
    PairingNotFoundError,
    Pairings,
)
from flatbed.storage.events import LOCAL, EventLog
from flatbed.storage.grants import GrantStore
from flatbed.storage.index import Index

SHOP, OFFICE, OURS = "https://shop.example", "https://office.example", "https://ours.example"
CODE = r"[A-HJKMNP-Z2-9]{3}-[A-HJKMNP-Z2-9]{3}"
LIMIT_S = 20


class Gate:
    """Requests over a real index.

    Attributes:
        changes: How often grants were changed.
    """

    def __init__(self, folder: Path) -> None:
        self.index = Index(folder / "index.sqlite")
        self.events = EventLog(self.index)
        self.changes = 0
        self.grants = OriginGrants(
            {OURS: AllowedOrigin(OURS)},
            GrantStore(self.index, self.events),
            place="/etc/flatbed/config.toml line 3",
            on_change=self._count,
        )
        self.pairings = self.made()

    def made(self, lifetime_s: float = 3600) -> Pairings:
        return Pairings(self.grants, self.events, lifetime_s=lifetime_s)

    def asked(self) -> list[dict[str, str]]:
        found = self.events.after(0, origin=LOCAL)
        return [event.data for event in found if event.type == "origin.asked"]

    def _count(self) -> None:
        self.changes += 1


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Gate]:
    """Nobody waits at it."""
    gate = Gate(tmp_path)
    yield gate
    gate.index.close()


async def wait_for_end(pairing: Pairing) -> None:
    """Wait until a request has ended."""
    await pairing.wait(LIMIT_S)


async def test_ask_again_is_the_same_request_with_what_the_page_now_says(gate: Gate) -> None:
    """So a page that asks in a loop is still one line of the list, and is told once."""
    first, is_new = await gate.pairings.ask(SHOP, "Shop", ["pdf"])
    expired_at = first.expires_at
    again, is_new_again = await gate.pairings.ask(SHOP, "The shop", ["pdf", "ocr"])
    assert (is_new, is_new_again, again is first) == (True, False, True)
    assert (first.name, first.addons) == ("The shop", ("pdf", "ocr"))
    assert first.expires_at > expired_at
    assert gate.pairings.waiting() == [first]
    assert gate.asked() == [{"origin": SHOP}]


async def test_code_has_no_letters_that_are_mistaken(gate: Gate) -> None:
    """Three and three, as somebody reads them out; no two that wait are alike."""
    made = [(await gate.pairings.ask(f"https://{n}.example", None, ()))[0] for n in range(20)]
    assert [each.code for each in made if not re.fullmatch(CODE, each.code)] == []
    assert len({each.code for each in made}) == len({each.uid for each in made}) == 20


async def test_ask_of_one_more_than_a_person_looks_at_is_refused(gate: Gate) -> None:
    """Twenty wait at most; those that wait may ask on, and an end makes room."""
    made = [(await gate.pairings.ask(f"https://{n}.example", None, ()))[0] for n in range(20)]
    with pytest.raises(TooManyRequestsError) as refusal:
        await gate.pairings.ask(SHOP, None, ())
    assert 1 <= refusal.value.details["retry_after_s"] <= 3600
    assert len(gate.asked()) == 20
    assert (await gate.pairings.ask("https://7.example", "Seven", ())) == (made[7], False)
    await gate.pairings.decide(made[3], "block")
    assert (await gate.pairings.ask(SHOP, None, ()))[1]


@pytest.mark.parametrize(
    ("decision", "status", "kept", "is_granted"),
    [
        ("once", "granted", "once", True),
        ("always", "granted", "always", True),
        ("block", "blocked", None, False),
    ],
)
async def test_decide_ends_the_request_and_makes_the_grant(
    decision: Decision, status: str, kept: str | None, *, is_granted: bool, gate: Gate
) -> None:
    """Whoever waits hears it, and it is decided once."""
    pairing, _ = await gate.pairings.ask(SHOP, "Shop", ())
    waiting = asyncio.create_task(wait_for_end(pairing))
    await gate.pairings.decide(pairing, decision)
    await asyncio.wait_for(waiting, LIMIT_S)
    assert (pairing.status, pairing.kept) == (status, kept)
    assert gate.grants.is_granted(SHOP) is is_granted
    assert gate.grants.is_blocked(SHOP) is not is_granted
    assert [each.name for each in gate.grants.listed() if each.origin == SHOP] == ["Shop"]
    assert gate.changes == 1
    with pytest.raises(PairingEndedError):
        await gate.pairings.decide(pairing, "always")
    assert gate.pairings.waiting() == []


async def test_decide_by_two_at_once_is_decided_by_one(gate: Gate) -> None:
    """Two windows are open, and both are clicked."""
    pairing, _ = await gate.pairings.ask(SHOP, None, ())
    answers = await asyncio.gather(
        gate.pairings.decide(pairing, "block"),
        gate.pairings.decide(pairing, "always"),
        return_exceptions=True,
    )
    assert [type(each) for each in answers] == [type(None), PairingEndedError]
    assert not gate.grants.is_granted(SHOP)


async def test_decide_that_cannot_be_kept_leaves_the_request_waiting(
    gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The person may try again."""
    pairing, _ = await gate.pairings.ask(SHOP, None, ())

    async def fail(_: object) -> None:
        raise DiskFullError

    with monkeypatch.context() as full:
        full.setattr(gate.index, "write_state", fail)
        with pytest.raises(DiskFullError):
            await gate.pairings.decide(pairing, "always")
    assert (pairing.status, gate.grants.is_granted(SHOP)) == ("waiting", False)
    await gate.pairings.decide(pairing, "always")
    assert gate.grants.is_granted(SHOP)


async def test_ask_that_nobody_could_be_told_of_does_not_wait(
    gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page hears of the full disk, and asks again."""

    async def fail(_: object) -> None:
        raise DiskFullError

    with monkeypatch.context() as full:
        full.setattr(gate.index, "write", fail)
        with pytest.raises(DiskFullError):
            await gate.pairings.ask(SHOP, None, ())
    assert gate.pairings.waiting() == []
    assert (await gate.pairings.ask(SHOP, None, ()))[1]


async def test_request_that_nobody_answers_expires_and_is_forgotten(gate: Gate) -> None:
    """Its end can be read for as long as it waited; then it was never there."""
    pairings = gate.made(lifetime_s=0.1)
    pairing, _ = await pairings.ask(SHOP, None, ())
    await wait_for_end(pairing)
    assert (pairing.status, pairing.kept, pairings.waiting()) == ("expired", None, [])
    assert pairings.get(pairing.uid, origin=SHOP) is pairing
    with pytest.raises(PairingEndedError):
        await pairings.decide(pairing, "always")
    assert not gate.grants.is_granted(SHOP)
    other, is_new = await pairings.ask(SHOP, None, ())
    assert is_new
    assert other.uid != pairing.uid
    # Forgotten in its own time, which is over when that of a later request is.
    await wait_for_end(other)
    await wait_for_end((await pairings.ask(OFFICE, None, ()))[0])
    with pytest.raises(PairingNotFoundError):
        pairings.get(pairing.uid, origin=None)


async def test_get_of_another_origins_request_is_not_found(gate: Gate) -> None:
    """As if it had never been; local callers see all."""
    pairing, _ = await gate.pairings.ask(SHOP, None, ())
    for uid, origin in ((pairing.uid, OFFICE), ("0" * 32, SHOP), ("0" * 32, None)):
        with pytest.raises(PairingNotFoundError):
            gate.pairings.get(uid, origin=origin)
    assert gate.pairings.get(pairing.uid, origin=None) is pairing


async def test_decide_about_ends_the_request_of_that_origin_alone(gate: Gate) -> None:
    """It was let in by the command line while its page waited, and goes by the page's name."""
    shop, _ = await gate.pairings.ask(SHOP, "The shop", ())
    office, _ = await gate.pairings.ask(OFFICE, None, ())
    assert (await gate.pairings.decide_about(SHOP, "always")).name == "The shop"
    assert (await gate.pairings.decide_about("https://nobody.example", "blocked")).name is None
    assert (shop.status, shop.kept, office.status) == ("granted", "always", "waiting")


async def test_wait_of_too_many_at_once_is_refused(gate: Gate) -> None:
    """Each holds a connection; who has left gives its place to the next."""
    pairing, _ = await gate.pairings.ask(SHOP, None, ())
    waiting = [asyncio.create_task(wait_for_end(pairing)) for _ in range(8)]
    await asyncio.sleep(0)
    with pytest.raises(TooManyRequestsError):
        await pairing.wait(LIMIT_S)
    left = waiting.pop()
    left.cancel()
    await asyncio.wait({left})
    waiting.append(asyncio.create_task(wait_for_end(pairing)))
    await asyncio.sleep(0)
    pairing.end("expired")
    await asyncio.wait_for(asyncio.gather(*waiting), LIMIT_S)


async def test_configured_origin_is_changed_in_the_configuration_alone(gate: Gate) -> None:
    """The sentence names the place; whatever was decided of it before is not seen."""
    for change in (gate.grants.decide(OURS, "blocked"), gate.grants.revoke(OURS)):
        with pytest.raises(OriginConfiguredError, match=r"config\.toml line 3"):
            await change
    assert [(each.origin, each.state) for each in gate.grants.listed()] == [(OURS, "configured")]
    assert (gate.grants.is_granted(OURS), gate.grants.is_blocked(OURS)) == (True, False)
    assert gate.changes == 0


async def test_configuration_wins_over_what_was_decided_before(tmp_path: Path) -> None:
    """A block of last year does not keep out what the administrator lets in."""
    index = Index(tmp_path / "index.sqlite")
    store = GrantStore(index, EventLog(index))
    await store.put(OURS, "blocked")
    configured = {OURS: AllowedOrigin(OURS, is_compat=True)}
    grants = OriginGrants(configured, store, place="here", on_change=lambda: None)
    assert grants.is_granted(OURS)
    assert grants.is_compat(OURS)
    assert not grants.is_blocked(OURS)
    assert [(each.origin, each.state) for each in grants.listed()] == [(OURS, "configured")]
    await store.put(SHOP, "always")
    assert (grants.is_granted(SHOP), grants.is_compat(SHOP)) == (True, False)
    index.close()
