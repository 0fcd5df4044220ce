"""The operations of the Orders API: names, paths, queries, handlers."""

from packline_sim.operation import Operation

OPERATIONS: tuple[Operation, ...] = ()
