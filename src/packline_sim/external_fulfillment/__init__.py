"""The External Fulfillment APIs, version 2024-09-11, answered from the world."""
