"""The doubts about the Easy Ship API, slots and packages."""

from packline_sim.switch_tables.switch import Switch

SWITCHES: tuple[Switch, ...] = ()
