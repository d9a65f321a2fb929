"""Waiting for what must not stop half-way, because files move while it goes on."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


async def undisturbed(work: Coroutine[Any, Any, T]) -> T:
    """Wait for something to its end; a cancel of whoever waits counts from there."""
    task = asyncio.create_task(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        task.result()  # raises what went wrong in it: that is more than the cancel
        raise


async def beyond_cancel(work: Coroutine[Any, Any, T]) -> T:
    """The same where a cancel comes too late, and is forgotten: something was made already."""
    task = asyncio.create_task(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        if (current := asyncio.current_task()) is not None:
            current.uncancel()
        return task.result()
