"""The Listings Items API 2021-08-01: what a seller offers, and how many of it."""
