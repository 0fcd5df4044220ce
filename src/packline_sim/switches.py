"""Every doubt about Amazon's behaviour as a named switch: what it settles, its values, its default."""

from collections.abc import Mapping
from typing import NamedTuple


class Switch(NamedTuple):
    """Describe one switch; the first of `values` is the default."""

    name: str
    values: tuple[str, ...]
    settles: str
    reason: str

    @property
    def default(self) -> str:
        """Give the value that holds until somebody changes it."""
        return self.values[0]


SWITCHES: tuple[Switch, ...] = (
    Switch(
        "wrong_state",
        ("400", "409", "lenient"),
        "The answer to a call that the shipment's status does not allow.",
        "Amazon's guides list an invalid workflow state under 400; its local sandbox enforces no order (lenient).",
    ),
    Switch(
        "cancelled_write",
        ("422", "409", "400"),
        "The answer to a write on a shipment that Amazon or the buyer cancelled.",
        "The first version of the API answered 422; the present one models 422 for every write without saying when.",
    ),
    Switch(
        "repeated_call",
        ("409", "204"),
        "The same write sent twice: CONFIRM, createPackages with the same ids, GENERATE, SHIPPED.",
        "409 was seen for ship on the older API. 204 (200 for labels) makes repeats harmless.",
    ),
    Switch(
        "concurrent_calls",
        ("409", "allow"),
        "A write that arrives while another one on the same shipment is under way.",
        "The published error text says that the requested operation is already in progress.",
    ),
    Switch(
        "processing_source",
        ("internal_is_smarthub", "external_is_smarthub", "always_internal"),
        "What shipmentInfo.processingSource says about work done in SmartHub.",
        "The two values are described in a way that can be read both ways; every example shows INTERNAL_PLATFORM.",
    ),
    Switch(
        "custom_attributes",
        ("list_and_detail", "list_only"),
        "Where a line's customAttributes appear after a scan in SmartHub.",
        "The only example is in the list; getShipment for the same id lacks them.",
    ),
    Switch(
        "seller_flex_options_call",
        ("optional", "required"),
        "Whether Seller Flex must ask for shipping options before invoice and label.",
        "The documented sequence has the call, and its answer is empty.",
    ),
    Switch(
        "options_answer",
        ("empty", "missing", "null"),
        "What retrieveShippingOptions answers when the channel has a predetermined option.",
        "The model says an empty list; translations of the guide say null.",
    ),
    Switch(
        "invoice_before_label",
        ("required", "free"),
        "Whether a label is refused while a required invoice is missing.",
        "The requirement flag exists; what ignoring it does is nowhere said.",
    ),
    Switch(
        "unneeded_invoice",
        ("400", "404"),
        "The answer to generateInvoice where no invoice is required.",
        "Invoices are supported in India only; the answer elsewhere is not published.",
    ),
    Switch(
        "confirm_created",
        ("allow", "refuse"),
        "Whether CONFIRM is legal in CREATED.",
        "Amazon's recipe works on CREATED shipments for sellers whose stock is on listings.",
    ),
    Switch(
        "accept_on_stock",
        ("on", "off"),
        "Whether a CREATED shipment becomes ACCEPTED when an inventory update covers it.",
        "The status is described as not enough stock; how it leaves it is not described.",
    ),
    Switch(
        "rejectable_states",
        ("per_shipment", "any_before_label"),
        "Which statuses REJECT is legal in.",
        "orderStatesEligibleForRejection is given per shipment; some integrators reject until the label exists.",
    ),
    Switch(
        "out_of_stock_zeroes",
        ("off", "on"),
        "Whether REJECT with OUT_OF_STOCK sets the SKU's published quantity to 0.",
        "One integrator's design note says so.",
    ),
    Switch(
        "partial_reject",
        ("400", "whole"),
        "REJECT that names only some of the lines: refused, or taken for the whole shipment.",
        "The model says that partial cancellation is not supported.",
    ),
    Switch(
        "partial_packing",
        ("400", "append"),
        "createPackages that leaves units unpacked: refused, or further packages may follow.",
        "Amazon's local sandbox appends; the real rule is not published.",
    ),
    Switch(
        "package_id_form",
        ("url_safe", "any"),
        "Which package ids are accepted: 1 to 100 of A-Z a-z 0-9 _ -, or any text of 1 to 100.",
        "Neither length nor characters are stated.",
    ),
    Switch(
        "update_package_until",
        ("shipped", "label", "invoice"),
        "How long updatePackage is allowed: until SHIPPED, until a label exists, until an invoice exists.",
        "Amazon's guide allows it after the label; one integrator stops after the invoice.",
    ),
    Switch(
        "option_expiry",
        ("slot_start", "never"),
        "When a shipping option can no longer be used.",
        "Not published; a window that has begun cannot be booked.",
    ),
    Switch(
        "missing_option",
        ("recommended", "400"),
        "generateShipLabels for Easy Ship without shippingOptionId.",
        "Amazon's recipe leaves it out when there is none.",
    ),
    Switch(
        "self_ship_courier",
        ("third_party_only", "always", "never"),
        "When Self Ship needs courierSupportedAttributes; without them the package fails inside a 200.",
        "The model ties them to THIRD_PARTY_CARRIER; no example shows SELLER.",
    ),
    Switch(
        "label_failure",
        ("per_package", "whole_call"),
        "A package that cannot be labelled: FAILURE inside a 200, or 400 for the call.",
        "The model has a status and error for each package.",
    ),
    Switch(
        "regenerate_label",
        ("same_tracking", "new_tracking"),
        "REGENERATE with package and option unchanged: the same label behind a fresh address, or a new one.",
        "Amazon's sandbox answers the same data as for GENERATE.",
    ),
    Switch(
        "regenerate_after_shipped",
        ("refuse", "allow"),
        "REGENERATE for a package that has shipped.",
        "There is no call that reads a label, so the question matters and is not answered.",
    ),
    Switch(
        "stale_sequence",
        ("400", "409"),
        "An inventory update whose sequence number is not greater than the last.",
        "Amazon's sandbox gives STALE_DATA under 400; the error page has DuplicateRequest under 409.",
    ),
    Switch(
        "sequence_scope",
        ("channel", "location"),
        "Whether sequence numbers are kept per marketplace and channel when sent, or per location and SKU only.",
        "Integrators keep one counter per SKU and location.",
    ),
    Switch(
        "reservation_released_at",
        ("label", "shipped"),
        "When an order's units stop being reserved.",
        "The inventory guide says that updates exclude the units once the label is generated.",
    ),
    Switch(
        "stock_after_label",
        ("keep", "decrement"),
        "Whether the published quantity drops by itself when the label is made.",
        "The guide asks the seller to publish the new number, so Amazon probably keeps the last one.",
    ),
    Switch(
        "time_bounds",
        ("strict", "inclusive"),
        "Whether lastUpdatedAfter and lastUpdatedBefore leave out their own moment in getShipments.",
        "Amazon's local sandbox compares strictly.",
    ),
    Switch(
        "empty_pages",
        ("sometimes", "never", "always_first"),
        "Whether getShipments gives an empty page that still has a token.",
        "The model says that a page may be empty while a token is present.",
    ),
    Switch(
        "changed_filters",
        ("400", "ignore"),
        "A paginationToken sent with other filters than the first page.",
        "The model says to send the same arguments.",
    ),
    Switch(
        "unknown_location",
        ("404", "400", "empty"),
        "getShipments and listReturns for a location that the seller does not have.",
        "Not published.",
    ),
    Switch(
        "bad_token",
        ("403", "401"),
        "The status for a missing, bad or expired access token.",
        "SmartConnect's pages say 401, the models 403.",
    ),
    Switch(
        "delivered_before_shipped",
        ("400", "allow"),
        "updatePackageStatus DELIVERED for a package that is not SHIPPED.",
        "Not published.",
    ),
    Switch(
        "missing_location",
        ("all", "400"),
        "getShipments without locationId: all locations, or refused.",
        "The parameter is optional in the model; what leaving it out means is not said.",
    ),
    Switch(
        "shipped_by_seller",
        ("any", "self_ship_only"),
        "Who may send SHIPPED; the carrier's scan always works.",
        "The guide calls it optional for Seller Flex and Easy Ship.",
    ),
    Switch(
        "delivered_by_seller",
        ("any", "self_ship_only"),
        "Who may send DELIVERED.",
        "The guide shows it for Self Delivery; the model does not restrict it.",
    ),
    Switch(
        "legacy_status_query",
        ("allow", "refuse"),
        "updatePackageStatus with the deprecated status in the query and no body.",
        "The parameter is deprecated, not removed; a body wins over it.",
    ),
    Switch(
        "query_in_body",
        ("accept", "refuse"),
        "Query parameters that arrive as fields of the JSON body instead.",
        "A widely used client library sends them there.",
    ),
    Switch(
        "unknown_fields",
        ("ignore", "refuse"),
        "Query parameters and body fields that the specification does not have.",
        "A widely used client library adds such parameters to every call and works.",
    ),
    Switch(
        "decimal_numbers",
        ("refuse", "accept"),
        "Sizes, weights and money that arrive as JSON numbers instead of strings.",
        "The models say strings; Amazon's published recipe falls back to numbers, and its test data has some.",
    ),
    Switch(
        "returns_without_filter",
        ("all", "400"),
        "listReturns without any filter.",
        "One error text says that at least one field is mandatory.",
    ),
    Switch(
        "restricted_data_token",
        ("off", "required"),
        "Whether reads with personal data demand a restricted data token.",
        "An older version did; the present model does not say.",
    ),
    Switch(
        "error_codes",
        ("short", "short_with_sc_details", "sc"),
        "How errors[].code reads: InvalidInput, the same with SC_00002 in the details, or SC_00002 itself.",
        "The error page has both kinds; connectors of the first version saw SC codes.",
    ),
    Switch(
        "error_spelling",
        ("closed", "spaced"),
        "Whether codes are written InvalidInput or Invalid Input.",
        "The models' examples have both.",
    ),
    Switch(
        "earliest_pack",
        ("advise", "enforce"),
        "Whether processing before earliestPackDateTime is refused.",
        "The field is the moment a shipment becomes eligible; what happens before is not said.",
    ),
    Switch(
        "notification_casing",
        ("camel", "pascal"),
        "The letter case of keys in notifications.",
        "Amazon's other notification schemas use both.",
    ),
    Switch(
        "piece_groups",
        ("any", "counted"),
        "Multi-piece items: any number of pieces of at least 1, or exactly the item's own number.",
        "No field tells Amazon's idea of the number of pieces.",
    ),
    Switch(
        "file_url_seconds",
        ("300", "5", "30", "60", "900", "3600"),
        "How long the address of a label file works; afterwards it answers 403.",
        "Addresses are signed and expire; for how long is not stated.",
    ),
    Switch(
        "documents",
        ("each", "shared"),
        "Whether every label and invoice is drawn for its shipment, or one drawing, marked behind its end, serves all.",
        "Not a doubt about Amazon: drawing costs time that a load test may not want to spend.",
    ),
)
TABLE: dict[str, Switch] = {switch.name: switch for switch in SWITCHES}


class UnknownSwitch(ValueError):
    """No such switch, or the switch does not have that value."""


class Switches:
    """Hold the switches' present values; they can be changed at any time and count from the next call on."""

    def __init__(self, values: Mapping[str, str] | None = None) -> None:
        self._values = {switch.name: switch.default for switch in SWITCHES}
        self.version = 0
        self.update(values or {})

    def __getitem__(self, name: str) -> str:
        return self._values[name]

    def update(self, values: Mapping[str, str]) -> None:
        """Change several switches at once, all or none. Raises UnknownSwitch."""
        for name, value in values.items():
            _check(name, value)
        self._values.update(values)
        self.version += 1

    def reset(self) -> None:
        """Put every switch back to its default."""
        self.update({switch.name: switch.default for switch in SWITCHES})

    def as_dict(self) -> dict[str, str]:
        """Give all present values by name."""
        return dict(self._values)


def _check(name: str, value: str) -> None:
    switch = TABLE.get(name)
    if switch is None:
        raise UnknownSwitch(f"There is no switch {name!r}. Known: {', '.join(TABLE)}.")
    if value not in switch.values:
        raise UnknownSwitch(f"Switch {name!r} has no value {value!r}. Choose one of: {', '.join(switch.values)}.")


def markdown() -> str:
    """Write the table of switches for the documentation."""
    rows = [f"| `{row.name}` | {_values(row)} | {row.settles} | {row.reason} |" for row in SWITCHES]
    head = ["# Switches", "", "The first value is the default.", ""]
    table = ["| Switch | Values | What it settles | Why there is a doubt |", "|---|---|---|---|", *rows]
    return "\n".join([*head, *table, ""])


def _values(switch: Switch) -> str:
    return ", ".join(f"`{value}`" for value in switch.values)


if __name__ == "__main__":
    import sys

    sys.stdout.write(markdown())
