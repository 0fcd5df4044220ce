"""Reconciliations at work: reading Amazon's books under the owner, and judging both sides."""
