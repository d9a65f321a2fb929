"""Barcodes: reads them, and splits documents at them."""
