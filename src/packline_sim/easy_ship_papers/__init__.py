"""The papers of Easy Ship orders: feeds that ask for them, archives, cancellation by feed, pickup reports."""

from packline_sim.easy_ship_papers.archive import bulk_zip

__all__ = ["bulk_zip"]
