"""How handlers of requests read and write, and what becomes of bodies."""

from __future__ import annotations

import json
import socket

import pytest

from .demo import GRANTED, DemoServer
from .raw import Request, ask, connect, receive, send

MIB = 2**20

BAD_BODIES = {
    "wrong type": (
        b'{"config": {"Resolution": "fine"}}',
        "'config.Resolution' in the body is wrong: expected `int`, got `str`.",
    ),
    "out of range": (
        b'{"config": {"Resolution": 20000}}',
        "'config.Resolution' in the body is wrong: expected `int` <= 1200.",
    ),
    "renamed field": (
        b'{"autoRun": 1}',
        "'autoRun' in the body is wrong: expected `bool`, got `int`.",
    ),
    "no object": (b"[]", "The body is wrong: expected `object`, got `array`."),
    "cut off": (b'{"name": ', "The body is not valid JSON: input data was truncated."),
    "a form": (
        b"scan=1",
        "The body is not valid JSON: invalid character (byte 0).",
    ),
    "no UTF-8": (b'{"name": "\xff"}', "The text of the body is not UTF-8."),
    "nested too deeply": (
        b'{"name": ' + b"[" * 100_000,
        "'name' in the body is wrong: expected `str`, got `array`.",
    ),
    "nested too deeply in a key that nobody knows": (
        b'{"zzz": ' + b"[" * 100_000,
        "The body is nested too deeply.",
    ),
}


@pytest.mark.parametrize(("body", "message"), BAD_BODIES.values(), ids=BAD_BODIES)
def test_read_body_with_bad_input_names_the_field(
    body: bytes, message: str, server: DemoServer
) -> None:
    """400 and -2113, in words that say where it is wrong."""
    answer = ask(server.port, "POST", "/api/demo/jobs", body=body)
    assert json.loads(answer.body) == {
        "code": -2113,
        "message": message,
        "statusCode": 400,
        "error": "invalid_input",
    }
    assert server.services.changes == 0


@pytest.mark.parametrize(
    ("headers", "body", "name"),
    [
        ([], b"", "scan"),
        ([], b" \r\n", "scan"),
        ([], b'{"name": "x"}', "x"),
        ([("Content-Type", "application/text")], b'{"name": "x"}', "x"),
        ([("Content-Type", "application/x-www-form-urlencoded")], b'{"name": "x%zz"}', "x%zz"),
        ([("Content-Type", "multipart/form-data; boundary=b")], b'{"name": "x"}', "x"),
        ([], b'{"name": "x", "licence": "abc", "config": {"Unknown": [1]}}', "x"),
    ],
    ids=["none", "blank", "untyped", "odd type", "as a form", "as parts", "unknown keys"],
)
def test_read_body_of_a_native_caller_is_lax(
    headers: list[tuple[str, str]], body: bytes, name: str, server: DemoServer
) -> None:
    """The type is not looked at, unknown keys are left alone, nothing is an empty object."""
    answer = ask(server.port, "POST", "/api/demo/jobs", headers, body)
    assert json.loads(answer.body) == {"jobuid": "job-0", "name": name}
    assert answer.status == 201
    assert answer.header("Content-Type") == "application/json"


def test_read_body_with_a_missing_field_names_it(server: DemoServer) -> None:
    """A field that must be there is told by its name."""
    uid = server.call(lambda: server.services.add("old"))
    answer = ask(server.port, "PATCH", f"/api/demo/jobs/{uid}", body=b"{}")
    message = "The body is wrong: object missing required field `status`."
    assert (answer.status, json.loads(answer.body)["message"]) == (400, message)


@pytest.mark.parametrize(
    ("query", "status", "count"),
    [
        ("", 200, 3),
        ("limit=2", 200, 2),
        ("limit=1&limit=2", 200, 2),
        ("limit=2&newest=true&name=%C3%A4&other=1", 200, 2),
        ("limit=two", 400, 0),
        ("limit=0", 400, 0),
        ("newest=maybe", 400, 0),
        ("name=%ff", 400, 0),
    ],
)
def test_read_query_takes_texts_as_what_they_must_be(
    query: str, status: int, count: int, server: DemoServer
) -> None:
    """Numbers and bools are read from text; the last of two counts; others are left alone."""
    for name in "abc":
        server.call(lambda name=name: server.services.add(name))  # type: ignore[misc]
    answer = ask(server.port, "GET", f"/api/demo/jobs?{query}")
    assert answer.status == status
    assert len(json.loads(answer.body)) == count if status == 200 else True


def test_read_query_with_bad_input_names_the_parameter(server: DemoServer) -> None:
    """As for bodies."""
    answer = ask(server.port, "GET", "/api/demo/jobs?limit=two")
    message = "'limit' in the query is wrong: expected `int`, got `str`."
    assert json.loads(answer.body)["message"] == message


@pytest.mark.parametrize(("headers", "name"), [([], "old"), ([("flatbed-session", "s1")], "s1")])
def test_read_headers_takes_them_in_any_case(
    headers: list[tuple[str, str]], name: str, server: DemoServer
) -> None:
    """Names of headers know no case."""
    uid = server.call(lambda: server.services.add("old"))
    answer = ask(server.port, "GET", f"/api/demo/jobs/{uid}", headers)
    assert json.loads(answer.body)["name"] == name


def test_read_headers_with_bad_input_is_refused(server: DemoServer) -> None:
    """Text that is none is not passed on."""
    headers = [("Flatbed-Session", "\xff")]
    uid = server.call(lambda: server.services.add("old"))
    answer = ask(server.port, "GET", f"/api/demo/jobs/{uid}", headers)
    message = "The text of the header is not UTF-8."
    assert (answer.status, json.loads(answer.body)["message"]) == (400, message)


def test_path_parameter_with_escapes_arrives_as_text(server: DemoServer) -> None:
    """An id is a label: a slash or a line end in it leads nowhere else."""
    answer = ask(server.port, "GET", "/api/demo/jobs/..%2F..%2Fetc%0A")
    assert (answer.status, json.loads(answer.body)["error"]) == (404, "job_not_found")
    assert ask(server.port, "GET", "/api/demo/jobs/a/b").status == 404


@pytest.mark.parametrize(
    ("size", "status"), [(MIB, 201), (MIB + 1, 413), (10 * MIB, 413)], ids=["1", "1+", "10"]
)
def test_body_beyond_the_limit_is_refused(size: int, status: int, server: DemoServer) -> None:
    """1 MiB for all that say nothing else; the sender gets to read why."""
    answer = ask(server.port, "POST", "/api/demo/jobs", body=b"{}".ljust(size))
    assert answer.status == status
    assert server.services.changes == (1 if status == 201 else 0)


@pytest.mark.parametrize(("pieces", "status"), [(1, 201), (16, 201), (17, 413), (200, 413)])
def test_body_in_chunks_beyond_the_limit_is_refused(
    pieces: int, status: int, server: DemoServer
) -> None:
    """Nobody said beforehand how much it would be."""
    piece = b"10000\r\n" + b" " * (MIB // 16) + b"\r\n"
    headers = (("Host", f"127.0.0.1:{server.port}"), ("Transfer-Encoding", "chunked"))
    body = piece * pieces + b"0\r\n\r\n"
    answer = send(server.port, Request("POST", "/api/demo/jobs", headers, body))
    assert answer.status == status
    assert server.services.changes == (1 if status == 201 else 0)


def test_body_without_end_is_answered_and_closed(server: DemoServer) -> None:
    """What is refused is read to the end only as long as there is one in sight."""
    with connect(server.port) as connection:
        headers = (("Host", "evil.example"), ("Transfer-Encoding", "chunked"))
        connection.sendall(Request("POST", "/api/demo/jobs", headers).encode())
        piece = b"100000\r\n" + b" " * MIB + b"\r\n"
        sent = _send_until_closed(connection, piece, 64)
    assert 16 <= sent < 64


def test_body_announced_as_huge_is_answered_at_once(server: DemoServer) -> None:
    """Nothing of it need be sent."""
    headers = [("Content-Length", "99999999999")]
    answer = ask(server.port, "POST", "/api/demo/jobs", headers)
    assert answer.status == 413
    assert answer.header("Connection") == "close"


@pytest.mark.parametrize(
    "headers",
    [
        [("Content-Length", "many")],
        [("Content-Length", "-1")],
        [("Content-Length", "\xb2")],
        [("Content-Length", "2"), ("Content-Length", "3")],
        [("Content-Length", "9" * 5000)],
        [("Content-Length", "2"), ("Transfer-Encoding", "chunked")],
        [("Transfer-Encoding", "gzip, chunked")],
    ],
    ids=["no number", "negative", "raised", "two", "endless", "both", "compressed"],
)
def test_body_of_unclear_length_is_refused_in_our_words(
    headers: list[tuple[str, str]], server: DemoServer
) -> None:
    """Where one request ends and the next begins must never be a matter of opinion."""
    answer = ask(server.port, "POST", "/api/demo/jobs", headers)
    assert json.loads(answer.body) == {
        "code": -2113,
        "message": "The headers do not tell the length of the body.",
        "statusCode": 400,
        "error": "invalid_input",
    }
    assert answer.header("Connection") == "close"


def test_body_of_unclear_length_of_a_stranger_to_us_is_refused_by_the_guard(
    server: DemoServer,
) -> None:
    """The guard is first here too."""
    headers = [("Host", "evil.example"), ("Content-Length", "many")]
    assert ask(server.port, "POST", "/api/demo/jobs", headers).status == 421


def test_receive_overridden_gets_a_body_beyond_the_usual_limit_in_pieces(
    server: DemoServer,
) -> None:
    """An upload has a limit of its own and lies nowhere as a whole."""
    answer = ask(server.port, "POST", "/api/demo/files", body=b"x" * 3 * MIB)
    assert (answer.status, json.loads(answer.body)) == (201, {"bytes": 3 * MIB})
    assert ask(server.port, "POST", "/api/demo/files", body=b"x" * 5 * MIB).status == 413


def test_receive_that_fails_is_answered_as_any_failure(server: DemoServer) -> None:
    """Even in the middle of a body the caller hears why, and the verb is not carried out."""
    body = b"no disk".ljust(2 * MIB)
    answer = ask(server.port, "POST", "/api/demo/files", body=body)
    assert (answer.status, json.loads(answer.body)["error"]) == (423, "scanner_held")
    assert server.services.changes == 0


def test_body_of_a_refused_request_never_reaches_the_handler(server: DemoServer) -> None:
    """Refused is refused, however it is sent."""
    headers = [("Origin", "https://evil.example"), ("Content-Type", "application/octet-stream")]
    answer = ask(server.port, "POST", "/api/demo/files", headers, b"x" * MIB)
    assert answer.status == 403
    assert server.services.uploaded == 0
    granted = [("Origin", GRANTED), ("Content-Type", "application/octet-stream")]
    assert ask(server.port, "POST", "/api/demo/files", granted, b"x" * MIB).status == 201


def test_body_sent_after_the_headers_of_a_refused_request_does_not_cost_the_answer(
    server: DemoServer,
) -> None:
    """The connection is not reset under a sender who is still at it."""
    with connect(server.port) as connection:
        headers = (("Host", "evil.example"), ("Content-Length", "2"))
        connection.sendall(Request("POST", "/api/demo/jobs", headers).encode())
        connection.sendall(b"{}")
        assert receive(connection).status == 421
        good = Request("GET", "/api/hello", (("Host", f"localhost:{server.port}"),))
        connection.sendall(good.encode())
        assert receive(connection).status == 200


def _send_until_closed(connection: socket.socket, piece: bytes, times: int) -> int:
    for sent in range(times):
        try:
            connection.sendall(piece)
        except OSError:
            return sent
    return times
