"""Scanners and scan jobs: what a page asks for, and what the workers do about it."""
