"""Looking at a page in a few milliseconds: an overview, its ink, and whether there is any.

Needs Pillow, so import it where it is used and not where the add-on starts.
"""
