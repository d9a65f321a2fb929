"""Scans with the virtual driver in a process of its own, for the faults that end one.

Takes the configuration as JSON in its first argument, and the limit of its memory in MB, or 0, in
its second; prints the number of finished pages and `ended`, or the name of what was raised.
"""

from __future__ import annotations

import json
import resource
import sys

from flatbed.addon import ScanSettings
from flatbed.addon.testing import MemorySink
from flatbed.builtin import virtual


def main() -> None:
    config, limit_mb = json.loads(sys.argv[1]), int(sys.argv[2])
    if limit_mb:
        resource.setrlimit(resource.RLIMIT_AS, (limit_mb << 20, limit_mb << 20))
    virtual.start(config)
    sink = MemorySink()
    try:
        virtual.acquire_pages(
            "virtual:1", ScanSettings(paper_source="feeder", color="gray", dpi=40), sink
        )
    except Exception as error:  # noqa: BLE001 - said to the parent, whatever it is
        print(sink.pages, type(error).__name__)
    else:
        print(sink.pages, "ended")


if __name__ == "__main__":
    main()
