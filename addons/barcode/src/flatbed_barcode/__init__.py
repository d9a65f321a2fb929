"""Barcodes: reads them, and splits documents at them."""

from flatbed_barcode.reading import describe_environment, read_barcodes
from flatbed_barcode.splitting import find_separator

__all__ = ["describe_environment", "find_separator", "read_barcodes"]
