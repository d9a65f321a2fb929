"""The headers that every answer carries, refusals and errors included."""

from __future__ import annotations

ANSWER_HEADERS = {
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Vary": "Origin",
    "Referrer-Policy": "no-referrer",
}

_EVERYWHERE = "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"

API_POLICY = f"default-src 'none'; {_EVERYWHERE}"
"""Content-Security-Policy of answers that are no page: nothing in them may ever be loaded."""

PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; "
    f"img-src 'self' blob: data:; connect-src 'self'; {_EVERYWHERE}"
)
"""Content-Security-Policy of the service's own pages: their own files and their own service."""

WARNINGS_HEADER = "Flatbed-Warnings"
"""What is to be known of a file that was made: JSON, a list of sentences, in ASCII."""

# What a page of another origin may read besides the few that it always may.
EXPOSED_HEADERS = (
    "Allow, Content-Disposition, Location, Preference-Applied, Retry-After, Flatbed-Warnings,"
    " Idempotent-Replayed"
)
