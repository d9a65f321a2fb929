"""Pages into a PDF; nothing here knows how one is read."""
