"""Running counts of what is in a world, kept up with every change, so that statistics cost nothing."""

from collections import Counter
from dataclasses import dataclass

from packline_sim.records import Change
from packline_sim.world import World


@dataclass
class Tally:
    """Count shipments by status, labels and invoices."""

    states: Counter[str]
    labels_made: int
    labels_voided: int
    invoices: int

    @staticmethod
    def of(world: World) -> "Tally":
        """Count what is in a world now."""
        shipments = world.shipments.values()
        labels = [label for row in shipments for package in row.packages.values() for label in package.labels]
        return Tally(
            states=Counter(row.status for row in shipments),
            labels_made=len(labels),
            labels_voided=sum(label.voided_ms is not None for label in labels),
            invoices=sum(row.invoice is not None for row in shipments),
        )

    def follow(self, change: Change) -> None:
        """Take one change into account."""
        if change.kind in ("shipment_created", "shipment_status"):
            self.states[str(change.after)] += 1
            if change.before is not None:
                self.states[change.before] -= 1
        elif change.kind == "label_made":
            self.labels_made += 1
        elif change.kind == "label_voided":
            self.labels_voided += 1
        elif change.kind == "invoice_made":
            self.invoices += 1
