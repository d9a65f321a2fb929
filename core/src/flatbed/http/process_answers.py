"""What operations found, made into the answer that their callers get."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import msgspec
from msgspec import UNSET, UnsetType

from flatbed.addon.types import Separator
from flatbed.errors import FlatbedError, InvalidInputError
from flatbed.http.document_types import DocumentAnswer, to_answer
from flatbed.http.idempotency import Once
from flatbed.http.pages import PageAnswer, describe_page
from flatbed.http.services import Services
from flatbed.http.shapes import shape
from flatbed.processing.order import Conclude, PageResult
from flatbed.storage.document import Document


class MadePages(msgspec.Struct):
    """Pages that an operation made; a day later they are gone, unless a document has them."""

    pages: list[PageAnswer]


class MadeDocuments(msgspec.Struct):
    """The documents that a document was split into; it stays as it is."""

    documents: list[DocumentAnswer]


class PageError(msgspec.Struct):
    """Why there is nothing about one page: the number, the stable name, the sentence."""

    code: int
    error: str
    message: str


class EachAnswer(msgspec.Struct, omit_defaults=True):
    """What became of one of several pages: one of `result`, `pages` and `error`."""

    source: str
    result: Any = UNSET
    pages: list[PageAnswer] | UnsetType = UNSET
    error: PageError | UnsetType = UNSET


class EachAnswers(msgspec.Struct):
    """What became of several pages, in their order."""

    pages: list[EachAnswer]


@dataclass(frozen=True, kw_only=True)
class OpenDocument:
    """A document as its caller has opened it; with its password, if it was named as a whole."""

    document: Document
    key: bytes = field(repr=False)
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True)
class Question:
    """What the caller asked.

    Attributes:
        services: To make the answer with.
        operation: Its name.
        hook: What carries it out.
        is_for_each: Of several pages, for each.
        document: Whose pages they are, where that was the source.
        begin: Is waited for before the answer makes anything that lasts.
    """

    services: Services
    operation: str
    hook: str
    is_for_each: bool
    document: OpenDocument | None = None
    begin: Callable[[], Awaitable[None]] = Once().begin


Conclusion: TypeAlias = Callable[[Question, Sequence[PageResult]], Awaitable[Any]]


def conclude(question: Question) -> Conclude:
    """What makes the answer to a question.

    Raises:
        InvalidInputError: If it cannot be made of what the caller sent.
    """
    if question.hook == "find_separator":
        _require_document(question)
    conclusion = CONCLUSIONS.get(question.hook, _as_found)

    async def answer(results: Sequence[PageResult]) -> Any:
        return await conclusion(question, results)

    return answer


async def _split(question: Question, results: Sequence[PageResult]) -> Any:
    """Documents of the parts; none where a page could not be looked at."""
    opened = _require_document(question)
    for result in results:
        if result.error is not None:
            raise result.error
    found = [msgspec.convert(result.value, Separator | None) for result in results]
    await question.begin()
    made = await question.services.splitter.split(
        opened.document, opened.key, found, password=opened.password
    )
    return MadeDocuments([to_answer(each) for each in made])


CONCLUSIONS: Mapping[str, Conclusion] = {"find_separator": _split}
"""By hook: what makes the answer where it is not what was found on each page."""


async def _as_found(question: Question, results: Sequence[PageResult]) -> Any:
    if question.is_for_each:
        each = [_to_each(question, number, result) for number, result in enumerate(results)]
        return EachAnswers(each)
    (result,) = results
    return MadePages(_pages(result)) if result.pages else _shaped(question, 0, result)


def _require_document(question: Question) -> OpenDocument:
    if question.document is None:
        raise InvalidInputError("This works on a document. Send its URL as 'source'.")
    return question.document


def _to_each(question: Question, number: int, result: PageResult) -> EachAnswer:
    if result.error is not None:
        return EachAnswer(result.source, error=_to_error(result.error))
    if result.pages:
        return EachAnswer(result.source, pages=_pages(result))
    return EachAnswer(result.source, result=_shaped(question, number, result))


def _shaped(question: Question, number: int, result: PageResult) -> Any:
    # As bytes again: all pages together are large as objects.
    found = shape(question.hook, result.value, page_number=number)
    return msgspec.Raw(msgspec.json.encode(found))


def _pages(result: PageResult) -> list[PageAnswer]:
    return [describe_page(page.uid, page) for page in result.pages]


def _to_error(error: FlatbedError) -> PageError:
    return PageError(code=error.number, error=error.name, message=error.message)
