"""A tab of a headless Chromium, with nothing watching it but what is asked.

Drivers of browsers switch the recording of the network on, which keeps answers in the tab's memory:
what would be measured is theirs.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
from tornado.websocket import WebSocketClientConnection, websocket_connect

_LIMIT_S = 600
_LISTENING = "DevTools listening on ws://"


class Tab:
    """One tab; calls wait for their answers.

    Args:
        connection: To the tab's own address.
        loop: Runs it.
    """

    def __init__(
        self, connection: WebSocketClientConnection, loop: asyncio.AbstractEventLoop
    ) -> None:
        self._connection = connection
        self._loop = loop
        self._last = 0

    def send(self, method: str, **params: Any) -> Any:
        """One command of the protocol; its result."""
        return self._loop.run_until_complete(asyncio.wait_for(self._send(method, params), _LIMIT_S))

    def evaluate(self, script: str) -> Any:
        """The value of an expression, or of its promise, as JSON has it."""
        wanted = {"expression": script, "awaitPromise": True, "returnByValue": True}
        answer = self.send("Runtime.evaluate", **wanted)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def wait_for(self, condition: str) -> None:
        """Wait until an expression is true; it is looked at 50 times a second."""
        self.evaluate(
            "(async () => {"
            f"while (!({condition})) await new Promise((go) => setTimeout(go, 20));"
            "})()"
        )

    def open(self, url: str) -> None:
        """Go there, and wait until it is loaded."""
        self.send("Page.navigate", url=url)
        self.wait_for(f"location.href === {json.dumps(url)} && document.readyState === 'complete'")

    def heap_mb(self) -> float:
        """What JavaScript uses once what nobody needs is collected."""
        self.send("HeapProfiler.collectGarbage")
        return float(self.send("Runtime.getHeapUsage")["usedSize"]) / 1e6

    async def _send(self, method: str, params: dict[str, Any]) -> Any:
        self._last += 1
        number = self._last
        message = {"id": number, "method": method, "params": params}
        await self._connection.write_message(json.dumps(message))
        while True:
            text = await self._connection.read_message()
            assert text is not None, "the tab is gone"
            answer = json.loads(text)
            if answer.get("id") == number:
                assert "error" not in answer, (method, answer)
                return answer["result"]


@contextmanager
def open_tab(chromium: Path, profile: Path, *flags: str) -> Iterator[tuple[Tab, psutil.Process]]:
    """A tab of a browser of its own, and the browser's process; both are gone afterwards."""
    own = ("--headless=new", "--remote-debugging-port=0", f"--user-data-dir={profile}")
    command = [str(chromium), *own, *flags, "about:blank"]
    browser = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    loop = asyncio.new_event_loop()
    try:
        address = _read_address(browser)
        with urllib.request.urlopen(f"http://{address}/json/list", timeout=30) as answer:
            tab = next(each for each in json.load(answer) if each["type"] == "page")
        connection = loop.run_until_complete(_connect(tab["webSocketDebuggerUrl"]))
        yield Tab(connection, loop), psutil.Process(browser.pid)
        connection.close()
    finally:
        loop.close()
        browser.terminate()
        browser.wait(20)


async def _connect(url: str) -> WebSocketClientConnection:
    return await websocket_connect(url, max_message_size=1 << 28)


def _read_address(browser: subprocess.Popen[str]) -> str:
    assert browser.stderr is not None
    for line in browser.stderr:
        if line.startswith(_LISTENING):
            return line.removeprefix(_LISTENING).partition("/")[0]
    raise AssertionError("the browser did not start")
