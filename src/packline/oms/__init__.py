"""The seller's systems: events go out to them as signed webhooks."""
