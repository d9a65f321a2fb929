"""Print the service's interface as an OpenAPI document, without a service."""

from __future__ import annotations

import json

from flatbed.http.application import route_table
from flatbed.http.openapi import build_document

print(json.dumps(build_document(route_table()), indent=1))
