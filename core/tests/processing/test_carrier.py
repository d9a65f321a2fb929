"""Orders from their pages to their answer, and what stays of those that come to nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from flatbed.errors import InvalidInputError, WrongPasswordError
from flatbed.processing import carrier
from flatbed.processing.order import Answer, Order, PageResult, PageSource
from flatbed.storage.quota import Quota, QuotaLimits

from ..made_addons import Gate
from .desk import Desk


async def test_order_for_each_page_answers_in_their_order(desk: Desk) -> None:
    """One result each, and one word of progress."""
    order = await desk.order(5)
    told: list[tuple[int, int]] = []
    async with desk.processing.carrier.carry_out(order, lambda *at: told.append(at)) as answer:
        assert answer == Answer(data=answer.data)
    uids = [source.uid for source in order.sources]
    assert await desk.answer(order) == [
        {"source": uid, "pages": [], "value": {"page": uid}} for uid in uids
    ]
    assert told == [(1, 5), (2, 5), (3, 5), (4, 5), (5, 5)]
    assert desk.left() == []


async def test_order_for_all_pages_at_once_answers_its_file(desk: Desk) -> None:
    """There as long as it is needed; its progress is the add-on's own."""
    order = await desk.order(3, operation="all", settings={}, is_for_each=False)
    told: list[tuple[int, int]] = []
    async with desk.processing.carrier.carry_out(order, lambda *at: told.append(at)) as answer:
        assert answer.file is not None
        assert answer.file.media_type == "application/pdf"
        with answer.file.open() as reader:
            assert b"".join(reader).decode() == "".join(each.uid for each in order.sources)
    assert told[0] == (1, 6)
    assert desk.left() == []


async def test_order_of_one_page_answers_what_was_found(desk: Desk) -> None:
    """As one result."""
    order = await desk.order(1, is_for_each=False)
    (source,) = order.sources
    assert await desk.answer(order) == [
        {"source": source.uid, "pages": [], "value": {"page": source.uid}}
    ]


async def test_made_pages_are_kept_for_their_owner(desk: Desk) -> None:
    """Of one page or of several."""
    for order in (await desk.order(2, "copy"), await desk.order(1, "copy", is_for_each=False)):
        for each in await desk.answer(order):
            (uid,) = each["pages"]
            page = desk.buffer.get(uid, origin=order.owner)
            assert page.size_px == (2, 1)


async def test_page_that_cannot_be_done_is_an_error_in_its_place(desk: Desk) -> None:
    """The add-on's word, a page that cannot be shown, a file where there is room for none."""
    order = await desk.order(2)

    async def fail() -> Any:
        raise WrongPasswordError

    locked = PageSource(uid="locked", show=fail)
    first, second = order.sources
    mixed = Order(**{**_facts(order), "sources": [first, locked, second]})
    assert [each.get("error") for each in await desk.answer(mixed)] == [
        None,
        "wrong_password",
        None,
    ]
    for how in ("refuse", "file"):
        refused = Order(**{**_facts(order), "settings": how})
        assert [each["error"] for each in await desk.answer(refused)] == ["invalid_input"] * 2


def _facts(order: Order) -> dict[str, Any]:
    return {name: getattr(order, name) for name in order.__dataclass_fields__}


async def test_single_page_that_cannot_be_done_is_the_error_of_the_order(desk: Desk) -> None:
    """There is no other page to answer for."""
    with pytest.raises(InvalidInputError, match="Not this page"):
        await desk.answer(await desk.order(1, "refuse", is_for_each=False))
    assert desk.left() == []


async def test_answer_holds_only_so_much(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The pages after that say so; memory has an end."""
    monkeypatch.setattr(carrier, "ANSWER_MOST_BYTES", 250)
    monkeypatch.setattr("os.cpu_count", lambda: 1)
    found = await desk.answer(await desk.order(4, "long"))
    assert [each.get("error") for each in found] == [None, None, "too_big", "too_big"]


async def test_owner_with_as_much_as_it_may_have_gets_no_pages_but_answers(desk: Desk) -> None:
    """What brings nothing in is not asked for room."""
    order = await desk.order(2, "copy")
    desk.quota = Quota(desk.index, QuotaLimits(pages=2))
    desk.processing = desk.restarted()
    assert [each["error"] for each in await desk.answer(order)] == ["storage_limit"] * 2
    found = await desk.answer(Order(**{**_facts(order), "settings": ""}))
    assert all("value" in each for each in found)


async def test_pages_of_an_order_that_comes_to_nothing_go(desk: Desk) -> None:
    """The answer could not be made of them."""

    async def fail(_: Sequence[PageResult]) -> Any:
        raise InvalidInputError("No answer.")

    order = await desk.order(3, "copy", conclude=fail)
    before = desk.files()
    with pytest.raises(InvalidInputError, match="No answer"):
        await desk.answer(order)
    assert desk.files() == before
    assert desk.index.read("SELECT * FROM results") == []


async def test_order_whose_caller_is_gone_leaves_nothing(desk: Desk, gate: Gate) -> None:
    """Neither its files nor its calls."""
    order = await desk.order(1, "listen", is_for_each=False)
    call = asyncio.create_task(desk.answer(order))
    await gate.reached()
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert desk.left() == []
