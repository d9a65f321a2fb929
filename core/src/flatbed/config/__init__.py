"""The settings: one table, and the five places that a value may come from."""

from flatbed.config.kinds import AllowedOrigin
from flatbed.config.page import settings_page
from flatbed.config.resolved import Config, Explained

__all__ = ["AllowedOrigin", "Config", "Explained", "settings_page"]
