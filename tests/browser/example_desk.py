"""The page of an author, on which the examples of the documents run."""

from __future__ import annotations

import http.server
import json
import queue
import re
import subprocess
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.browser.rig import DIST, ROOT

KINDS = ("js", "ts", "jsx", "tsx", "javascript", "typescript", "html")
_FENCE = re.compile(rf"^```({'|'.join(KINDS)})\n(.*?)^```$", re.DOTALL | re.MULTILINE)
NODE = ROOT / ".venv" / "bin" / "node"
_TYPES = {".html": "text/html", ".js": "text/javascript"}

# What the examples name, as their page has it; elements are known by their ids.
PAGE = """<!doctype html>
<html lang="en">
  <meta charset="utf-8">
  <title>Invoice desk</title>
  <script type="importmap">{"imports": {"flatbed": "/flatbed.js"}}</script>
  <script>
    const base = new URLSearchParams(location.search).get("base");
    const user = { id: "ana" };
    const seen = { states: [], questions: [], errors: [] };
    const answers = [];
    const banner = { show: (state) => seen.states.push(state.name) };
    const ask = async (question) => (seen.questions.push(question), answers.shift());
    const signal = new AbortController().signal;
    addEventListener("unhandledrejection", ({ reason: { name, code, message } }) => {
      seen.errors.push({ name, code, message });
    });
  </script>
  <button id="scanButton">Scan</button>
  <p id="text"></p>
  <button id="button"></button>
  <div id="gallery"></div>
  <script type="module" src="/example.js"></script>
</html>
"""

DECLARATIONS = """
declare const banner: { show(state: import("flatbed").FlatbedState): void };
declare const scanButton: HTMLButtonElement;
declare const gallery: HTMLElement;
declare const signal: AbortSignal;
declare function ask(question: string): Promise<boolean>;
declare const text: HTMLElement;
declare const button: HTMLButtonElement;
"""


def examples(document: Path | str, *kinds: str) -> list[str]:
    """Those of a document that are written in one of some languages, in their order."""
    text = (ROOT / document).read_text("utf-8")
    return [str(body) for kind, body in _FENCE.findall(text) if kind in kinds]


def compile_examples(sources: Sequence[str], folder: Path) -> list[str]:
    """TypeScript of examples, held to the client's types, as JavaScript.

    Args:
        sources: Each a module.
        folder: An empty one to work in.
    """
    for number, each in enumerate(sources):
        (folder / f"example-{number}.ts").write_text(each, "utf-8")
    (folder / "page.d.ts").write_text(DECLARATIONS, "utf-8")
    options = {"noEmit": False, "noEmitOnError": True, "outDir": "out", "noUnusedLocals": False}
    paths = {"flatbed": [str(DIST / "index.d.ts")]}
    config = {
        "extends": str(ROOT / "client" / "tsconfig.json"),
        "compilerOptions": {**options, "paths": paths},
        "include": ["*.ts"],
    }
    (folder / "tsconfig.json").write_text(json.dumps(config), "utf-8")
    compiler = ROOT / "client" / "node_modules" / "typescript" / "bin" / "tsc"
    command = [str(each) for each in (NODE, compiler, "--project", folder)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stdout) == (0, "")
    names = [f"example-{number}.js" for number in range(len(sources))]
    return [(folder / "out" / name).read_text("utf-8") for name in names]


class Desk(http.server.ThreadingHTTPServer):
    """An author's site: files by their path, and an inbox.

    Attributes:
        files: Text by path.
        inbox: What was posted to `/inbox`: its type and its bytes.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _DeskHandler)
        self.files = {f"/{each.name}": each.read_text("utf-8") for each in DIST.glob("*.js")}
        self.files["/js/flatbed.global.js"] = self.files["/flatbed.global.js"]
        self.files["/"] = PAGE
        self.inbox: queue.Queue[tuple[str, bytes]] = queue.Queue()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def origin(self) -> str:
        """Of its pages."""
        return f"http://127.0.0.1:{self.server_port}"


class _DeskHandler(http.server.BaseHTTPRequestHandler):
    server: Desk

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        text = self.server.files.get(path)
        self.send_response(404 if text is None else 200)
        self.send_header("Content-Type", _TYPES.get(Path(path).suffix, "text/html"))
        self.end_headers()
        self.wfile.write((text or "").encode())

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/inbox":
            self.server.inbox.put((self.headers["Content-Type"], body))
        self.send_response(204 if self.path == "/inbox" else 404)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name there
        pass
