"""Whether an answer is what its hook promises; each gives a note on it, or raises."""

from __future__ import annotations

from collections.abc import Callable

from flatbed.addon.testing.answer import Answer
from flatbed.errors import WorkerCrashedError

Judge = Callable[[Answer], str]


def any_result(answer: Answer) -> str:
    """Any JSON value, pages that can be opened, files."""
    for page in answer.pages:
        page.open()
    counted = [(len(answer.pages), "pages"), (len(answer.files), "files")]
    return ", ".join(f"{count} {what}" for count, what in counted if count)


def environment(answer: Answer) -> str:
    """Names with versions."""
    return ", ".join(f"{name} {version}" for name, version in answer.value.items())


def edited(answer: Answer) -> str:
    """Exactly one page."""
    image = answer.page.open()
    return f"page of {image.width} x {image.height} px"


def saved(answer: Answer) -> str:
    """Exactly one file, with something in it."""
    size = len(answer.file.data)
    _refuse("save_document wrote an empty file.", is_so=size == 0)
    return f"file of {size} bytes"


def loaded(answer: Answer) -> str:
    """At least one page, and at most one file beside them."""
    _refuse("load_document wrote no page.", is_so=not answer.pages)
    _refuse("load_document kept more than one file.", is_so=len(answer.files) > 1)
    return any_result(answer)


def answered(answer: Answer) -> str:
    """The status."""
    return f"answered {answer.status}"


def _refuse(problem: str, *, is_so: bool) -> None:
    if is_so:
        raise WorkerCrashedError(problem)
