"""Two passwords and what each allows, as other programs read it from the file."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from flatbed.addon.testing import SamplePages
from flatbed.errors import InvalidInputError
from flatbed_pdf.writing.lock import Lock, read_lock

Save = Callable[..., bytes]
RunTool = Callable[..., str]

EVERYTHING = ["print", "copy", "annotate", "fill_forms", "modify", "assemble"]
NAMES = {
    "extract",
    "modify_annotation",
    "modify_assembly",
    "modify_form",
    "modify_other",
    "print_lowres",
    "print_highres",
}


def allowed(data: bytes, password: str) -> set[str]:
    """What pikepdf may do with a file that it opened by a password."""
    with pikepdf.open(io.BytesIO(data), password=password) as pdf:
        assert pdf.check_pdf_syntax() == []
        assert (pdf.encryption.R, pdf.encryption.bits) == (6, 256)
        return {name for name, is_allowed in pdf.allow._asdict().items() if is_allowed}


@pytest.mark.parametrize(
    ("permissions", "found"),
    [
        ([], set()),
        (["print"], {"print_lowres", "print_highres"}),
        (["print_low"], {"print_lowres"}),
        (["copy"], {"extract"}),
        (["annotate"], {"modify_annotation", "modify_form"}),
        (["fill_forms"], {"modify_form"}),
        (["modify"], {"modify_other", "modify_assembly"}),
        (["assemble"], {"modify_assembly"}),
        (["copy", "print", "copy"], {"extract", "print_lowres", "print_highres"}),
        (EVERYTHING, NAMES),
    ],
    ids=lambda each: "-".join(each) or "nothing" if isinstance(each, list) else "",
)
def test_user_may_do_what_was_allowed_and_the_owner_everything(
    save: Save, pages: SamplePages, permissions: list[str], found: set[str]
) -> None:
    """Programs that read aloud are let in whatever is forbidden; nobody is without a password."""
    data = save([pages["L"]], password="ours", owner_password="mine", permissions=permissions)
    assert allowed(data, "ours") == found | {"accessibility"}
    for wrong in ("", "Mine"):
        with pytest.raises(pikepdf.PasswordError):
            pikepdf.open(io.BytesIO(data), password=wrong)
    with pikepdf.open(io.BytesIO(data), password="mine") as pdf:
        assert (pdf.owner_password_matched, pdf.user_password_matched) == (True, False)


def test_file_with_an_owner_password_alone_opens_for_everybody(
    save: Save, pages: SamplePages
) -> None:
    """Its pictures and properties are encrypted all the same, by a key that anybody can have."""
    data = save([pages["L"]], owner_password="mine", permissions=["print"], title="Geheimakte")
    assert allowed(data, "") == {"accessibility", "print_lowres", "print_highres"}
    assert b"Geheimakte" not in data


def test_qpdf_tells_the_same(
    save: Save, pages: SamplePages, run_tool: RunTool, tmp_path: Path
) -> None:
    """The program that people ask, by either password."""
    path = tmp_path / "locked.pdf"
    path.write_bytes(
        save(
            [pages["L"]], password="ours", owner_password="mine", permissions=["print_low", "copy"]
        )
    )
    said = [
        run_tool("qpdf", "qpdf", "--show-encryption", f"--password={password}", str(path))
        for password in ("ours", "mine")
    ]
    assert "Supplied password is user password" in said[0]
    assert "Supplied password is owner password" in said[1]
    for each in said:
        lines = dict(line.split(": ", 1) for line in each.splitlines() if ": " in line)
        assert (
            lines
            | {
                "extract for accessibility": "allowed",
                "extract for any purpose": "allowed",
                "print low resolution": "allowed",
                "print high resolution": "not allowed",
                "modify document assembly": "not allowed",
                "modify forms": "not allowed",
                "modify annotations": "not allowed",
                "modify other": "not allowed",
                "stream encryption method": "AESv3",
            }
            == lines
        )


def test_poppler_tells_the_same(
    save: Save, pages: SamplePages, run_tool: RunTool, tmp_path: Path
) -> None:
    """A viewer of another maker, which knows of four of the rights."""
    path = tmp_path / "locked.pdf"
    path.write_bytes(save([pages["L"]], owner_password="mine", permissions=["print", "annotate"]))
    said = run_tool("poppler-utils", "pdfinfo", str(path))
    (found,) = [line for line in said.splitlines() if line.startswith("Encrypted")]
    assert found.split("(", 1)[1] == "print:yes copy:no change:no addNotes:yes algorithm:AES-256)"


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"permissions": ["print"]}, "without an owner_password protect nothing"),
        ({"password": "x", "permissions": []}, "without an owner_password protect nothing"),
        ({"password": "x", "owner_password": "x"}, "owner_password is the password"),
        ({"password": "Gr\u00f6\u00dfe", "owner_password": "Gro\u0308\u00dfe"}, "is the password"),
        ({"owner_password": "x"}, "alone protects nothing while everything is allowed"),
        ({"owner_password": "x", "permissions": ["read"]}, "no such permission.*print_low, copy"),
        ({"owner_password": "\u00e4" * 64}, "owner_password of a PDF is text of at most 127 bytes"),
        ({"owner_password": "a\0"}, "owner_password of a PDF is text of at most 127 bytes"),
    ],
    ids=[
        "permissions alone",
        "one password",
        "same password",
        "same when composed",
        "owner alone",
        "unknown permission",
        "long",
        "control character",
    ],
)
def test_lock_that_protects_nothing_is_refused(
    defaults: dict[str, Any], settings: dict[str, Any], words: str
) -> None:
    """By a sentence that says why, without the password."""
    with pytest.raises(InvalidInputError, match=words) as caught:
        read_lock(defaults | settings)
    assert len(caught.value.message.split()) <= 25
    assert "\u00e4\u00e4" not in caught.value.message


def test_permissions_that_come_to_everything_need_no_owner(defaults: dict[str, Any]) -> None:
    """As they do by default, in whatever words; without a password there is no lock at all."""
    for each in (EVERYTHING, ["modify", "annotate", "copy", "print", "print_low"]):
        assert read_lock(defaults | {"permissions": each}) is None
        lock = read_lock(defaults | {"permissions": each, "password": "x"})
        assert lock is not None
        assert (lock.user, lock.owner) == ("x", "x")


def test_passwords_are_not_told() -> None:
    """Where a lock is printed, as in a trace."""
    assert "ours" not in repr(Lock(user="ours", owner="mine"))
    assert "mine" not in repr(Lock(user="ours", owner="mine"))
