"""The doubts about the papers of Easy Ship orders."""

from packline_sim.switch_tables.switch import Switch

SWITCHES: tuple[Switch, ...] = ()
