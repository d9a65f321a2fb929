"""Layers (optional content, ISO 32000-1, 8.11): without them, copied pages show what is hidden."""

from __future__ import annotations

from collections.abc import Iterable

import pikepdf
from pikepdf import Array, Dictionary, Name


def merge_layers(pdf: pikepdf.Pdf, theirs: pikepdf.Pdf) -> None:
    """Take the layers over that another file says to have, each as visible as it is there.

    Args:
        pdf: With pages that were copied from the other.
        theirs: The other.

    Raises:
        TypeError: If they are not as the format has them.
    """
    layers = theirs.Root.get("/OCProperties")
    if not isinstance(layers, Dictionary):
        return
    # The copies are the same objects that the copied pages speak of.
    copied = pdf.copy_foreign(theirs.make_indirect(layers))
    ours = pdf.Root.get("/OCProperties")
    if ours is None:
        empty = Dictionary(OFF=Array(), Order=Array())
        ours = pdf.Root.OCProperties = Dictionary(OCGs=Array(), D=empty)
    state = copied.get("/D", Dictionary())
    _extend(ours.OCGs, copied.get("/OCGs", Array()))
    _extend(ours.D.OFF, _hidden(copied, state))
    _extend(ours.D.Order, state.get("/Order", Array()))


def _hidden(layers: pikepdf.Object, state: pikepdf.Object) -> Iterable[pikepdf.Object]:
    if state.get("/BaseState", Name.ON) != Name.OFF:
        return _entries(state.get("/OFF", Array()))
    shown = {each.objgen for each in _entries(state.get("/ON", Array()))}
    return [each for each in _entries(layers.get("/OCGs", Array())) if each.objgen not in shown]


def _extend(ours: pikepdf.Object, theirs: Iterable[pikepdf.Object]) -> None:
    for each in _entries(theirs):
        ours.append(each)


def _entries(found: Iterable[pikepdf.Object]) -> list[pikepdf.Object]:
    if isinstance(found, pikepdf.Object) and not isinstance(found, Array):
        raise TypeError("The layers of the file are not as the format has them.")
    return list(found)
