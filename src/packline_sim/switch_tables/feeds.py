"""The doubts about feeds, reports and stored files."""

from packline_sim.switch_tables.switch import Switch

SWITCHES: tuple[Switch, ...] = (
    Switch(
        "feed_seconds",
        ("5-15", "0", "1", "30", "60-300", "600"),
        "How long a feed takes from createFeed to its end; a range is drawn from the seed.",
        "Amazon promises no time; its own sample shows about half a minute and waits for up to two.",
    ),
    Switch(
        "listings_feed_seconds",
        ("30-120", "0", "1", "5-15", "300", "900"),
        "How long a JSON_LISTINGS_FEED takes.",
        "Not published; sellers report minutes rather than seconds.",
    ),
    Switch(
        "report_seconds",
        ("5-15", "0", "1", "30", "60-300"),
        "How long a report takes from its creation to its document.",
        "Amazon's sample report takes about fifteen seconds.",
    ),
    Switch(
        "feed_order",
        ("in_turn", "free"),
        "Whether feeds of one type and seller end in the order of their creation, or as their times are drawn.",
        "Not promised anywhere.",
    ),
    Switch(
        "feed_fatal_share",
        ("0", "0.05", "0.2", "1"),
        "The part of feeds that end FATAL without being read.",
        "Not a doubt about Amazon: feeds die. Faults of kind fatal choose more finely.",
    ),
    Switch(
        "feed_stuck_share",
        ("0", "0.05", "0.2", "1"),
        "The part of feeds that stay IN_PROGRESS until they are released through the control API.",
        "Not a doubt about Amazon: feeds get stuck. Faults of kind stuck choose more finely.",
    ),
    Switch(
        "fatal_feed_report",
        ("none", "text"),
        "Whether a feed that was made FATAL has a result document.",
        "A FATAL feed may or may not have one.",
    ),
    Switch(
        "feed_without_upload",
        ("fatal", "400"),
        "createFeed for a document to which nothing was uploaded: the feed ends FATAL, or the call is refused.",
        "Not published.",
    ),
    Switch(
        "feed_document_reuse",
        ("allow", "400"),
        "createFeed with a document that another feed used.",
        "The guide makes a document for each feed and does not say what a second use does.",
    ),
    Switch(
        "late_cancel",
        ("400", "ignore"),
        "cancelFeed and cancelReport after the work has begun: refused, or answered 200 without effect.",
        "Only work IN_QUEUE can be cancelled; the answer otherwise is not published.",
    ),
    Switch(
        "listings_feed_bucket",
        ("own", "both", "shared"),
        "What createFeed with JSON_LISTINGS_FEED takes: of its own bucket (5 in 300 s), of both, or of createFeed's.",
        "The limit is said to differ from createFeed's own; whether both count is not said.",
    ),
    Switch(
        "stored_gzip",
        ("reports", "none", "all", "half"),
        "Which documents are stored gzipped: reports, none, results of feeds too, or half of all by the seed.",
        "compressionAlgorithm is given per document; no rule is published.",
    ),
    Switch(
        "document_url_seconds",
        ("300", "5", "30", "60", "900", "3600"),
        "How long the address of an upload or download of a feed or report works; afterwards it answers 403.",
        "The guides say five minutes.",
    ),
    Switch(
        "upload_content_type",
        ("exact", "any"),
        "Whether an upload's Content-Type must equal the declared one to the letter, or may be any.",
        "The header is part of the signature; some clients change its spelling.",
    ),
    Switch(
        "report_restricted_token",
        ("required", "off"),
        "Whether getReportDocument of a restricted report type demands a restricted data token.",
        "The guides demand it; Amazon's own samples leave it out.",
    ),
)
