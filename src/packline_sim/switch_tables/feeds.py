"""The doubts about feeds, reports and stored files."""

from packline_sim.switch_tables.switch import Switch

SWITCHES: tuple[Switch, ...] = ()
