"""The built-in add-on for pictures: edits of pages, and files of pictures read and written."""

from flatbed.builtin.imaging.encode import save_document
from flatbed.builtin.imaging.load import load_document
from flatbed.builtin.imaging.process import process_page

__all__ = ["load_document", "process_page", "save_document"]
