"""Where pages come from: only from this service, by any of its names."""

from __future__ import annotations

import pytest

from flatbed.errors import InvalidInputError
from flatbed.http.sources import Source, parse_source

OWN = "http://127.0.0.1:18622"
UID, OTHER = "a1" * 16, "b2" * 16
JOB_PAGE = f"/api/device/scanners/jobs/{UID}/next-page?page={OTHER}"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (UID, Source("page", "", UID)),
        (f"/api/storage/pages/{UID}/content?type=image/png", Source("page", "", UID)),
        (f"{OWN}/api/storage/pages/{UID}/thumbnail", Source("page", "", UID)),
        (f"{OWN}{JOB_PAGE}", Source("job", UID, OTHER)),
        (f"http://localhost:18622{JOB_PAGE}", Source("job", UID, OTHER)),
        (f"http://[::1]:18622{JOB_PAGE}", Source("job", UID, OTHER)),
        (f"/api/device/scanners/jobs/{UID}/content?page=3", Source("job", UID, "3")),
        (f"/api/storage/documents/{UID}/pages/{OTHER}", Source("document", UID, OTHER)),
        (f"/api/storage/documents/{UID}/pages/0", Source("document", UID, "0")),
        (f"/api/storage/documents/{UID}/content?pages=2", Source("document", UID, "2")),
    ],
)
def test_source_of_this_service_is_read(source: str, expected: Source) -> None:
    """Bare uids, paths and whole URLs."""
    assert parse_source(source, base_url=OWN) == expected


@pytest.mark.parametrize(
    "source",
    [
        "",
        UID.upper(),
        UID + "0",
        "http://scan.example:18622" + JOB_PAGE,
        "http://127.0.0.1:18623" + JOB_PAGE,
        "http://127.0.0.1" + JOB_PAGE,
        "http://me@127.0.0.1:18622" + JOB_PAGE,
        "ftp://127.0.0.1:18622" + JOB_PAGE,
        "//127.0.0.1:18622" + JOB_PAGE,
        "http://127.0.0.1:port" + JOB_PAGE,
        "http://[::1" + JOB_PAGE,
        f"/api/device/scanners/jobs/{UID}/next-page",
        f"/api/device/scanners/jobs/{UID}/../{UID}/content?page=0",
        f"/api/storage/documents/{UID}/content",
        "/api/hello",
        "file:///etc/passwd",
    ],
)
def test_anything_else_is_refused(source: str) -> None:
    """With a sentence that says what to send."""
    with pytest.raises(InvalidInputError, match="is no page of this service"):
        parse_source(source, base_url=OWN)
