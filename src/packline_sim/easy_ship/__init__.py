"""The Easy Ship API 2022-03-23: slots, packages, marketplaces."""
