"""Checks of an authorisation at Amazon: harmless reads, each answer judged, each fault with its cure."""
