"""The base of the handlers of requests: one way to read, one way to write."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar, cast

import msgspec
import tornado.web
from tornado.http1connection import HTTP1Connection
from tornado.httputil import HTTPHeaders

from flatbed.errors import FlatbedError, InvalidInputError, NotFoundError, TooBigError
from flatbed.http import failures
from flatbed.http.guarded import GuardedHandler
from flatbed.http.idempotency import KeyedOnce, Once, read_once
from flatbed.storage.idempotency import Answer

if TYPE_CHECKING:
    from flatbed.http.routes import Operation

T = TypeVar("T")

# What of a refused body is read and thrown away, so that the sender gets to read the answer: a
# connection that is closed over unread bytes is reset, and the answer can be lost with it.
_DRAIN_BYTES = 16 * 2**20
_MAX_LENGTH_DIGITS = 15


@tornado.web.stream_request_body
class ApiHandler(GuardedHandler):
    """A handler of requests: read, call one method of a service, write.

    A body is kept only once the guard has let the request in; that of a refused request is thrown
    away as it comes.

    Attributes:
        once: Keeps the answer where the request has an `Idempotency-Key`; else it does nothing.
    """

    _is_cut_off = False
    once = Once()

    def prepare(self) -> None:
        """Let the request in, or refuse it as soon as its body has been read."""
        self._body = bytearray()
        self._received = 0
        self._max_body_bytes = 0
        self._failure: BaseException | None = None
        # Tornado's own limit would close without a word; `data_received` has ours.
        cast("HTTP1Connection", self.request.connection).set_max_body_size(10**_MAX_LENGTH_DIGITS)
        announced = _announced_bytes(self.request.headers)
        try:
            operation = self.admit()
            self._max_body_bytes = self._find_limit(operation)
            self._check_announced(announced)
            self._take_key(operation)
        except FlatbedError as refusal:
            self._is_cut_off = announced is None or announced > _DRAIN_BYTES
            if self._is_cut_off:
                raise
            self._fail_after_body(refusal)

    async def data_received(self, chunk: bytes) -> None:
        """Pass the body on to `receive`, within the operation's limit."""
        self._received += len(chunk)
        if self._failure is None and self._received > self._max_body_bytes:
            self._fail_after_body(TooBigError())
        if self._failure is None:
            await self._receive(chunk)
        elif self._received > _DRAIN_BYTES:
            self._fail_now(self._failure)

    async def receive(self, chunk: bytes) -> None:
        """Take the next piece of the body; keeps it for `read_body` unless overridden.

        A handler of uploads overrides this, so that a file never lies in memory as a whole. Its
        verb's method is called after the last piece.
        """
        self._body += chunk

    def keep_within(self, limit_bytes: int) -> None:
        """For a `receive` that takes some bodies only up to a lower limit than the operation's.

        Raises:
            TooBigError: If more than that has come.
        """
        if self._received > limit_bytes:
            raise TooBigError

    @property
    def body(self) -> bytes:
        """The whole body as it came."""
        return bytes(self._body)

    def read_body(self, kind: type[T]) -> T:
        """The body as JSON, whatever its Content-Type; no body is an empty object.

        Args:
            kind: What it must be; keys that a Struct does not name are ignored.

        Raises:
            InvalidInputError: If it is anything else; the message names the field.
        """
        try:
            return msgspec.json.decode(self._body.strip() or b"{}", type=kind)
        except (ValueError, RecursionError) as failure:
            raise failures.input_error(failure, "body") from failure

    def read_query(self, kind: type[T]) -> T:
        """The query's parameters as a Struct, numbers and bools read from their text.

        Of a parameter that comes twice the last counts; unknown ones are ignored.

        Raises:
            InvalidInputError: If one does not fit; the message names it.
        """
        arguments = self.request.query_arguments
        return _convert({name: values[-1] for name, values in arguments.items()}, kind, "query")

    def read_headers(self, kind: type[T]) -> T:
        """Header parameters as a Struct whose (renamed) fields are the names of headers.

        Raises:
            InvalidInputError: If one does not fit; the message names it.
        """
        names = [each.encode_name for each in msgspec.structs.fields(cast("Any", kind))]
        headers = self.request.headers
        found = {name: headers[name].encode("latin-1") for name in names if name in headers}
        return _convert(found, kind, "header")

    def write_json(self, value: Any, status: int = 200) -> None:
        """Answer a Struct, or what is made of Structs, lists, dicts and plain values."""
        self.set_status(status)
        self.set_header("Content-Type", "application/json")
        self.finish(msgspec.json.encode(value))

    def write_answer(self, answer: Answer) -> None:
        """Answer what is kept for the next time, or was."""
        self.set_status(answer.status)
        for name, value in answer.headers.items():
            self.set_header(name, value)
        self.finish(answer.body)

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """As everywhere; says so where the rest of the body will not be read."""
        if self._is_cut_off:
            self.set_header("Connection", "close")
        super().write_error(status_code, **kwargs)

    def _find_limit(self, operation: Operation | None) -> int:
        if operation is None:
            return 0
        own = operation.max_body_bytes
        return self.application.limits.max_body_bytes if own is None else own

    def _take_key(self, operation: Operation | None) -> None:
        if operation is None or not operation.takes_key:
            return
        self.once = read_once(self)
        if isinstance(self.once, KeyedOnce):
            verb = str(self.request.method).lower()
            setattr(self, verb, partial(self.once.carry_out, self, getattr(self, verb)))

    def _check_announced(self, announced: int | None) -> None:
        if announced is None:
            raise InvalidInputError("The headers do not tell the length of the body.")
        if announced > self._max_body_bytes:
            raise TooBigError

    async def _receive(self, chunk: bytes) -> None:
        self.once.take(chunk)
        if self.once.is_known:
            return
        try:
            await self.receive(chunk)
        except Exception as failure:  # noqa: BLE001 - Tornado would close without an answer
            self._fail_after_body(failure)

    def _fail_after_body(self, failure: BaseException) -> None:
        """Whatever the verb, let it raise this: Tornado calls it once the body has been read."""

        def fail(*_: str, **__: str) -> NoReturn:
            raise failure

        self._failure = failure
        self._body.clear()
        for verb in self.SUPPORTED_METHODS:
            setattr(self, verb.lower(), fail)

    def _fail_now(self, failure: BaseException) -> None:
        if not self._finished:
            self._is_cut_off = True
            self.send_error(exc_info=(type(failure), failure, failure.__traceback__))


class UnknownPathHandler(ApiHandler):
    """Answers every path that no route has, to those whom the guard lets in."""

    def find_operation(self) -> NoReturn:
        """Say that nothing is here, whatever the verb.

        Raises:
            NotFoundError: Always.
        """
        raise NotFoundError


def _announced_bytes(headers: HTTPHeaders) -> int | None:
    """The length of the body by its headers, 0 for one in chunks; None where they are invalid."""
    length = headers.get("Content-Length")
    if "Transfer-Encoding" in headers:
        is_chunked = headers["Transfer-Encoding"].lower() == "chunked"
        return 0 if is_chunked and length is None else None
    if length is None:
        return 0
    is_number = length.isascii() and length.isdigit() and len(length) <= _MAX_LENGTH_DIGITS
    return int(length) if is_number else None


def _convert(values: dict[str, bytes], kind: type[T], what: str) -> T:
    try:
        texts = {name: value.decode() for name, value in values.items()}
        return msgspec.convert(texts, kind, strict=False)
    except ValueError as failure:
        raise failures.input_error(failure, what) from failure
