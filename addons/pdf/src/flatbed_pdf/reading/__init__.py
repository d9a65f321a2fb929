"""A PDF into pages; nothing here knows how one is written."""
