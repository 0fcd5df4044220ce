"""Notifications: destinations, subscriptions, what is told, and the queues that sellers read it from."""
