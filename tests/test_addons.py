"""Add-ons over HTTP: which there are, which of them a page gets, and the routes they declare."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from .conftest import MakeService
from .support.bench import GRANTED, OTHER
from .support.client import DOCUMENTS, JOBS, PAGES, ApiClient
from .support.service import LiveService
from .support.shelved import ECHO, ECHO_ROUTES, shelve
from .support.wheels import touch_shelf

ADDONS = "/api/addons"
SCALE = """
import units
from flatbed.addon import hookimpl

@hookimpl
def process_page(page, settings):
    return {"unit": units.NAME, "digits": settings["digits"]}

@hookimpl
def describe_environment():
    return {"units": units.NAME}
"""
LINES = """
from flatbed.addon import hookimpl

@hookimpl
def load_document(file, settings, out):
    size = len(settings["password"]), len(settings["page_range"])
    assert "region" not in settings
    modes = {"gray": "L", "color": "RGB"}
    dpi = settings["dpi"]
    mode = modes[settings["color"]]
    with out.new_page(size_px=size, dpi=(dpi, dpi), mode=mode, bits=8) as page:
        page.write_rows(bytes(size[0] * size[1]))
"""
LOADS = """
[documents]
load = ["application/x-lines"]

[documents.settings]
dpi = { type = "float", default = 200.0 }
color = { type = "str", default = "color" }
page_range = { type = "str", default = "" }
password = { type = "str", default = "" }
"""
WEIGH = """
[operations.weigh]
hook = "process_page"
help = "Weigh a page."
shorthand = "digits"
settings = { digits = { type = "str", default = "2", choices = ["1", "2"] } }
"""


@pytest.fixture
def service(make_service: MakeService) -> Iterator[LiveService]:
    """A service with one page, and no add-ons but those of its environment."""
    yield make_service(
        ALLOWED_ORIGINS=[GRANTED, OTHER],
        ADDONS__VIRTUAL__PAPER_MM=[40, 50],
        ADDONS__BARCODE__ENABLED=False,
    )


def scan(api: ApiClient) -> str:
    """Scan one page; a `source`."""
    job = api.ask("POST", JOBS, 201, json={"config": {"Resolution": 75}}).json()["jobuid"]
    api.ask("GET", f"{JOBS}/{job}/next-page", 200)
    api.ask("GET", f"{JOBS}/{job}/next-page", 204)
    return f"{JOBS}/{job}/content?page=0"


def install_scales(service: LiveService) -> None:
    """Two versions of one add-on, each with a library of its own under one name."""
    for version, unit in (("1.0", "pound"), ("1.1", "gram")):
        libraries = {"units": f'NAME = "{unit}"'}
        shelve(service.data, "scale", SCALE, WEIGH, version=version, libraries=libraries)


def entry(api: ApiClient, name: str) -> dict[str, Any]:
    """What the list says of one add-on."""
    (found,) = [each for each in api.ask("GET", ADDONS, 200).json() if each["name"] == name]
    return dict(found)


def begin(api: ApiClient, *addons: str) -> dict[str, str]:
    """Begin a session; the header that belongs to it."""
    answer = api.ask("POST", "/api/sessions", 201, json={"addons": list(addons)})
    return {"Flatbed-Session": answer.json()["sessionuid"]}


def test_two_versions_serve_two_pages_each_with_its_own_libraries(service: LiveService) -> None:
    """At the same moment, and found without a restart; without a wish the newest serves."""
    install_scales(service)
    one, other = service.client(GRANTED), service.client(OTHER)
    older, newer = begin(one, "scale<1.1"), begin(other, "scale>=1.0")
    sources = scan(one), scan(other)
    for _ in range(2):
        for api, headers, source, unit in (
            (one, older, sources[0], "pound"),
            (other, newer, sources[1], "gram"),
            (one, {}, sources[0], "gram"),
            (other, {"Flatbed-Addons": "scale~=1.0,<1.1"}, sources[1], "pound"),
        ):
            body = {"source": source, "settings": "1"}
            found = api.ask("POST", "/api/process/weigh", 200, headers=headers, json=body).json()
            assert found == {"unit": unit, "digits": "1"}
    states = [(each["version"], each["state"]) for each in entry(one, "scale")["versions"]]
    assert states == [("1.1", "running"), ("1.0", "running")]


def test_list_tells_what_each_version_brings_and_starts_nothing(service: LiveService) -> None:
    """The environment is known once somebody has used it, or asked for it."""
    install_scales(service)
    api = service.client(GRANTED)
    found = entry(api, "scale")["versions"][0]
    assert found == {
        "version": "1.1",
        "state": "idle",
        "where": "installed",
        "coreApi": "1.0",
        "operations": ["weigh"],
        "edits": [],
        "routes": [],
        "reads": [],
        "writes": [],
        "lastError": None,
        "environment": None,
    }
    assert entry(api, "imaging")["versions"][0]["where"] == "core"
    assert entry(api, "barcode")["versions"][0]["state"] == "disabled"
    details = api.ask("GET", f"{ADDONS}/scale", 200).json()
    assert details["environment"] == {"units": "gram"}
    assert details["operations"]["weigh"]["settings"]["digits"]["choices"] == ["1", "2"]
    assert entry(api, "scale")["versions"][0]["environment"] == {"units": "gram"}
    assert api.refusal("GET", f"{ADDONS}/none", 404)["error"] == "addon_missing"


def test_what_a_session_did_not_enable_is_forbidden(service: LiveService) -> None:
    """Operations, edits, kinds of files, routes and jobs alike; the core's own are there."""
    install_scales(service)
    shelve(service.data, "echo", ECHO, ECHO_ROUTES)
    api = service.client(GRANTED)
    source = scan(api)
    headers = begin(api, "echo")
    body = {"source": source}
    for verb, path, more in (
        ("POST", "/api/process/weigh", {"json": body}),
        ("POST", JOBS, {"json": {"process": [{"operation": "weigh"}]}}),
    ):
        refusal = api.refusal(verb, path, 403, headers=headers, **more)
        assert (refusal["code"], refusal["error"]) == (-1126, "addon_not_enabled")
        assert refusal["details"] == {"addon": "scale"}
    only_scale = begin(api, "scale")
    refused = api.refusal("GET", f"{ADDONS}/echo/things/a", 403, headers=only_scale)
    assert refused["error"] == "addon_not_enabled"
    answer = api.ask("POST", "/api/process/check-blank", 200, headers=headers, json=body)
    assert set(answer.json()) == {"result"}


@pytest.mark.parametrize(
    ("headers", "status", "error"),
    [
        ({"Flatbed-Session": "0" * 32}, 404, "session_not_found"),
        ({"Flatbed-Addons": "scale>=2"}, 409, "addon_unfit"),
        ({"Flatbed-Addons": "scale>>2"}, 400, "invalid_input"),
        ({"Flatbed-Addons": "x" * 5000}, 400, "invalid_input"),
    ],
    ids=["no-session", "unfit", "no-version", "too-long"],
)
def test_wishes_that_cannot_be_are_refused(
    service: LiveService, headers: dict[str, str], status: int, error: str
) -> None:
    """Before the operation is looked for."""
    api = service.client(GRANTED)
    body = {"source": scan(api)}
    refusal = api.refusal("POST", "/api/process/check-blank", status, headers=headers, json=body)
    assert refusal["error"] == error


def test_session_of_another_page_is_not_found(service: LiveService) -> None:
    """As if there were none."""
    headers = begin(service.client(OTHER))
    api = service.client(GRANTED)
    refusal = api.refusal("GET", f"{ADDONS}/echo/things/a", 404, headers=headers)
    assert refusal["error"] == "session_not_found"


def test_changed_add_on_is_not_loaded_and_says_so(service: LiveService) -> None:
    """At its operation, in the list, and to whoever asks for it in a session."""
    shelve(service.data, "scale", SCALE, WEIGH, libraries={"units": 'NAME = "gram"'})
    api = service.client(GRANTED)
    source = scan(api)
    (service.data / "addons" / "scale" / "1.0" / "units.py").write_text('NAME = "g-o-l-d"')
    touch_shelf(service.data)
    refusal = api.refusal("POST", "/api/process/weigh", 503, json={"source": source})
    assert refusal["error"] == "addon_changed"
    version = entry(api, "scale")["versions"][0]
    assert (version["state"], version["lastError"]["error"]) == ("broken", "addon_changed")
    missing = api.refusal("POST", "/api/sessions", 409, json={"addons": ["scale"]})
    (row,) = missing["details"]["missing"]
    assert "changed" in row["broken"][0]


def test_declared_routes_answer_behind_the_same_guard(service: LiveService) -> None:
    """JSON, a status, a file; names, query and body reach the add-on, and who asks."""
    shelve(service.data, "echo", ECHO, ECHO_ROUTES)
    api = service.client(GRANTED)
    told = api.ask("GET", f"{ADDONS}/echo/things/a%2Fb?x=1&x=2", 200).json()
    assert told == {
        "method": "GET",
        "parameters": {"name": "a/b"},
        "query": {"x": "2"},
        "body": None,
        "caller": GRANTED,
    }
    made = api.ask("POST", f"{ADDONS}/echo/things/c", 201, json={"list": [1, [2]]}).json()
    assert made["body"] == {"list": [1, [2]]}
    native = service.client().ask("DELETE", f"{ADDONS}/echo/things/c", 200).json()
    assert (native["method"], native["caller"]) == ("DELETE", "local")
    file = api.ask("GET", f"{ADDONS}/echo/file", 200)
    assert (file.headers["Content-Type"], file.content) == ("text/csv", b"a;b")
    wrong = api.ask("POST", f"{ADDONS}/echo/file", 405, json={})
    assert wrong.headers["Allow"] == "GET, OPTIONS"
    assert api.refusal("GET", f"{ADDONS}/echo/nothing", 404)["code"] == -1040
    assert api.refusal("GET", f"{ADDONS}/none/nothing", 404)["error"] == "addon_missing"


def test_wishes_about_a_file_reach_the_add_on_that_reads_it(service: LiveService) -> None:
    """Those that its manifest has; the file's password is not the document's."""
    shelve(service.data, "lines", LINES, LOADS)
    api = service.client(GRANTED)
    document = api.ask("POST", DOCUMENTS, 201, json={"password": "word"}).json()["uid"]
    headers = {
        "Content-Type": "application/octet-stream",
        "DWT-DOC-PASSWORD": "word",
        "Flatbed-File-Password": "open sesame",
    }
    query = "type=application/x-lines&dpi=120&color=gray&pages=1-3,7"
    path = f"{DOCUMENTS}/{document}/pages?{query}"
    api.ask("POST", path, 200, headers=headers, content=b"\x01")
    pages = api.ask("GET", f"{DOCUMENTS}/{document}", 200, headers=headers).json()["pages"]
    page = api.ask("GET", f"{PAGES}/{pages[0]['uid']}", 200, headers=headers).json()
    assert (page["size_px"], page["dpi"], page["mode"]) == ([11, 5], [120, 120], "L")


def test_fault_of_an_add_on_is_told_in_full_to_the_user_alone(service: LiveService) -> None:
    """What it says can be of another page's documents."""
    shelve(service.data, "echo", ECHO, ECHO_ROUTES)
    page, native = service.client(GRANTED), service.client()
    refusal = page.refusal("GET", f"{ADDONS}/echo/fail", 502)
    assert "'echo' 1.0" in refusal["message"]
    fault = entry(native, "echo")["versions"][0]["lastError"]
    assert "a secret of somebody" in fault["message"]
    assert fault["at"] is not None
    assert "secret" not in entry(page, "echo")["versions"][0]["lastError"]["message"]
