"""Measurements and long runs. Nothing in the product imports this."""
