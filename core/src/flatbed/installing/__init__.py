"""Putting add-ons into the data folder and taking them out; used by the command line alone."""
