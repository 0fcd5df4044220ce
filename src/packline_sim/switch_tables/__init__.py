"""The doubts about Amazon's behaviour, one table for each area."""
