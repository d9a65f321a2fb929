"""The steps of twain-wia-sane-scanner 2.0.3; prints what they returned.

Run in an environment with that client; takes the service's URL and a folder for pictures.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

from dynamsoftservice import JobStatus, ScannerController, ScannerServiceError, ScannerType  # type: ignore[import-not-found]

Found = dict[str, Any]

CONFIG = {"IfShowUI": False, "PixelType": 2, "Resolution": 75, "IfFeederEnabled": True}
CONFIG["IfDuplexEnabled"] = False


class Steps:
    """The client's methods, by what they are about."""

    def __init__(self, host: str, folder: str) -> None:
        self.host, self.folder = host, folder
        self.client = ScannerController(timeout=30)
        self.strict = ScannerController(timeout=30, raise_errors=True)
        listed = self.client.getDevices(host, ScannerType.SANESCANNER)
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
        job: Found = self.client.createJob(self.host, {**parameters, **more})
        return str(job["jobuid"])

    def server(self) -> Found:
        """Settings and versions."""
        return {
            "info": self.client.getServerInfo(self.host),
            "settings": self.client.getServerSettings(self.host),
            "updated": self.client.updateServerSettings(self.host, {"logLevel": 30}),
        }

    def scanning(self) -> Found:
        """List, create, start, look, cancel, delete."""
        job = self.create(autoRun=False)
        found = {
            "devices": list(self.devices),
            "twain": self.client.getDevices(self.host, ScannerType.TWAINSCANNER),
            "pending": self.client.checkJob(self.host, job),
            "started": self.client.updateJob(self.host, job, {"status": JobStatus.RUNNING}),
            "pages": len(self.client.getImageStreams(self.host, job)),
            "completed": self.client.checkJob(self.host, job),
            "deleted": self.client.deleteJob(self.host, job),
        }
        slow = self.create("Slow")
        found["canceled"] = self.client.updateJob(self.host, slow, {"status": JobStatus.CANCELED})
        found["deleted_canceled"] = self.client.deleteJob(self.host, slow)
        return found

    def capabilities(self) -> Found:
        """What a pending job's scanner can do, and a snapshot used for the next job."""
        job = self.create(autoRun=False)
        some = self.client.getScannerCapabilities(self.host, job, caps=[257, 4376])
        every = self.client.getScannerCapabilities(self.host, job)
        settings = self.client.getScannerSettings(self.host, job, showUI=False)
        self.client.deleteJob(self.host, job)
        again = self.create(autoRun=False, settings=settings["settings"], config={})
        same = self.client.getScannerSettings(self.host, again)
        self.client.deleteJob(self.host, again)
        return {
            "some": [each["capability"]["value"] for each in some],
            "all": len(every),
            "is_same": same == settings,
        }

    def pages(self) -> Found:
        """Information, streams, files, and addresses of pages."""
        job = self.create()
        info = self.client.getImageInfo(self.host, job)
        by_url = self.client.getStreamFromUrl(info["url"])
        first = self.client.getImageStream(self.host, job)
        found = {
            "info": info,
            "is_first": first == by_url,
            "file": self.client.getImageFile(self.host, job, self.folder, "image/jpeg"),
            "named": self.client.getImageFile(self.host, job, self.folder, filename="named.png"),
            "files": self.client.getImageFiles(self.host, job, self.folder),
            "none": self.client.getImageStream(self.host, job),
            "infos": [self.client.getImageInfo(self.host, job) for _ in range(4)],
        }
        self.client.deleteJob(self.host, job)
        return found

    def documents(self) -> Found:
        """Made, filled by a page's address, read, written into files, emptied, deleted."""
        job = self.create()
        ask, host, lock = self.client, self.host, {"password": "secret"}
        sources = [ask.getImageInfo(host, job)["url"] for _ in range(2)]
        made = ask.createDocument(host, lock)
        uid = made["uid"]
        for source in sources:
            filled = ask.insertPage(host, uid, {"source": source, "insertPos": 1, **lock})
        tiff = {"type": "image/tiff", "compression": 5, "quality": 90}
        found = {
            "made": made["pages"],
            "filled": len(filled["pages"]),
            "locked": ask.getDocumentInfo(host, uid),
            "locked_error": ask.last_error,
            "info": len(ask.getDocumentInfo(host, uid, "secret")["pages"]),
            "tiff": ask.getDocumentFile(host, uid, self.folder, tiff, "secret", "two.tiff"),
            "jpeg": ask.getDocumentFile(
                host, uid, self.folder, {"type": "image/jpeg", "pages": "1"}, "secret"
            ),
            "by_place": ask.deletePage(host, uid, "0", "secret"),
            "by_uid": ask.deletePage(host, uid, filled["pages"][1]["uid"], "secret"),
            "emptied": ask.getDocumentInfo(host, uid, "secret")["pages"],
            "deleted": ask.deleteDocument(host, uid, "secret"),
        }
        ask.deleteJob(host, job)
        return found

    def processing(self) -> Found:
        """Whether a page is blank, as the client's example asks it."""
        job = self.create()
        source = self.client.getImageInfo(self.host, job)["url"]
        settings = {"minBlockHeight": 20, "maxBlockHeight": 30}
        found = {
            "plain": self.client.checkBlank(self.host, {"source": source}),
            "heights": self.client.checkBlank(self.host, {"source": source, "settings": settings}),
            "elsewhere": self.client.checkBlank(
                self.host, {"source": "http://example.com/page.png"}
            ),
            "elsewhere_error": self.client.last_error,
        }
        self.client.deleteJob(self.host, job)
        return found

    def errors(self) -> Found:
        """What is raised, and what is returned where nothing is to be raised."""
        job = self.create(autoRun=False)
        ask, host = self.strict, self.host
        busy = {"device": self.devices["Plain"]}
        found = {
            "held": _caught(lambda: ask.createJob(host, busy)),
            "nobody": _caught(lambda: ask.createJob(host, {"device": "nobody"})),
            "resolution": _caught(
                lambda: ask.createJob(
                    host, {"device": self.devices["Second"], "config": {"Resolution": 76}}
                )
            ),
            "state": _caught(lambda: ask.updateJob(host, job, {"status": "canceled"})),
            "content": _caught(lambda: ask.checkJob(host, "0123456789abcdef")),
            "log_level": _caught(lambda: ask.updateServerSettings(host, {"logLevel": 5})),
        }
        found["deleted"] = self.client.deleteJob(host, job)
        found["deleted_again"] = self.client.deleteJob(host, job)
        found["last_error"] = self.client.last_error
        found["gone"] = _caught(lambda: ask.getImageStream(host, job))
        found["unknown"] = self.client.checkJob(host, "0123456789abcdef")
        return found


def _caught(call: Callable[[], object]) -> list[Any]:
    try:
        return ["nothing", call()]
    except ScannerServiceError as error:
        return [error.status_code, error.details["code"], error.details["error"]]


def main(host: str, folder: str) -> dict[str, Found]:
    """Take all steps."""
    steps = Steps(host, folder)
    scanning = (steps.server, steps.scanning, steps.capabilities, steps.pages)
    every = (*scanning, steps.documents, steps.processing, steps.errors)
    return {step.__name__: step() for step in every}


if __name__ == "__main__":
    json.dump(main(*sys.argv[1:]), sys.stdout)
