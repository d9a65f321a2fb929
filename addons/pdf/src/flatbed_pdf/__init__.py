"""PDF: writes pages into one file, and reads files into pages."""

from flatbed_pdf.environment import describe_environment
from flatbed_pdf.reading.load import load_document
from flatbed_pdf.reading.text import recognize_text
from flatbed_pdf.writing.save import save_document

__all__ = ["describe_environment", "load_document", "recognize_text", "save_document"]
