"""Sample pages that look like real documents, drawn with Pillow at any resolution."""
