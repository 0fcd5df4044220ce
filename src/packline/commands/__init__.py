"""What a seller can ask: one file for each command; `table.py` is the list."""
