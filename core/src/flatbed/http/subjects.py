"""The subject that a page binds what it makes to, and how a request says it."""

from __future__ import annotations

import re
from typing import Any

import msgspec
from tornado.httputil import HTTPServerRequest

from flatbed.errors import InvalidInputError

SUBJECT_HEADER = "Flatbed-Subject"
SUBJECT_QUERY = "subject"

# In other characters a header and a query would be two spellings of one subject, or one of two.
_PATTERN = "[!-~]([ -~]{0,198}[!-~])?"
_SUBJECT = re.compile(_PATTERN)

_REFUSAL = (
    "A subject is 1 to 200 printable ASCII characters without spaces at its ends, sent once."
    " Nothing was done."
)
_SCHEMA = {"type": "string", "minLength": 1, "maxLength": 200, "pattern": f"^{_PATTERN}$"}

SUBJECT_PARAMETERS: dict[str, dict[str, Any]] = {
    "Subject": {
        "name": SUBJECT_HEADER,
        "in": "header",
        "required": False,
        "schema": _SCHEMA,
        "description": "Whoever sits at the page, by any word of its author. What a page makes"
        " under a subject is there for requests of its origin under the same subject alone.",
    },
    "SubjectInQuery": {
        "name": SUBJECT_QUERY,
        "in": "query",
        "required": False,
        "schema": _SCHEMA,
        "description": "The same where a browser sets no header, as for a WebSocket; the header"
        " wins. Where an operation has a `subject` of its own, only the header says it.",
    },
}
"""What OpenAPI says of it, for every operation alike."""


def read_subject(request: HTTPServerRequest, query: type | None = None) -> str | None:
    """The subject of a request: by its header, else by its query; `None` without one.

    Args:
        request: What came.
        query: Struct of the operation's own parameters. Where `subject` is one of them, as of a
            PDF, it does not say who asks.

    Raises:
        InvalidInputError: If it is none, or is said more than once.
    """
    said = request.headers.get_list(SUBJECT_HEADER)
    if not said and not _has_own(query):
        # In latin-1 nothing fails, and nothing but ASCII passes.
        values = request.query_arguments.get(SUBJECT_QUERY, [])
        said = [value.decode("latin-1") for value in values]
    if not said:
        return None
    if len(said) > 1 or not _SUBJECT.fullmatch(said[0]):
        raise InvalidInputError(_REFUSAL)
    return said[0]


def _has_own(query: type | None) -> bool:
    fields = msgspec.structs.fields(query) if query is not None else ()
    return any(each.encode_name == SUBJECT_QUERY for each in fields)
