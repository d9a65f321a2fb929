"""What one origin may fill the buffer with."""

from __future__ import annotations

import pytest

from flatbed.errors import PageNotFoundError, StorageLimitError
from flatbed.runtime.outcome import Outcome
from flatbed.storage.index import Index
from flatbed.storage.owners import owner_of
from flatbed.storage.quota import Quota, QuotaLimits, Usage
from flatbed.storage.results import Results

from .desk import ORIGIN, OTHER, Desk, noise

NO_LIMITS = QuotaLimits(pages=0, bytes=0)


async def test_usage_is_pages_and_their_files(desk: Desk, index: Index) -> None:
    """Those of all subjects of an origin, and of nobody else."""
    pages = await desk.fill("job", noise(1), noise(2))
    pages += await desk.fill("hers", noise(3), origin=owner_of(ORIGIN, "anna"))
    await desk.fill("other", noise(4), origin=OTHER)
    quota = Quota(index, QuotaLimits())
    size = sum(page.size for page in pages)
    files = (desk.folder / "pages").rglob("*.page")
    assert size < sum(path.stat().st_size for path in files)
    assert quota.usage_of(ORIGIN) == Usage(3, size)
    assert quota.usage_of(owner_of(ORIGIN, "ben")) == Usage(3, size)
    await desk.buffer.delete_job_pages("job")
    assert quota.usage_of(ORIGIN) == Usage(1, pages[2].size)
    assert quota.usage_of("https://nobody.example") == Usage(0, 0)


async def test_origin_that_has_all_it_may_have_is_refused(desk: Desk, index: Index) -> None:
    """Under every subject; another origin and native programs are not."""
    await desk.fill("job", noise(1), noise(2), origin=owner_of(ORIGIN, "anna"))
    quota = Quota(index, QuotaLimits(pages=2, bytes=0))
    for owner in (ORIGIN, owner_of(ORIGIN, "anna"), owner_of(ORIGIN, "ben")):
        with pytest.raises(StorageLimitError) as caught:
            quota.check(owner)
        assert caught.value.details == {"pages": 2, "pages_most": 2}
    quota.check(OTHER)
    quota.check("local")
    await desk.buffer.delete_job_pages("job")
    quota.check(ORIGIN)


async def test_last_page_below_a_limit_is_let_in(desk: Desk, index: Index) -> None:
    """One less than the limit is not the limit."""
    (page,) = await desk.fill("job", noise(1))
    Quota(index, QuotaLimits(pages=2, bytes=page.size + 1)).check(ORIGIN)
    with pytest.raises(StorageLimitError) as caught:
        Quota(index, QuotaLimits(pages=2, bytes=page.size)).check(ORIGIN)
    assert caught.value.details == {"bytes": page.size, "bytes_most": page.size}


async def test_native_programs_and_origins_without_limits_are_never_refused(
    desk: Desk, index: Index
) -> None:
    """0 is no limit, and `local` has none."""
    await desk.fill("job", noise(1))
    await desk.fill("own", noise(2), origin="local")
    Quota(index, NO_LIMITS).check(ORIGIN)
    Quota(index, QuotaLimits(pages=1, bytes=1)).check("local")


async def test_results_of_an_origin_without_room_are_not_kept(desk: Desk, index: Index) -> None:
    """An operation cannot fill what a scan may not."""
    await desk.fill("job", noise(1))
    entries = desk.scan("made", noise(2))
    made = Outcome(value=None, folder=desk.spool("made"), key=desk.key("made"), entries=entries)
    results = Results(index, desk.buffer, Quota(index, QuotaLimits(pages=1)))
    with pytest.raises(StorageLimitError):
        await results.keep(ORIGIN, made)
    with pytest.raises(PageNotFoundError):
        desk.buffer.get(entries[0]["uid"], origin=None)
    assert index.read("SELECT count(*) AS n FROM results")[0]["n"] == 0
