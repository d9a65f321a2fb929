"""Bytes from outside, changed at random, for everything that reads them."""
