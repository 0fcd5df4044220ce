"""The doubts about the Orders API and the life of an order."""

from packline_sim.switch_tables.switch import Switch

SWITCHES: tuple[Switch, ...] = ()
