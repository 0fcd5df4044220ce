"""The Selling Partner API itself: sign-in, transport, quotas, errors and the call log, for every Amazon API."""
