"""The edits of one page: pure functions from picture to picture, and the table of their names."""

from flatbed.builtin.imaging.edits.picture import MAX_PIXELS, Picture
from flatbed.builtin.imaging.edits.table import EDITS, apply_edit

__all__ = ["EDITS", "MAX_PIXELS", "Picture", "apply_edit"]
