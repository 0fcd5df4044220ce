"""The doubts about the Orders API and the life of an order."""

from packline_sim.switch_tables.switch import Switch

SWITCHES: tuple[Switch, ...] = (
    Switch(
        "pending_schedule_status",
        ("na_and_eu", "everywhere", "never"),
        "Where an Easy Ship order that waits to be scheduled carries the status PendingSchedule.",
        "The announcement of August 2025 names North America and Europe only; before, no status was shown.",
    ),
    Switch(
        "automatic_cancellation",
        ("on", "off"),
        "Whether Amazon cancels an Easy Ship order that is not scheduled five days after its ship date.",
        "The help pages of one marketplace say so; off keeps orders for a long test.",
    ),
    Switch(
        "cancelled_units",
        ("listed_again", "kept_back"),
        "Whether the units of a cancelled order are added to the listing's quantity.",
        "Not published; sellers who publish absolute numbers correct it either way.",
    ),
    Switch(
        "search_bound",
        ("two_minutes_ago", "now"),
        "Up to which moment a search without an upper bound looks.",
        "An upper bound must be at least two minutes old, so one that is left out is taken to be that old.",
    ),
    Switch(
        "order_personal_data",
        ("given", "withheld"),
        "Whether the Orders API 2026-01-01 gives names, streets and phone numbers: the application's role.",
        "That version needs no restricted token, only a role; which fields go without it is not listed.",
    ),
    Switch(
        "v0_personal_data",
        ("restricted_token", "open"),
        "Whether the Orders API v0 gives personal data only to a restricted data token.",
        "The documentation says so; open spares tests the token.",
    ),
    Switch(
        "unshipped_alone",
        ("allow", "refuse"),
        "Whether getOrders of v0 takes Unshipped without PartiallyShipped, or the other way round.",
        "The API before it demanded both together; nothing says that v0 does.",
    ),
    Switch(
        "order_page_token_hours",
        ("24", "1", "720"),
        "How many hours a page token of the Orders API is good for.",
        "24 hours are documented for 2026-01-01; for v0 nothing is said.",
    ),
    Switch(
        "order_not_found",
        ("404", "400"),
        "The status of an order id that does not exist, in the Orders API.",
        "The models have both, and give no example of either.",
    ),
)
