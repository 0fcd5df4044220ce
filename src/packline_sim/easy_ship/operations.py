"""The operations of the Easy Ship API: names, paths, queries, handlers."""

from packline_sim.operation import Operation

OPERATIONS: tuple[Operation, ...] = ()
