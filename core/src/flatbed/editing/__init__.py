"""Work on pages of documents: edits over untouched originals, and files that become pages."""
