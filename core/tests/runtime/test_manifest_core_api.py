"""Manifests of other contracts: which are taken, and what is told of those that are not."""

from __future__ import annotations

from pathlib import Path

import pytest

from flatbed.addon import CORE_API
from flatbed.runtime.manifest import CoreApiUnfitError, ManifestError

from .manifest_texts import HEAD, read


@pytest.mark.parametrize(
    ("core_api", "advice"),
    [
        ("1.1", "Update Flatbed."),
        ("1.10", "Update Flatbed."),
        ("2.0", "Update Flatbed."),
        ("0.9", "Update the add-on."),
    ],
)
def test_manifest_for_another_core_is_refused_and_says_which_to_update(
    tmp_path: Path, core_api: str, advice: str
) -> None:
    """Same major, minor not above ours: checked before anything is imported."""
    with pytest.raises(CoreApiUnfitError) as caught:
        read(tmp_path, HEAD.replace("1.0", core_api))
    assert caught.value.message == (
        f"'made' was written for core_api {core_api}, this core has 1.0. {advice}"
    )
    assert (caught.value.status, caught.value.number, caught.value.name) == (
        409,
        -1126,
        "core_api_unfit",
    )


def test_manifest_for_another_core_tells_what_it_would_offer(tmp_path: Path) -> None:
    """In words that this core does not know: whoever asks for it hears why it is not there."""
    text = HEAD.replace("1.0", "9.0") + (
        "telepathy = true\n"
        '[operations.read-mind]\nhook = "read_minds"\n[edits.blur-mind]\nhaze = 3\n'
        '[documents]\nload = ["text/mind"]\nformat = 2\n'
    )
    with pytest.raises(CoreApiUnfitError) as caught:
        read(tmp_path, text)
    manifest = caught.value.manifest
    assert manifest is not None
    assert (manifest.name, manifest.core_api, list(manifest.operations)) == (
        "made",
        "9.0",
        ["read-mind"],
    )
    assert (list(manifest.edits), manifest.loads, manifest.saves) == (
        ["blur-mind"],
        ["text/mind"],
        [],
    )


@pytest.mark.parametrize(
    "rest",
    [
        "name = 7\n",
        'name = "made"\n[operations."Read Mind"]\n',
        'name = "made"\ndocuments.load = 3\n',
    ],
    ids=["name", "operation", "documents"],
)
def test_manifest_for_another_core_that_nobody_understands_offers_nothing(
    tmp_path: Path, rest: str
) -> None:
    """It is refused for the same reason."""
    with pytest.raises(CoreApiUnfitError) as caught:
        read(tmp_path, 'manifest_version = 1\ncore_api = "9.0"\n' + rest)
    assert caught.value.manifest is None


@pytest.mark.parametrize(
    ("ours", "wanted", "fits"),
    [("1.4", "1.0", True), ("1.4", "1.4", True), ("1.4", "1.5", False), ("2.0", "1.4", False)],
)
def test_manifest_fits_a_core_of_the_same_major_and_no_lower_minor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ours: str, wanted: str, *, fits: bool
) -> None:
    """So it will be with later cores."""
    assert CORE_API == "1.0"
    monkeypatch.setattr("flatbed.runtime.manifest.reading.CORE_API", ours)
    text = HEAD.replace("1.0", wanted)
    if fits:
        assert read(tmp_path, text).core_api == wanted
        return
    with pytest.raises(ManifestError):
        read(tmp_path, text)
