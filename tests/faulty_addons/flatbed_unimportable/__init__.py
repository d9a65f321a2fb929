"""An add-on that crashes while it is imported."""

raise RuntimeError("the licence has run out")
