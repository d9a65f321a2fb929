"""A valid request for every verb of every route, with ids of things that are really there."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import quote

import httpx
from core.tests.http.attack_table import AttackTable, Example, Row
from core.tests.http.attack_table import Path as ExamplePath

from flatbed.http.routes import VERBS, Route
from flatbed.http.web_files import read_web_files

from .bench import GRANTED
from .client import DOCUMENTS, JOBS, NO_CERTIFICATES, PAGES, PROCESS_JOBS
from .events import Event, EventStream
from .shelved import ECHO, ECHO_ROUTES, shelve

SCANNERS = ["Pages", "Pending", "Fresh"]

SETTINGS: Mapping[str, object] = {
    "ADDONS__VIRTUAL__NAMES": SCANNERS,
    # Enough for all who use one up, and small enough to be scanned in no time.
    "ADDONS__VIRTUAL__SHEETS": 60,
    "ADDONS__VIRTUAL__PAPER_MM": [40, 50],
    "ALLOWED_ORIGINS": [GRANTED],
}

IDLE = """
import time
from flatbed.addon import hookimpl

@hookimpl
def process_page(operation, page, settings, out):
    while True:
        out.check_canceled()
        time.sleep(0.01)
"""
IDLE_OPERATIONS = """
[operations.idle]
hook = "process_page"
timeout_s = 3600
"""

LIMIT_S = 30

ASKING = "https://asking.example"
"""An origin without a grant that asks for one."""

_ADMIN_PATHS = ("/api/server", "/api/storage/check", "/api/origins", "/api/pair/")


def attack(url: str, examples: Examples, route: Route, *, has_stranger: bool = False) -> list[Row]:
    """Send every attack, and every twin, for every verb of a route.

    Args:
        url: Where; another door of the same service will do.
        examples: Of that service.
        route: Which one.
        has_stranger: As another OS user too; only root can.
    """
    examples.clear()
    table = AttackTable(url, GRANTED, examples.observer(route.path), has_stranger)
    return table.attack_routes([route], examples.all())


class Examples:
    """The things that a granted page has at a service, and requests about them.

    Args:
        url: Of the service; a native caller is let in there.
        data: Its data folder.
    """

    def __init__(self, url: str, data: Path) -> None:
        self.url = url
        page = {"Origin": GRANTED, "Content-Type": "application/json"}
        self._page = httpx.Client(
            base_url=url, headers=page, timeout=LIMIT_S, verify=NO_CERTIFICATES
        )
        self._native = httpx.Client(base_url=url, timeout=LIMIT_S, verify=NO_CERTIFICATES)
        uri = f"file:{data / 'cache' / 'index.sqlite'}?mode=ro"
        self._index = sqlite3.connect(uri, uri=True, check_same_thread=False)
        shelve(data, "echo", ECHO, ECHO_ROUTES)
        shelve(data, "idle", IDLE, IDLE_OPERATIONS)
        self._scanned = self._create("Pages", is_run=True)
        self._pending = self._create("Pending")
        self._session = self._begin_session()
        with EventStream(f"{url}/api/events?after=0") as events:
            events.wait_for(self._is_scanned)
        (self._picture,) = self._index.execute("SELECT uid FROM pages LIMIT 1").fetchone()
        self._document = self._make_document()
        document = self._page.get(f"{DOCUMENTS}/{self._document}").raise_for_status().json()
        self._document_page = document["pages"][0]["uid"]
        self._processed = self._process("check-blank")
        with EventStream(f"{url}/api/events?after=0") as events:
            events.wait_for(self._is_processed)

    def close(self) -> None:
        """Let go of the service."""
        self._page.close()
        self._native.close()
        self._index.close()

    def ask(self, verb: str, path: str, body: bytes) -> int:
        """Send a request as one who may; its status."""
        caller = self._native if path.startswith(_ADMIN_PATHS) else self._page
        headers = {"Origin": ASKING} if path == "/api/pair" else None
        return caller.request(verb, path, content=body, headers=headers).status_code

    def clear(self) -> None:
        """Delete what requests made, so that the next ones find it as it was."""
        kept = {self._scanned, self._pending}
        for (uid,) in self._index.execute("SELECT uid FROM jobs").fetchall():
            if uid not in kept:
                assert self._native.delete(f"{JOBS}/{uid}").status_code == 204
        for (uid,) in self._index.execute("SELECT uid FROM process_jobs").fetchall():
            if uid != self._processed:
                assert self._native.delete(f"{PROCESS_JOBS}/{uid}").status_code == 204

    def observer(self, path: str) -> Callable[[], object]:
        """What tells the state that attacks on a route must not change.

        Args:
            path: The route's; what is not stored is asked for only where the route could change it.
        """
        if path == "/api/server":
            return lambda: (self._stored_version(), self._native.get("/api/server").text)
        if path.startswith("/api/pair"):
            return lambda: (self._stored_version(), self._native.get("/api/pair").text)
        if path.startswith("/api/sessions"):
            # Asked for without a handshake, a session that is there is no reason to say 404.
            return lambda: (
                self._stored_version(),
                self._native.get(f"/api/events?session={self._session}").status_code,
            )
        return self._stored_version

    def all(self) -> dict[tuple[str, str], Example]:
        """The examples by path template and verb."""
        return {**self._of_jobs(), **self._of_documents(), **self._of_the_rest()}

    def _of_jobs(self) -> dict[tuple[str, str], Example]:
        job, old = f"{JOBS}/{{jobuid}}", "/DWTAPI/ScanJobs"
        scanned, pending = f"{JOBS}/{self._scanned}", f"{JOBS}/{self._pending}"
        new = json.dumps({"device": "Fresh", "autoRun": False}).encode()
        return {
            (JOBS, "POST"): Example(self._after_clearing(JOBS), new),
            (job, "GET"): Example(scanned),
            (job, "PATCH"): Example(self._fresh(JOBS), b'{"status": "running"}'),
            (job, "DELETE"): Example(self._fresh(JOBS)),
            (f"{job}/next-page", "GET"): Example(f"{scanned}/next-page?page={self._picture}"),
            (f"{job}/next-page-info", "GET"): Example(f"{scanned}/next-page-info"),
            (f"{job}/content", "GET"): Example(f"{scanned}/content?page=0"),
            (f"{job}/pages", "GET"): Example(f"{scanned}/pages"),
            (f"{job}/scanner/capabilities", "GET"): Example(f"{pending}/scanner/capabilities"),
            (f"{job}/scanner/settings", "GET"): Example(f"{pending}/scanner/settings"),
            (old, "POST"): Example(self._after_clearing(old), new),
            (f"{old}/{{jobuid}}", "DELETE"): Example(self._fresh(old)),
            (f"{old}/{{jobuid}}/NextDocument", "GET"): Example(
                f"{old}/{self._scanned}/NextDocument"
            ),
        }

    def _of_documents(self) -> dict[tuple[str, str], Example]:
        one = f"{DOCUMENTS}/{{uid}}"
        there = f"{DOCUMENTS}/{self._document}"
        source = json.dumps({"source": self._picture}).encode()
        order = json.dumps({"order": [self._document_page]}).encode()
        return {
            (DOCUMENTS, "GET"): Example(DOCUMENTS),
            (DOCUMENTS, "POST"): Example(DOCUMENTS, b"{}"),
            (one, "GET"): Example(there),
            (one, "PATCH"): Example(there, b'{"metadata": "new"}'),
            (one, "DELETE"): Example(self._fresh_document("")),
            (f"{one}/pages", "POST"): Example(self._fresh_document("/pages"), source),
            (f"{one}/pages", "PATCH"): Example(f"{there}/pages", order),
            (f"{one}/pages/{{page}}", "DELETE"): Example(self._fresh_document("/pages/0")),
            (f"{one}/content", "GET"): Example(f"{there}/content?type=image/png"),
            (f"{one}/undo", "POST"): Example(self._fresh_document("/undo"), b"{}"),
            (f"{one}/redo", "POST"): Example(self._undone_document, b"{}"),
        }

    def _of_the_rest(self) -> dict[tuple[str, str], Example]:
        recovered = "/api/storage/recovered"
        source = json.dumps({"source": self._picture}).encode()
        same = ["/api/hello", "/api/openapi.json", "/api/server", "/api/server/version"]
        same += ["/", "/status", "/api/status"]
        same += ["/api/device/scanners", "/DWTAPI/Scanners", recovered, "/api/events"]
        return {
            **{(path, "GET"): Example(path) for path in same},
            ("/consent/{id}", "GET"): Example(f"/consent/{'0' * 32}"),
            ("/assets/{path}", "GET"): Example(
                f"/assets/{next(iter(read_web_files().assets), '')}"
            ),
            ("/api/server", "PATCH"): Example("/api/server", b'{"logLevel": 30}'),
            **self._of_pages(),
            **self._of_addons(),
            **self._of_process_jobs(),
            **self._of_origins(),
            ("/api/process/{operation}", "POST"): Example("/api/process/flip", source),
            (f"{recovered}/{{uid}}/keep", "POST"): Example(
                f"{recovered}/{self._scanned}/keep", b"{}"
            ),
            (f"{recovered}/{{uid}}", "DELETE"): Example(self._fresh(recovered)),
            ("/api/storage/check", "POST"): Example("/api/storage/check", b'{"deep": true}'),
            ("/api/sessions", "POST"): Example("/api/sessions", b'{"addons": []}'),
            ("/api/sessions/{sessionuid}", "DELETE"): Example(self._fresh_session),
        }

    def _of_origins(self) -> dict[tuple[str, str], Example]:
        pair, origins = "/api/pair", "/api/origins"
        decided = json.dumps({"origin": ASKING, "state": "once"}).encode()
        return {
            (pair, "GET"): Example(pair),
            (pair, "POST"): Example(pair, b'{"name": "Shop", "addons": ["pdf"]}'),
            (f"{pair}/{{id}}", "GET"): Example(self._asked),
            (f"{pair}/{{id}}", "PATCH"): Example(self._asked, b'{"decision": "once"}'),
            (origins, "GET"): Example(origins),
            (origins, "POST"): Example(origins, decided),
            (f"{origins}/{{origin}}", "DELETE"): Example(self._decided),
        }

    def _asked(self) -> str:
        self._native.delete(f"/api/origins/{quote(ASKING, safe='')}")
        asking = {"Origin": ASKING}
        answer = self._page.post("/api/pair", content=b"{}", headers=asking).raise_for_status()
        return f"/api/pair/{answer.json()['id']}"

    def _decided(self) -> str:
        body = json.dumps({"origin": ASKING, "state": "once"})
        self._native.post("/api/origins", content=body).raise_for_status()
        return f"/api/origins/{quote(ASKING, safe='')}"

    def _of_process_jobs(self) -> dict[tuple[str, str], Example]:
        one, there = f"{PROCESS_JOBS}/{{jobuid}}", f"{PROCESS_JOBS}/{self._processed}"
        return {
            (PROCESS_JOBS, "GET"): Example(PROCESS_JOBS),
            (one, "GET"): Example(there),
            (one, "PATCH"): Example(self._running_job, b'{"status": "canceled"}'),
            (one, "DELETE"): Example(self._running_job),
            (f"{one}/result", "GET"): Example(f"{there}/result"),
        }

    def _of_addons(self) -> dict[tuple[str, str], Example]:
        routes, there = "/api/addons/{name}/{path*}", "/api/addons/echo/things/a"
        return {
            ("/api/addons", "GET"): Example("/api/addons"),
            ("/api/addons/{name}", "GET"): Example("/api/addons/echo"),
            **{(routes, verb): Example(there, _body_of(verb)) for verb in VERBS},
        }

    def _of_pages(self) -> dict[tuple[str, str], Example]:
        one, there = f"{PAGES}/{{uid}}", f"{PAGES}/{self._picture}"
        edit = json.dumps({"op": "rotate", "angle": 90}).encode()
        return {
            (one, "GET"): Example(there),
            (f"{one}/content", "GET"): Example(f"{there}/content"),
            (f"{one}/thumbnail", "GET"): Example(f"{there}/thumbnail"),
            (f"{one}/edits", "POST"): Example(self._fresh_page("/edits"), edit),
            (f"{one}/edits", "DELETE"): Example(self._fresh_page("/edits")),
        }

    def _stored_version(self) -> int:
        """Changes with every commit to the index, where jobs, pages, cursors and events are."""
        (version,) = self._index.execute("PRAGMA data_version").fetchone()
        return int(version)

    def _is_processed(self, event: Event) -> bool:
        return event.subject == self._processed and event.data["status"] == "completed"

    def _is_scanned(self, event: Event) -> bool:
        return event.subject == self._scanned and event.data.get("status") == "completed"

    def _after_clearing(self, path: str) -> Callable[[], str]:
        def clear() -> str:
            self.clear()
            return path

        return clear

    def _fresh(self, path: str) -> ExamplePath:
        def make() -> str:
            self.clear()
            return f"{path}/{self._create('Fresh')}"

        return make

    def _running_job(self) -> str:
        self.clear()
        return f"{PROCESS_JOBS}/{self._process('idle')}"

    def _process(self, operation: str) -> str:
        body = json.dumps({"source": self._picture})
        headers = {"Prefer": "respond-async"}
        answer = self._page.post(f"/api/process/{operation}", content=body, headers=headers)
        return str(answer.raise_for_status().json()["jobuid"])

    def _fresh_document(self, below: str) -> ExamplePath:
        return lambda: f"{DOCUMENTS}/{self._make_document()}{below}"

    def _fresh_page(self, below: str) -> ExamplePath:
        def make() -> str:
            document = self._page.get(f"{DOCUMENTS}/{self._make_document()}").json()
            return f"{PAGES}/{document['pages'][0]['uid']}{below}"

        return make

    def _undone_document(self) -> str:
        path = f"{DOCUMENTS}/{self._make_document()}"
        self._page.post(f"{path}/undo", content=b"{}").raise_for_status()
        return f"{path}/redo"

    def _make_document(self) -> str:
        made = self._page.post(DOCUMENTS, content=b"{}").raise_for_status()
        uid = str(made.json()["uid"])
        source = json.dumps({"source": self._picture})
        self._page.post(f"{DOCUMENTS}/{uid}/pages", content=source).raise_for_status()
        return uid

    def _fresh_session(self) -> str:
        self._session = self._begin_session()
        return f"/api/sessions/{self._session}"

    def _begin_session(self) -> str:
        answer = self._page.post("/api/sessions", content=b'{"addons": []}')
        return str(answer.raise_for_status().json()["sessionuid"])

    def _create(self, device: str, *, is_run: bool = False) -> str:
        config = {"Resolution": 75, "IfFeederEnabled": is_run}
        body = json.dumps({"device": device, "autoRun": is_run, "config": config})
        return str(self._page.post(JOBS, content=body).raise_for_status().json()["jobuid"])


def _body_of(verb: str) -> bytes:
    return b"" if verb in ("GET", "DELETE") else b"{}"
