"""PDF: writes pages into one file."""

from flatbed_pdf.environment import describe_environment
from flatbed_pdf.writing.save import save_document

__all__ = ["describe_environment", "save_document"]
