"""What twain-wia-sane-scanner 2.0.3 does with scanners, pages and documents."""

from __future__ import annotations

import sys

from .desk import take
from .processing import barcodes, blanks
from .scanning import capabilities, errors, job_settings, pages, scanning, server
from .storing import documents

_SCANNING = (server, scanning, job_settings, capabilities, pages)

if __name__ == "__main__":
    take([*_SCANNING, documents, blanks, barcodes, errors], *sys.argv[1:])
