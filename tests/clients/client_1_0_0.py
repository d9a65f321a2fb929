"""Every method of twain-wia-sane-scanner 1.0.0 against a service; prints what they returned.

Run in an environment with that client; takes the service's URL and a folder for pictures.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from dynamsoftservice import ScannerController, ScannerType  # type: ignore[import-not-found]


def main(host: str, folder: str) -> dict[str, Any]:
    """Scan as the client's own examples do."""
    client = ScannerController()
    devices = client.getDevices(host)
    device = next(each["device"] for each in devices if each["name"] == "Plain")
    jam = next(each["device"] for each in devices if each["name"] == "Jam")
    parameters = {
        "license": "LICENSE-KEY",
        "device": device,
        "config": {
            "IfShowUI": False,
            "PixelType": 2,
            "Resolution": 75,
            "IfFeederEnabled": True,
            "IfDuplexEnabled": False,
        },
    }
    found: dict[str, Any] = {
        "devices": [each["name"] for each in devices],
        "sane": len(client.getDevices(host, ScannerType.SANESCANNER)),
        "twain": client.getDevices(host, ScannerType.TWAINSCANNER),
    }
    job = client.scanDocument(host, parameters)
    found["job"] = job
    found["first_file"] = client.getImageFile(host, job, folder)
    found["more_files"] = client.getImageFiles(host, job, folder)
    client.deleteJob(host, job)
    job = client.scanDocument(host, parameters)
    found["streams"] = [len(each) for each in client.getImageStreams(host, job)]
    client.deleteJob(host, job)
    job = client.scanDocument(host, {**parameters, "device": jam})
    found["streams_of_a_jam"] = len(client.getImageStreams(host, job))
    client.deleteJob(host, job)
    found["job_for_nobody"] = client.scanDocument(host, {**parameters, "device": "nobody"})
    client.deleteJob(host, found["job_for_nobody"])
    return found


if __name__ == "__main__":
    json.dump(main(*sys.argv[1:]), sys.stdout)
