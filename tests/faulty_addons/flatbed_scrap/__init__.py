"""An add-on whose manifest is no TOML; nobody may import it."""

raise SystemExit("imported")
