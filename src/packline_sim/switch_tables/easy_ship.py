"""The doubts about the Easy Ship API, slots and packages."""

from packline_sim.switch_tables.switch import Switch

SWITCHES: tuple[Switch, ...] = (
    Switch(
        "easy_ship_profile",
        ("lenient", "strict"),
        "Whether AE, SA and EG are served, and the document feed beyond IN and SG.",
        "Amazon's support table could not be read; strict is what the readable pages say.",
    ),
    Switch(
        "easy_ship_role",
        ("granted", "missing"),
        "Whether the application has the role Direct-to-Consumer Shipping; without it every call is 403.",
        "Not a doubt about Amazon: a cause of failure that a connector must explain.",
    ),
    Switch(
        "resource_not_found",
        ("404", "400"),
        "The status of ResourceNotFound in the Easy Ship API.",
        "The table of codes says 404, the sandbox example of the same model answers 400.",
    ),
    Switch(
        "easy_ship_case",
        ("model", "legacy"),
        "How units and hand-over methods are written in answers: cm, g, PICKUP or Cm, G, Pickup.",
        "The API reference of 2022 has capitalised words; the present model has not. Both are read.",
    ),
    Switch(
        "package_measures",
        ("slots_then_body", "body_then_slots"),
        "Where the size and weight of a scheduled package come from first.",
        "The request has no field for them, the sandbox example sends them, and the answer must have them.",
    ),
    Switch(
        "slot_life",
        ("30_minutes", "slot_start", "5_minutes", "24_hours"),
        "How long a slot id can be used, at most until its window begins; afterwards ScheduleWindowExpired.",
        "Slot ids expire; when is not stated.",
    ),
    Switch(
        "slot_days",
        ("3", "1", "7"),
        "For how many working days windows are offered.",
        "Not published; the carrier decides.",
    ),
    Switch(
        "slot_lead_minutes",
        ("60", "0", "1440"),
        "How many minutes before its begin a window is no longer offered.",
        "A slot may start today; how late it can be booked is not published.",
    ),
    Switch(
        "slot_capacity",
        ("unlimited", "1", "5", "50", "500"),
        "How many packages of a seller one window takes; a full one is not offered, and refuses who listed it before.",
        "Carriers' capacity is not published; that a slot can be gone is.",
    ),
    Switch(
        "slot_times",
        ("marketplace_offset", "utc"),
        "Whether slot times carry the marketplace's offset or Z.",
        "Both are seen in Amazon's examples.",
    ),
    Switch(
        "reschedule_cutoff",
        ("2_hours", "none", "24_hours"),
        "How long before a pickup window begins its package can no longer be rescheduled (until the window is over).",
        "OrderNotEligibleForRescheduling exists; when it is answered is not stated.",
    ),
    Switch(
        "serial_numbers",
        ("one_per_unit", "at_least_one", "not_checked"),
        "What is demanded of an item that needs serial numbers; otherwise InvalidInput.",
        "They must be supplied for all such items and no others; how many is not stated.",
    ),
    Switch(
        "not_easy_ship",
        ("InvalidInput", "InvalidOrderState", "ResourceNotFound"),
        "The answer for an order that is not an Easy Ship order.",
        "Such an order is refused; with which code is not documented.",
    ),
    Switch(
        "bulk_most_orders",
        ("100", "500", "10"),
        "How many orders one bulk call takes; more are InvalidInput.",
        "The answer holds at most 100 packages; the request has no limit in the model.",
    ),
    Switch(
        "bulk_url_seconds",
        ("300", "5", "30", "3600"),
        "How long the address of the bulk call's archive works.",
        "It is called short-lived.",
    ),
)
