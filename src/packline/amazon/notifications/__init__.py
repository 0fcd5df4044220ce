"""Amazon's notifications: what they tell of, in either letter case."""
