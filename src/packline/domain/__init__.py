"""Facts and rules of a shipment: pure values and functions, no I/O, no clock, no logging."""
