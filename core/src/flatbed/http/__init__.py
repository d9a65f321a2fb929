"""The HTTP side: the guard before everything, one base handler, one route table."""
