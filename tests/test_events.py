"""Events: what is told, to whom, and that a reconnect and a restart lose nothing."""

from __future__ import annotations

import pytest
from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.websocket import websocket_connect

from .conftest import MakeService
from .support.bench import GRANTED, OTHER, feeder, glass
from .support.client import ApiClient
from .support.events import Event, EventStream
from .support.service import LiveService


def last_seq(service: LiveService) -> int:
    """The number of the newest event."""
    return max((event.seq for event in service.events.received), default=0)


def is_end_of(uid: str, event: Event) -> bool:
    """Whether this tells that a job is completed."""
    return event.subject == uid and event.data.get("status") == "completed"


def test_job_is_told_from_its_creation_to_its_deletion(bench: LiveService, api: ApiClient) -> None:
    """States and pages in the order in which they came, with numbers that only grow."""
    uid = api.scan("Plain", autoRun=False, config=feeder(XferCount=2))
    api.change(uid, "running")
    api.wait_for(uid, "completed")
    api.delete(uid)
    api.wait_for_event(uid, "job.status", "deleted")
    told = [event for event in bench.events.received if event.subject == uid]
    found = [(event.type, event.data.get("status"), event.data.get("ordinal")) for event in told]
    assert found == [
        ("job.status", "pending", None),
        ("job.status", "running", None),
        ("page.added", None, 0),
        ("page.added", None, 1),
        ("job.status", "completed", None),
        ("job.status", "deleted", None),
    ]
    numbers = [event.seq for event in bench.events.received]
    assert numbers == sorted(set(numbers))
    first_page = told[2].data
    assert first_page["size_px"] == [310, 437]
    assert len(first_page["page"]) == 32
    running = {"status": "running", "error": None, "waiting": None, "scanner": "Plain"}
    assert told[1].data == running


def test_fault_is_told_with_its_error(api: ApiClient) -> None:
    """The status page needs no second request."""
    uid = api.scan("Jam at once", config=feeder())
    event = api.wait_for_event(uid, "job.status", "faulted")
    assert event.data["error"]["error"] == "paper_jam"
    assert event.data["error"]["code"] == -1020


def test_page_is_told_once_it_can_be_fetched(bench: LiveService, api: ApiClient) -> None:
    """Not before: the browser shows the thumbnail at once."""
    uid = api.scan("Slow", config=feeder(XferCount=1))
    page = api.wait_for_page(uid).data["page"]
    api.get(f"/api/storage/pages/{page}/thumbnail")
    api.get(f"/api/device/scanners/jobs/{uid}/next-page?page={page}")


def test_reconnect_with_the_last_number_gets_what_was_missed(
    bench: LiveService, api: ApiClient
) -> None:
    """Exactly that, none twice; without a number only what is new."""
    first = api.scan("Plain", config=glass())
    api.wait_for(first, "completed")
    after = last_seq(bench)
    second = api.scan("Plain", config=glass())
    api.wait_for(second, "completed")
    missed = [event for event in bench.events.received if event.seq > after]
    assert len(missed) >= 3
    with EventStream(f"{bench.url}/api/events?after={after}") as again:
        again.wait_for(lambda event: event.seq == missed[-1].seq)
        assert again.received == missed
    with EventStream(f"{bench.url}/api/events") as fresh:
        third = api.scan("Plain", config=glass())
        fresh.wait_for(lambda event: is_end_of(third, event))
        assert {event.subject for event in fresh.received} == {third}


def test_events_outlive_a_crash_of_the_service(make_service: MakeService) -> None:
    """Numbers go on where they were, and what happened before the crash is told again."""
    service = make_service()
    api = service.client()
    uid = api.scan(config=glass())
    api.wait_for(uid, "completed")
    before = list(service.events.received)
    service.kill()
    service.restart()
    with EventStream(f"{service.url}/api/events?after={before[0].seq}") as again:
        again.wait_for(lambda event: event.seq == before[-1].seq)
        assert [event for event in again.received if event.seq <= before[-1].seq] == before[1:]
        second = api.scan(config=glass())
        end = again.wait_for(lambda event: is_end_of(second, event))
        assert end.seq > before[-1].seq
        assert "resync" not in {event.type for event in again.received}


def test_number_that_was_never_given_out_asks_to_look_anew(
    bench: LiveService, api: ApiClient
) -> None:
    """From another service, say; after that the events go on as ever."""
    with EventStream(f"{bench.url}/api/events?after=99999999") as stream:
        resync = stream.wait_for(lambda event: event.type == "resync")
        assert resync.seq == last_seq(bench)
        uid = api.scan("Plain", config=glass())
        stream.wait_for(lambda event: is_end_of(uid, event))


def test_events_that_are_not_kept_any_more_ask_to_look_anew(make_service: MakeService) -> None:
    """Old ones are dropped at the start, and who missed them hears it, not silence."""
    service = make_service(EVENTS_KEPT_H=24)
    api = service.client()
    uid = api.scan(config=glass())
    api.wait_for(uid, "completed")
    first, last = service.events.received[0].seq, last_seq(service)
    service.stop()
    service.age_events(hours=25)
    service.restart()
    # The first thing that is told after the old events have been dropped.
    service.events.wait_for(lambda event: event.seq > last and event.type == "scanner.added")
    with EventStream(f"{service.url}/api/events?after={first}") as stream:
        assert stream.wait_for(lambda event: event.type == "resync").subject == ""


def test_page_hears_of_its_own_jobs_alone(bench: LiveService, api: ApiClient) -> None:
    """Of those of other origins and of native callers not even that they are there."""
    mine, theirs = bench.client(GRANTED), bench.client(OTHER)
    after = last_seq(bench)
    stream = EventStream(f"{bench.url}/api/events?after={after}", {"Origin": GRANTED})
    with stream:
        native = api.scan("Plain", config=glass())
        other = theirs.scan("Second", config=glass())
        for client, uid in ((api, native), (theirs, other)):
            client.wait_for(uid, "completed")
        own = mine.scan("Slow", config=glass())
        stream.wait_for(lambda event: is_end_of(own, event))
        jobs = [each for each in stream.received if each.type in ("job.status", "page.added")]
        assert {event.subject for event in jobs} == {own}
    assert {native, other, own} <= {event.subject for event in bench.events.received}


@pytest.mark.parametrize(
    ("query", "origin", "status"),
    [
        ("?after=-1", None, 400),
        ("?after=now", None, 400),
        ("?session=unknown", None, 404),
        ("", "https://evil.example", 403),
        ("", "null", 403),
    ],
)
async def test_handshake_that_is_wrong_is_refused(
    query: str, origin: str | None, status: int, bench: LiveService
) -> None:
    """Before there is a socket."""
    headers = {} if origin is None else {"Origin": origin}
    url = bench.url.removeprefix("http")
    with pytest.raises(HTTPClientError) as caught:
        await websocket_connect(HTTPRequest(f"ws{url}/api/events{query}", headers=headers))
    assert caught.value.code == status


def test_request_that_is_no_handshake_is_refused(api: ApiClient) -> None:
    """With a sentence, as everywhere."""
    refusal = api.refusal("GET", "/api/events", 400)
    assert (refusal["code"], refusal["error"]) == (-2113, "invalid_input")


def test_socket_is_closed_when_the_service_stops(make_service: MakeService) -> None:
    """With the code of going away: the client comes back later."""
    service = make_service()
    stream = EventStream(f"{service.url}/api/events")
    assert service.stop() == 0
    assert stream.wait_for_close() == 1001
