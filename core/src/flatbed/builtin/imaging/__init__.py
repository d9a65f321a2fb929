"""The built-in add-on for pictures: it encodes stored pages."""

from flatbed.builtin.imaging.encode import save_document

__all__ = ["save_document"]
