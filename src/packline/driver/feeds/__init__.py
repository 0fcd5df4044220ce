"""Feeds: work that Amazon takes for many orders at once, batched, followed and answered under the account's owner."""
