"""An add-on that answers what cannot be, also where only its sink should speak."""

from __future__ import annotations

from typing import Any

from flatbed.addon import hookimpl

_UID = "0123456789abcdef" * 2


@hookimpl
def read_barcodes() -> list[dict[str, Any]]:
    """A code with three corners and a confidence of 700 %."""
    corners = [[0, 0], [1, 0], [1, 1]]
    return [{"format": "QR", "text": "x", "raw": "78", "corners": corners, "confidence": 7}]


@hookimpl
def recognize_text() -> list[str]:
    """Words where a page of lines is due."""
    return ["once", "upon", "a", "time"]


@hookimpl
def process_page(operation: str, out: Any) -> Any:
    """Lists two hundred deep, or pages that were never written."""
    if operation == "tell-depth":
        return _nest(200)
    report, sealed = out._shop.report, {"size": 100, "tag": "00" * 16}
    page = {"type": "page", "ordinal": 0, "size_px": [10, 10], "dpi": [300, 300], "mode": "L"}
    page |= {"bits": 8, "key": "00" * 60, "thumbnail": sealed, **sealed}
    uid = "../../../../etc/passwd" if operation == "tell-path" else _UID
    for number in range(20_000 if operation == "tell-many" else 1):
        report(page | {"uid": f"{number:032x}" if operation == "tell-many" else uid})
    return None


def _nest(depth: int) -> list[Any]:
    found: list[Any] = []
    for _ in range(depth):
        found = [found]
    return found
