"""Which location ships what: pure, explained in words."""
