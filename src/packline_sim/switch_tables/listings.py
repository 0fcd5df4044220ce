"""The doubts about listings and their quantities."""

from packline_sim.switch_tables.switch import Switch

SWITCHES: tuple[Switch, ...] = ()
