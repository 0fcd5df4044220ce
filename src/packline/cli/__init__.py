"""The command line: nouns and verbs; everything heavy is imported by the verb that needs it."""

from cyclopts import App, Parameter

NOUNS = {
    "account": "Sellers' authorisations: add, list, pause, doctor, import, export.",
    "location": "Places that ship, and what is done there without being asked.",
    "shipment": "Shipments: list, explain, confirm, pack, hand over, deliver.",
    "document": "Labels and invoices: print them in pick order, drop in what Seller Central gave.",
    "manifest": "What leaves with one carrier in one slot: open, add, close, pdf, hand-over.",
    "export": "Files for Seller Central: the pickup schedule.",
    "sku": "Size and weight of one packed unit: list, set, import.",
    "stock": "Units: set, adjust, show, why, rules, hold.",
    "return": "What comes back: list, show, receive, restock, password, photo.",
    "migration": "Leave a former integrator: begin, check, end.",
    "reconcile": "Compare our books with Amazon's or your system's: orders, returns, stock, mend.",
    "listing": "Which SKU is which of Amazon's: import, list, export.",
    "route": "Which locations ship an order, and why: order, keep, list, reject, place, centroids.",
    "failure": "What stopped and needs a person, by its cause.",
    "call": "The log of calls to Amazon: list, bundle.",
    "smarthub": "What was done in Amazon's own panel, while we were away or beside us.",
    "quota": "Amazon's rate limits and how much of them is left.",
    "feed": "What goes to Amazon for many orders at once: list, show, forecast, retry.",
    "flow": "What should come and go all the time, and what is unusually silent.",
    "credential": "How old credentials are, and when Amazon stops taking them: list, date.",
    "event": "The event feed.",
    "webhook": "Where events are delivered, signed.",
    "user": "People at the console: add, list, link, change, disable, sign out.",
    "audit": "Who did what, who signed in, who saw whose personal data.",
    "api-key": "Keys for the REST API and the console.",
    "notification": "Have Amazon tell what happens: queue, setup, check, status.",
    "inbox": "Have single orders read from Amazon at once.",
    "parked": "What Amazon sent and nobody could read.",
    "config": "Settings and where they come from.",
    "db": "The database: back up, restore, move, path.",
}
ROOMS = {"return": "returns", "failure": "failed_work"}
"""Where a noun is no name that Python takes for a file."""
VERBS = {
    "serve": ("serving:serve", "REST API, console and one worker in one process."),
    "worker": ("serving:worker", "A worker only; start as many as you like, on as many machines."),
    "demo": ("demo:demo", "Amazon on this machine, Packline beside it, orders all the time."),
    "doctor": ("doctor:doctor", "Check everything and say what is wrong and how to mend it."),
    "version": ("version:version", "The version."),
}

app = App(
    name="packline",
    help="Fulfilment between a seller's systems and Amazon.",
    version_flags=[],
    default_parameter=Parameter(negative_iterable=()),
)


def _assemble() -> None:
    for noun, meaning in NOUNS.items():
        room = ROOMS.get(noun, noun.replace("-", "_"))
        app.command(f"packline.cli.{room}:app", name=noun, help=meaning, group="Things")
    for verb, (place, meaning) in VERBS.items():
        app.command(f"packline.cli.{place}", name=verb, help=meaning, group="Running")
    # The simulator shares no code with Packline. The command line only knows its address, as text, so that a user has
    # one command to remember; nothing is imported before somebody asks for it, and import-linter sees no import.
    app.command("packline_sim.cli:app", name="sim", help="Amazon on this machine, to try things on.", group="Running")
    app.command("packline.cli.completion:install", name="--install-completion", help="Complete commands in your shell.")


_assemble()


def main() -> None:
    """Run the command line and leave with its exit code."""
    from packline.cli.failures import run

    raise SystemExit(run(app))
