"""What twain-wia-sane-scanner 2.0.3 makes of documents: TIFFs, pictures, PDFs."""

from __future__ import annotations

import sys

from .desk import take
from .exporting import pdfs, pictures, tiffs

if __name__ == "__main__":
    take([tiffs, pictures, pdfs], *sys.argv[1:])
