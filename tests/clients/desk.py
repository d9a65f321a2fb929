"""Where the steps of twain-wia-sane-scanner 2.0.3 are taken: a service, clients of it, a folder."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from typing import Any

import requests  # type: ignore[import-untyped]
from dynamsoftservice import ScannerController, ScannerServiceError, ScannerType  # type: ignore[import-not-found]

from .noting import Calls

Found = dict[str, Any]

CONFIG = {
    "IfShowUI": False,
    "PixelType": 2,
    "Resolution": 150,
    "IfFeederEnabled": True,
    "IfDuplexEnabled": False,
}


class Desk:
    """What the steps share.

    Attributes:
        host: The service's URL.
        folder: Takes files.
        calls: What was called of the clients.
        ask: A client that returns nothing where something is wrong.
        strict: One that raises.
        devices: What it scans with, by the scanner's name.
    """

    def __init__(self, host: str, folder: str) -> None:
        self.host, self.folder = host, folder
        self.calls = Calls(ScannerController)
        self.ask = self.calls.make(timeout=30, session=requests.Session())
        self.strict = self.calls.make(timeout=30, raise_errors=True)
        listed = self.ask.getDevices(host, ScannerType.SANESCANNER)
        self.devices = {each["name"]: each["device"] for each in listed}

    def create(self, name: str = "Plain", **more: Any) -> str:
        """Create a job as the client's own examples do; its id."""
        parameters = {
            "license": "LICENSE-KEY",
            "device": self.devices[name],
            "jobTimeout": 180,
            "scannerFailureTimeout": 90,
            "config": CONFIG,
        }
        job: Found = self.ask.createJob(self.host, {**parameters, **more})
        return str(job["jobuid"])

    def infos(self, job: str) -> list[Found]:
        """All pages of a job, as `next-page-info` tells them."""
        found = []
        while info := self.ask.getImageInfo(self.host, job):
            found.append(info)
        return found

    def fill(self, lock: str = "", **config: Any) -> Found:
        """A document of all pages of a new job, which is then deleted.

        Args:
            lock: Its password; none when empty.
            config: What is other than usual.
        """
        job = self.create(config=CONFIG | config)
        document: Found = self.ask.createDocument(self.host, {"password": lock} if lock else {})
        for info in self.infos(job):
            page = {"source": info["url"], "password": lock}
            document = self.ask.insertPage(self.host, document["uid"], page)
        self.ask.deleteJob(self.host, job)
        return document

    def code(self, call: Callable[[], object]) -> list[Any]:
        """What a call returned that shall come to nothing, and the number that is told."""
        returned = call()
        return [returned, self.ask.last_error and self.ask.last_error["code"]]


def caught(call: Callable[[], object]) -> list[Any]:
    """Status, number and name of what a call raises."""
    try:
        return ["nothing", call()]
    except ScannerServiceError as error:
        return [error.status_code, error.details.get("code"), error.details["error"]]


def take(steps: Iterable[Callable[[Desk], Any]], host: str, folder: str) -> None:
    """Take steps and print what they returned, as JSON.

    By their names, beside what the client has (`public`) and what was called of it (`called`).

    Args:
        steps: In their order.
        host: The service's URL.
        folder: Takes files.
    """
    desk = Desk(host, folder)
    found = {step.__name__: step(desk) for step in steps}
    json.dump({**found, "public": desk.calls.public, "called": desk.calls.called}, sys.stdout)
