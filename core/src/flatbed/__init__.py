"""Flatbed: the local service between web pages and scanners."""
