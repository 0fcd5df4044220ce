"""The doubts about listings and their quantities."""

from packline_sim.switch_tables.switch import Switch

SWITCHES: tuple[Switch, ...] = (
    Switch(
        "listing_change_seconds",
        ("1-5", "0", "1", "30", "300"),
        "How long an accepted put, patch or delete of a listing takes until it can be read back and buyers see it.",
        "ACCEPTED means queued; how long the queue is, is not promised.",
    ),
    Switch(
        "listing_change_order",
        ("by_sku", "free"),
        "Whether accepted changes of one SKU take effect in the order of their calls, or as their times are drawn.",
        "Not promised. Against a queued feed for the same SKU there is no order in any case: the last applied wins.",
    ),
    Switch(
        "unknown_listing",
        ("INVALID", "404"),
        "The answer to a patch or delete of a SKU that is not listed.",
        "The model has no 404 for it; for reading it has one.",
    ),
    Switch(
        "unknown_listing_attributes",
        ("accept", "refuse"),
        "Whether a listing takes attributes whose names the simulator does not know.",
        "The true set depends on the product type, whose schemas the simulator does not have.",
    ),
)
