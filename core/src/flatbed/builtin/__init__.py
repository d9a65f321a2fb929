"""What Flatbed brings along as add-ons: scanner drivers and imaging, all on the public seam."""
