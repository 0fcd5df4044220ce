"""Every doubt about Amazon's behaviour as a named switch: what it settles, its values, its default."""

from collections.abc import Mapping

from packline_sim.switch_tables import easy_ship, external_fulfillment, feeds, listings, notifications, orders, papers
from packline_sim.switch_tables.switch import Switch

SWITCHES: tuple[Switch, ...] = (
    *external_fulfillment.SWITCHES,
    *orders.SWITCHES,
    *easy_ship.SWITCHES,
    *feeds.SWITCHES,
    *listings.SWITCHES,
    *papers.SWITCHES,
    *notifications.SWITCHES,
)
TABLE: dict[str, Switch] = {switch.name: switch for switch in SWITCHES}


class UnknownSwitch(ValueError):
    """No such switch, or the switch does not have that value."""


class Switches:
    """Hold the switches' present values; they can be changed at any time and count from the next call on."""

    def __init__(self, values: Mapping[str, str] | None = None) -> None:
        self._values = {switch.name: switch.default for switch in SWITCHES}
        self.version = 0
        self.update(values or {})

    def __getitem__(self, name: str) -> str:
        return self._values[name]

    def update(self, values: Mapping[str, str]) -> None:
        """Change several switches at once, all or none. Raises UnknownSwitch."""
        for name, value in values.items():
            _check(name, value)
        self._values.update(values)
        self.version += 1

    def reset(self) -> None:
        """Put every switch back to its default."""
        self.update({switch.name: switch.default for switch in SWITCHES})

    def as_dict(self) -> dict[str, str]:
        """Give all present values by name."""
        return dict(self._values)


def _check(name: str, value: str) -> None:
    switch = TABLE.get(name)
    if switch is None:
        raise UnknownSwitch(f"There is no switch {name!r}. Known: {', '.join(TABLE)}.")
    if value not in switch.values:
        raise UnknownSwitch(f"Switch {name!r} has no value {value!r}. Choose one of: {', '.join(switch.values)}.")


def markdown() -> str:
    """Write the table of switches for the documentation."""
    rows = [f"| `{row.name}` | {_values(row)} | {row.settles} | {row.reason} |" for row in SWITCHES]
    head = ["# Switches", "", "The first value is the default.", ""]
    table = ["| Switch | Values | What it settles | Why there is a doubt |", "|---|---|---|---|", *rows]
    return "\n".join([*head, *table, ""])


def _values(switch: Switch) -> str:
    return ", ".join(f"`{value}`" for value in switch.values)


if __name__ == "__main__":
    import sys

    sys.stdout.write(markdown())
