"""The papers of Easy Ship orders."""

from packline_sim.easy_ship_papers.archive import bulk_zip

__all__ = ["bulk_zip"]
