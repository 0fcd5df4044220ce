"""Notifications: queues are read, sorted by account, and stored before they are deleted."""
