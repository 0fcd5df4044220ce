"""Amazon External Fulfillment 2024-09-11: Shipments, Inventory and Returns."""
