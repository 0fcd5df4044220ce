"""The doubts about the papers of Easy Ship orders."""

from packline_sim.switch_tables.switch import Switch

SWITCHES: tuple[Switch, ...] = (
    Switch(
        "papers_arrangement",
        ("per_order", "labels_first", "mixed"),
        "How the document feed binds several orders into one PDF: each order's papers together, all labels before all "
        "invoices and warranty cards, or everything mixed.",
        "A feed takes several orders and names one report; how its file is arranged is not published.",
    ),
    Switch(
        "papers_order",
        ("shuffled", "as_asked"),
        "Whether orders stand in the combined file in an order of Amazon's own (by the seed), or as in the feed.",
        "Not published, so a connector must not count on it.",
    ),
    Switch(
        "label_paper",
        ("4x6", "a4"),
        "Whether a label page measures 4 x 6 inches, or is A4 with the label of 99.1 x 139 mm in its corner.",
        "The guides have labels of 4 x 6 inches; the help of one marketplace has sticker sheets of A4.",
    ),
    Switch(
        "label_drawing",
        ("vector", "picture"),
        "Whether a label page has text that can be read, or is one picture.",
        "Carriers do both; with a picture only its codes tell whose it is. Pictures take longer to draw.",
    ),
    Switch(
        "label_codes",
        ("tracking_and_order", "tracking"),
        "Whether a label has the order id as Data Matrix beside the tracking id as Code 128.",
        "Not published; the tracking id is on every carrier's label.",
    ),
    Switch(
        "invoice_pages",
        ("as_needed", "with_terms"),
        "Whether an invoice ends with its signature, or has a page of declarations and terms after it.",
        "A self-declaration is said to be part of the papers; where it stands is not.",
    ),
    Switch(
        "order_id_on_pages",
        ("every_page", "first_page", "first_page_only"),
        "Whether later pages of an invoice or warranty card repeat the order id, only the invoice number or SKU, or "
        "nothing but the number of the page.",
        "Not published, and it decides how a combined file can be taken apart.",
    ),
    Switch(
        "papers_archive",
        ("by_marketplace", "always", "never"),
        "Where the document feed gives a tar with a folder for each order instead of a PDF: in Brazil, "
        "everywhere, nowhere.",
        "Amazon's sample for Brazil is a tar with ZPL; no rule is published.",
    ),
    Switch(
        "archive_packing",
        ("tar", "tar_gz"),
        "Whether that tar is gzipped by itself, whatever compressionAlgorithm says of the stored document.",
        "The sample's name ends in tar.gz and compressionAlgorithm says GZIP: once or twice is open.",
    ),
    Switch(
        "archive_folders",
        ("order_ids", "numbers"),
        "How folders in archives are named: by order id, or by a running number.",
        "Names in the bulk archive are not published; the sample of the document feed has a number.",
    ),
    Switch(
        "document_reports",
        ("one", "per_order"),
        "Whether a document feed makes one report for all its orders, or one for each order.",
        "The sample shows one reference; an older one has a SuccessMessage for each order.",
    ),
    Switch(
        "document_report_shape",
        ("current", "old_sample"),
        "The processing report of a document feed: DocumentReportReferenceID with a number, or SuccessMessage with "
        "DocumentReportReferenceId and an amzn1.easyship.document id.",
        "Amazon's samples of two years differ.",
    ),
    Switch(
        "document_failure_share",
        ("0", "0.05", "0.2", "1"),
        "The part of orders in document feeds that fail with 610013, internal failure, and succeed when asked again.",
        "Not a doubt about Amazon: it happens. Faults on makeEasyShipDocument choose more finely.",
    ),
    Switch(
        "unavailable_document",
        ("error", "left_out"),
        "An invoice asked for where Amazon makes none: an error for the order, or its other papers without it. "
        "Warranty cards are always left out where no serial numbers were given.",
        "Not published.",
    ),
    Switch(
        "unsupported_document_feed",
        ("error", "fatal"),
        "The document feed for an order of a marketplace without it: an error for the order, or the feed ends FATAL.",
        "Not published; the guides only list where it works.",
    ),
    Switch(
        "early_label",
        ("error", "given"),
        "Papers asked for before the moment from which the order's label may be printed.",
        "Orders tell that moment; what happens before it is not said.",
    ),
    Switch(
        "document_feed_most_orders",
        ("unlimited", "1", "30", "100"),
        "How many orders one document feed takes; those beyond fail one by one.",
        "No maximum is published.",
    ),
    Switch(
        "repeated_cancellation",
        ("error", "success"),
        "An acknowledgement feed that cancels an order which is cancelled already.",
        "Not published.",
    ),
    Switch(
        "partial_cancellation",
        ("error", "whole_order"),
        "An acknowledgement feed that cancels some items of an order with several.",
        "Orders of one package go whole or not at all; what Amazon does with such a feed is not published.",
    ),
    Switch(
        "flat_file_report",
        ("xml", "text"),
        "The processing report of POST_FLAT_FILE_ORDER_ACKNOWLEDGEMENT_DATA: that of order feeds, or a text with tabs.",
        "Flat files were answered in text; the guide shows the XML.",
    ),
)
