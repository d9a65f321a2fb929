"""Sessions: what a page asked for, who may use it, and whether the page is still there."""

from __future__ import annotations

import msgspec
import pytest

from flatbed.errors import AddonUnfitError, InvalidInputError, NotFoundError
from flatbed.runtime import sessions as sessions_module
from flatbed.runtime.addons import Addon
from flatbed.runtime.manifest import Manifest
from flatbed.runtime.registry import Registry
from flatbed.runtime.sessions import SessionNotFoundError, Sessions

PAGE = "https://scan.example"
DAY_S = 24 * 3600


class Clock:
    """Stands still until it is moved; seconds."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        """What sessions ask for."""
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of every session."""
    clock = Clock()
    monkeypatch.setattr(sessions_module, "time", clock)
    return clock


def made(name: str, version: str) -> Addon:
    """An add-on that is found nowhere."""
    facts = {"manifest_version": 1, "name": name, "core_api": "1.0"}
    return Addon(
        manifest=msgspec.convert(facts, Manifest),
        version=version,
        module="nowhere",
        distribution=f"flatbed-{name}",
    )


@pytest.fixture
def sessions(clock: Clock) -> Sessions:
    """Sessions over two add-ons, one in two versions."""
    found = [made("barcode", "1.2.0"), made("barcode", "2.0.0"), made("ocr", "1.0.0")]
    return Sessions(Registry(found))


def test_create_chooses_the_newest_version_that_fits_in_the_order_of_the_page(
    sessions: Sessions,
) -> None:
    """The order decides where two bring one operation."""
    session = sessions.create(["ocr", "barcode>=1.2,<2"], origin=PAGE)
    assert [(addon.name, addon.version) for addon in session.choice.addons or ()] == [
        ("ocr", "1.0.0"),
        ("barcode", "1.2.0"),
    ]
    assert (session.origin, len(session.uid)) == (PAGE, 32)


def test_create_with_add_ons_that_cannot_be_had_names_each_with_a_way_out(
    sessions: Sessions,
) -> None:
    """409: what was asked, what is here, and how to get it; nothing is begun."""
    wanted = ["barcode>=3", "ocr", "pdf", "ocr2>=1.0rc1"]
    with pytest.raises(AddonUnfitError) as caught:
        sessions.create(wanted, origin=PAGE)
    install = "Install it with: flatbed addons install"
    assert caught.value.details == {
        "missing": [
            {
                "wanted": "barcode>=3",
                "installed": ["1.2.0", "2.0.0"],
                "broken": [],
                "how": f"The add-on 'barcode' is not installed in a version >=3."
                f" {install} 'barcode>=3'",
            },
            {
                "wanted": "pdf",
                "installed": [],
                "broken": [],
                "how": f"The add-on 'pdf' is not installed. {install} pdf",
            },
            {
                "wanted": "ocr2>=1.0rc1",
                "installed": [],
                "broken": [],
                "how": f"The add-on 'ocr2' is not installed in a version >=1.0rc1."
                f" {install} 'ocr2>=1.0rc1'",
            },
        ]
    }
    assert "barcode>=3, pdf, ocr2>=1.0rc1" in caught.value.message


def test_create_with_what_is_no_name_is_refused(sessions: Sessions) -> None:
    """400: not the same as not installed."""
    with pytest.raises(InvalidInputError):
        sessions.create(["barcode=1"], origin=PAGE)


def test_get_gives_a_session_to_its_own_origin_only(sessions: Sessions) -> None:
    """Another cannot tell it from one that there never was; the local principal gets each."""
    session = sessions.create([], origin=PAGE)
    assert sessions.get(session.uid, origin=PAGE) is session
    assert sessions.get(session.uid, origin=None) is session
    for uid, origin in ((session.uid, "https://evil.example"), ("0" * 32, PAGE)):
        with pytest.raises(SessionNotFoundError) as caught:
            sessions.get(uid, origin=origin)
        assert caught.value.message == SessionNotFoundError.sentence
    assert issubclass(SessionNotFoundError, NotFoundError)
    assert SessionNotFoundError.name == "session_not_found"


def test_end_of_a_session_is_for_good(sessions: Sessions) -> None:
    """And twice does no harm."""
    session = sessions.create([], origin=PAGE)
    sessions.end(session)
    sessions.end(session)
    with pytest.raises(SessionNotFoundError):
        sessions.get(session.uid, origin=PAGE)


def test_session_is_away_since_its_last_connection_was_closed(
    sessions: Sessions, clock: Clock
) -> None:
    """Two at once: the page is there until both are gone."""
    session = sessions.create([], origin=PAGE)
    session.last_seen = clock.now
    clock.now += 5
    assert sessions.away_s(session.uid) == 5
    first, second = sessions.enter(session), sessions.enter(session)
    clock.now += 100
    assert sessions.away_s(session.uid) == 0
    first()
    clock.now += 100
    assert sessions.away_s(session.uid) == 0
    second()
    clock.now += 7
    assert sessions.away_s(session.uid) == 7


def test_connection_that_is_closed_twice_counts_once(sessions: Sessions, clock: Clock) -> None:
    """A socket may say it at its close and at its end."""
    session = sessions.create([], origin=PAGE)
    sessions.enter(session)
    leave = sessions.enter(session)
    leave()
    leave()
    clock.now += 10
    assert session.connections == 1
    assert sessions.away_s(session.uid) == 0


def test_unknown_session_is_away_since_the_service_started(
    sessions: Sessions, clock: Clock
) -> None:
    """Pages of before a restart get as long to come back as any other."""
    clock.now += 12
    assert sessions.away_s("0" * 32) == 12


def test_session_that_nobody_uses_is_forgotten_after_a_day(
    sessions: Sessions, clock: Clock
) -> None:
    """When the next is begun: memory does not grow with the pages of a year."""
    old, used = (sessions.create([], origin=PAGE) for _ in range(2))
    old.last_seen = used.last_seen = clock.now
    sessions.enter(used)
    clock.now += DAY_S
    sessions.create([], origin=PAGE)
    assert sessions.get(old.uid, origin=PAGE) is old
    clock.now += 1
    sessions.create([], origin=PAGE)
    with pytest.raises(SessionNotFoundError):
        sessions.get(old.uid, origin=PAGE)
    assert sessions.get(used.uid, origin=PAGE) is used
