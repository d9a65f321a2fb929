"""Fault programs: real processes killed at random moments; short in the tests, in full by hand."""
