"""Machines: thousands of random steps against a real service, beside a plain model of it."""
