"""Passwords: how a person is asked for one, and how it is sent."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

from flatbed.cli import output
from flatbed.cli.prompts import ask_password, has_terminal
from flatbed.errors import WrongPasswordError

T = TypeVar("T")

_QUESTIONS = 3
"""How often a password is asked for before the command gives up."""


class PasswordSender(Protocol):
    """A client that sends its password with every request.

    Attributes:
        password: `None` to send none.
    """

    password: str | None


async def open_with_password(
    client: PasswordSender,
    attempt: Callable[[], Awaitable[T]],
    *,
    called: str,
    refusal: str = WrongPasswordError.sentence,
) -> T:
    """Open something with the client's password; without one the person is asked, if need be.

    Args:
        client: Gets each password that the person types.
        attempt: Opens it by the client.
        called: What to call it in a sentence.
        refusal: What is said when none of the person's passwords was right.

    Returns:
        What the attempt returned that opened it.

    Raises:
        WrongPasswordError: If it has another password, or nobody can be asked for it.
    """
    try:
        return await attempt()
    except WrongPasswordError as error:
        if client.password is not None:
            raise
        if not has_terminal():
            raise WrongPasswordError(
                f"{called} has a password. Give it with --password-file."
            ) from error
    return await _ask_and_open(client, attempt, called=called, refusal=refusal)


def to_octets(password: str, *, refusal: str = WrongPasswordError.sentence) -> str:
    """A password as the value of a header.

    Args:
        password: As it was typed or read.
        refusal: What is said of one that nothing can have, because no header can.

    Raises:
        WrongPasswordError: If it has characters that cannot be printed.
    """
    if not password.isprintable():
        raise WrongPasswordError(refusal)
    # Tornado writes each character of a header as one byte; the service reads UTF-8.
    return password.encode().decode("latin-1")


async def _ask_and_open(
    client: PasswordSender, attempt: Callable[[], Awaitable[T]], *, called: str, refusal: str
) -> T:
    for left in reversed(range(_QUESTIONS)):
        client.password = ask_password(f"Password of {called}:")
        if client.password is None:
            break
        try:
            return await attempt()
        except WrongPasswordError as error:
            if left:
                output.remark(error.message)
    raise WrongPasswordError(refusal)
