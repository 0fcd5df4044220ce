"""The doubts about notifications and the queues that they arrive in."""

from packline_sim.switch_tables.switch import Switch

SWITCHES: tuple[Switch, ...] = (
    Switch(
        "notification_case",
        ("documented", "camel", "pascal"),
        "Whether the names in notifications begin with small letters or capitals.",
        "Published schemas use both, by type; that of shipments' changes has none, small letters are inferred.",
    ),
    Switch(
        "notify_created_shipments",
        ("no", "yes"),
        "Whether a shipment that is made as CREATED is told of.",
        "The guide's list of statuses that are sent leaves CREATED out, and does not say that it is.",
    ),
    Switch(
        "notify_easy_ship_status",
        ("yes", "no"),
        "Whether a change of the Easy Ship status alone is told as ORDER_CHANGE.",
        "The schema carries the status; which changes of it are sent is not said.",
    ),
    Switch(
        "listings_notifications",
        ("event_bridge", "any"),
        "Whether notifications of listings can be sent to a queue too.",
        "An old guide names the event bus only, for a whole family of types.",
    ),
    Switch(
        "unknown_queue",
        ("refuse", "create"),
        "What createDestination does about a queue that does not exist here.",
        "Amazon must be allowed to write to the queue, so one that is not there cannot work; create spares a call.",
    ),
    Switch(
        "used_destination",
        ("403", "delete"),
        "Whether a destination that subscriptions use can be deleted.",
        "Developers were refused with 403; the documentation does not say so, and the model has a 409 too.",
    ),
    Switch(
        "grantless_calls",
        ("lenient_by_id", "documented", "any_token"),
        "Which operations that need no seller take a seller's token all the same.",
        "The two by a subscription's id are documented as grantless, yet a widely used client calls them for a seller.",
    ),
    Switch(
        "stale_receipts",
        ("ignored", "delete"),
        "Whether a message that was handed out again can be deleted with an earlier receipt.",
        "The queue service promises neither.",
    ),
    Switch(
        "queue_time",
        ("simulated", "real"),
        "Whether messages stay hidden for simulated or for real seconds when the clock runs fast.",
        "A reader's own work takes real time; at 500 times the speed thirty seconds are over in 60 ms.",
    ),
    Switch(
        "queue_signature",
        ("any", "present", "verified"),
        "Whether a call to a queue must be signed, and with the simulator's own key pair.",
        "Credentials are whatever the reader has; present finds one that has none, verified one that mixes them up.",
    ),
)
