"""The document: valid, and the whole table and nothing but the table."""

from __future__ import annotations

import json
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from flatbed.http.openapi import build_document

from .demo import DemoServer
from .demo_routes import demo_routes
from .raw import ask

Json = dict[str, Any]


@pytest.fixture(scope="module")
def document() -> Json:
    """The demo table's."""
    built: Json = json.loads(json.dumps(build_document(demo_routes())))
    return built


def test_build_document_is_valid_openapi(document: Json) -> None:
    """By the specification's own schema, references included."""
    OpenAPIV31SpecValidator(document).validate()
    assert document["openapi"] == "3.1.0"
    assert document["info"]["version"] == "20261121"


def test_build_document_has_every_route_and_verb_and_nothing_else(document: Json) -> None:
    """Written out, so that neither side can lose one unseen."""
    found = {path: sorted(set(item) - {"parameters"}) for path, item in document["paths"].items()}
    assert found == {
        "/api/hello": ["get"],
        "/api/openapi.json": ["get"],
        "/api/demo/jobs": ["get", "post"],
        "/api/demo/jobs/{jobuid}": ["delete", "get", "patch"],
        "/api/demo/settings": ["patch"],
        "/api/demo/jobs/{uid}/content": ["get"],
        "/api/demo/files": ["post"],
        "/api/demo/pair": ["post"],
        "/": ["get"],
        "/api/demo/fail/{how}": ["get"],
        "/api/demo/wait": ["get"],
        "/api/demo/events": ["get"],
    }


def test_build_document_names_each_operation_once(document: Json) -> None:
    """Code is generated from these names."""
    names = [
        operation["operationId"]
        for item in document["paths"].values()
        for verb, operation in item.items()
        if verb != "parameters"
    ]
    assert len(names) == len(set(names)) == 15
    assert "patch_api_demo_jobs_jobuid" in names


def test_build_document_parameters_come_from_path_query_and_headers(document: Json) -> None:
    """Each with its type, and with its range and description where the Struct has them."""
    job = document["paths"]["/api/demo/jobs/{jobuid}"]
    text = {"type": "string"}
    uid, *_ = job["parameters"]
    assert uid == {"name": "jobuid", "in": "path", "required": True, "schema": text}
    (session,) = job["get"]["parameters"]
    assert (session["name"], session["in"], session["required"]) == (
        "Flatbed-Session",
        "header",
        False,
    )
    limit, newest, _ = document["paths"]["/api/demo/jobs"]["get"]["parameters"]
    assert limit == {
        "name": "limit",
        "in": "query",
        "required": False,
        "schema": {"type": "integer", "minimum": 1, "default": 100},
        "description": "How many at most.",
    }
    assert newest["schema"] == {"type": "boolean", "default": False}


def test_build_document_every_operation_takes_a_subject(document: Json) -> None:
    """By a header, and in the query where a browser sets none; described once."""
    for item in document["paths"].values():
        assert item["parameters"][-2:] == [
            {"$ref": "#/components/parameters/Subject"},
            {"$ref": "#/components/parameters/SubjectInQuery"},
        ]
    header, query = document["components"]["parameters"].values()
    assert (header["name"], header["in"]) == ("Flatbed-Subject", "header")
    assert (query["name"], query["in"]) == ("subject", "query")
    assert header["schema"] == query["schema"]
    assert header["schema"]["maxLength"] == 200


def test_build_document_components_are_bodies_and_not_parameters(document: Json) -> None:
    """Structs that only hold parameters are taken apart into them."""
    assert sorted(document["components"]["schemas"]) == [
        "ErrorBody",
        "ErrorCause",
        "Hello",
        "Job",
        "JobPatch",
        "NewJob",
        "Paper",
    ]
    error = document["components"]["schemas"]["ErrorBody"]
    assert error["required"] == ["code", "message", "statusCode", "error"]


def test_build_document_bodies_and_answers_have_their_types(document: Json) -> None:
    """JSON by its schema, other media types by name, and nothing where nothing is sent."""
    paths = document["paths"]
    post = paths["/api/demo/jobs"]["post"]
    assert post["requestBody"]["content"] == {
        "application/json": {"schema": {"$ref": "#/components/schemas/NewJob"}}
    }
    assert post["responses"]["201"]["content"] == {
        "application/json": {"schema": {"$ref": "#/components/schemas/Job"}}
    }
    listed = paths["/api/demo/jobs"]["get"]["responses"]["200"]["content"]["application/json"]
    assert listed["schema"] == {"type": "array", "items": {"$ref": "#/components/schemas/Job"}}
    picture = paths["/api/demo/jobs/{uid}/content"]["get"]["responses"]["200"]
    assert picture == {"description": "OK", "content": {"image/png": {}}}
    deleted = paths["/api/demo/jobs/{jobuid}"]["delete"]["responses"]["204"]
    assert deleted == {"description": "No Content"}
    upload = paths["/api/demo/files"]["post"]["requestBody"]["content"]
    assert upload == {"application/octet-stream": {}}


def list_of(*statuses: int) -> list[str]:
    """Statuses as the document writes them."""
    return [str(status) for status in statuses]


def test_build_document_errors_are_what_may_come(document: Json) -> None:
    """What the guard may say everywhere, 415 for changes, and what the operation says itself."""
    job = document["paths"]["/api/demo/jobs/{jobuid}"]
    assert sorted(job["get"]["responses"]) == list_of(200, 400, 403, 404, 413, 421, 429, 500)
    assert sorted(job["patch"]["responses"]) == list_of(200, 400, 403, 404, 413, 415, 421, 429, 500)
    missing = job["get"]["responses"]["404"]
    assert missing["description"] == (
        "- `job_not_found` (-1034): There is no such job. "
        "It may have been deleted; create a new one."
    )
    assert missing["content"] == {
        "application/json": {"schema": {"$ref": "#/components/schemas/ErrorBody"}}
    }


def test_openapi_over_http_is_the_document(server: DemoServer, document: Json) -> None:
    """What is served is what is built, also the second time."""
    for _ in range(2):
        answer = ask(server.port, "GET", "/api/openapi.json")
        assert (answer.status, answer.header("Content-Type")) == (200, "application/json")
        assert json.loads(answer.body) == document
