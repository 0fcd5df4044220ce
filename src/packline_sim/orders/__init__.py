"""The Orders API (2026-01-01 and v0) and the life of an order."""
