"""The command line of the simulator: `packline sim` or `python -m packline_sim`; verbs are imported when used."""

import sys

from cyclopts import App

HOME = "packline_sim.control.commands"
NOUNS = {
    "seller": ("sellers:seller", "Sellers and their credentials."),
    "location": ("sellers:location", "Places that sellers ship from."),
    "sku": ("sellers:sku", "Products and their stock."),
    "shipment": ("shipments:shipment", "Shipments: order, show, cancel, scan."),
    "return": ("shipments:returned", "Returns: start, list, move."),
    "smarthub": ("smarthub:smarthub", "Amazon's own panel: confirm, pack, scan, label, ship by hand."),
    "order": ("orders:order", "Orders of Seller Central: create, show, cancel, scan."),
    "easyship": ("orders:easyship", "What Easy Ship offers, and how full carriers' windows are."),
    "listing": ("work:listing", "What sellers offer at Seller Central."),
    "feed": ("work:feed", "Feeds: list, show, hold up, kill, release."),
    "report": ("work:report", "Reports: list, show, hold up, kill, release."),
    "notification": ("notifications:notification", "What sellers are told, and what becomes of it."),
    "queue": ("notifications:queue", "Queues that notifications arrive in."),
    "buyers": ("people:buyers", "Buyers who order all the time."),
    "carriers": ("people:carriers", "Carriers who collect and deliver by themselves."),
    "operators": ("staff:operators", "People who work in SmartHub by themselves."),
    "integrators": ("staff:integrators", "Former integrators whose programs still run."),
    "timetable": ("planning:timetable", "What happens by itself at moments of the simulator's time."),
    "quota": ("rules:quota", "Usage plans and what is left of them."),
    "switch": ("rules:switch", "Doubts about Amazon's behaviour, and how they are settled here."),
    "clock": ("rules:clock", "The simulator's time."),
    "fault": ("rules:fault", "Calls that go wrong on purpose."),
    "scenario": ("rules:scenario", "Whole worlds that come with the simulator."),
    "snapshot": ("records:snapshot", "Keep the whole state and go back to it."),
}
VERBS = {
    "serve": ("serve:serve", "Run Amazon on this machine."),
    "journal": ("records:journal", "Show the last calls that connectors made."),
    "stats": ("records:stats", "Sum up orders, states, labels and calls."),
    "invariants": ("records:invariants", "Check that everything adds up."),
    "health": ("records:health", "Tell whether the simulator answers."),
    "reset": ("records:reset", "Empty the simulator and start again."),
}

app = App(name="sim", help="Amazon on your own machine: start it, fill it, watch it, disturb it.", version_flags=[])
for _name, (_place, _help) in VERBS.items():
    app.command(f"{HOME}.{_place}", name=_name, help=_help, group="Running")
for _name, (_place, _help) in NOUNS.items():
    app.command(f"{HOME}.{_place}", name=_name, help=_help, group="Things")


def main() -> None:
    """Run the command line."""
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(130)
