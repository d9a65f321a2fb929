"""For authors of add-ons: `flatbed addons new` and `check`, and the fixtures of their tests."""
