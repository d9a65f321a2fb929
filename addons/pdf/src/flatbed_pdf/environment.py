"""What the add-on found on this machine."""

from __future__ import annotations

import pikepdf
from PIL import features
from pypdfium2 import version as pdfium

from flatbed.addon import hookimpl


@hookimpl
def describe_environment() -> dict[str, str]:
    """Versions of what writes and reads; that of OpenJPEG is `missing` where Pillow has none."""
    return {
        "pikepdf": pikepdf.__version__,
        "qpdf": pikepdf.__libqpdf_version__,
        "openjpeg": features.version("jpg_2000") or "missing",
        "pdfium": str(pdfium.PDFIUM_INFO),
    }
