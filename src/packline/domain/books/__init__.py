"""Comparing our books with somebody else's: what is missing, extra or different, why, and what mends it."""
