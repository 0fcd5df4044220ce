"""Fixtures that give any project an Amazon seller to test against."""
