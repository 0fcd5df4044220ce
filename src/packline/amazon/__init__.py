"""Everything that knows Amazon."""
