"""The command line as `python -m flatbed.cli`, which is how it starts a service of its own."""

from __future__ import annotations

from flatbed.cli import main

if __name__ == "__main__":
    main()
