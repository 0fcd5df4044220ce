"""A faithful Amazon on your own machine: External Fulfillment, Login with Amazon, quotas, clock and faults."""
