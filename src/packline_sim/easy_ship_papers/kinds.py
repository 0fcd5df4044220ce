"""The kinds of paper that can be asked for (EasyshipDocuments.xsd, DocumentType), and how the switches bind them."""

from typing import TYPE_CHECKING

import msgspec

from packline_sim.documents.easy_ship.data import Binding

if TYPE_CHECKING:
    from packline_sim.world import World

LABEL, INVOICE, WARRANTY = KINDS = ("ShippingLabel", "Invoice", "Warranty")


def binding(world: "World") -> Binding:
    """Read from the switches how papers are drawn and bound now."""
    switches = world.switches
    return msgspec.convert(
        {
            "arrangement": switches["papers_arrangement"],
            "shuffled": switches["papers_order"] == "shuffled",
            "paper": switches["label_paper"],
            "label_drawing": switches["label_drawing"],
            "label_codes": switches["label_codes"],
            "invoice_terms": switches["invoice_pages"] == "with_terms",
            "order_id_on": switches["order_id_on_pages"],
            "shared": switches["documents"] == "shared",
        },
        Binding,
    )
