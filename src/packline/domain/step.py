"""A step: one call to Amazon that moves a shipment, with everything that makes a resend the same request."""

from enum import StrEnum

from packline.domain.values import Value


class StepKind(StrEnum):
    """The calls that the driver makes for a shipment."""

    CONFIRM = "confirm"
    REJECT = "reject"
    CREATE_PACKAGES = "create_packages"
    UPDATE_PACKAGE = "update_package"
    READ_OPTIONS = "read_options"
    GENERATE_INVOICE = "generate_invoice"
    FETCH_INVOICE = "fetch_invoice"
    GENERATE_LABELS = "generate_labels"
    REGENERATE_LABELS = "regenerate_labels"
    DOWNLOAD_LABEL = "download_label"
    RESCHEDULE = "reschedule"
    FETCH_DOCUMENTS = "fetch_documents"
    SHIP = "ship"
    OUT_FOR_DELIVERY = "out_for_delivery"
    DELIVER = "deliver"
    PROBE = "probe"


READS = frozenset(
    {
        StepKind.READ_OPTIONS,
        StepKind.FETCH_INVOICE,
        StepKind.DOWNLOAD_LABEL,
        StepKind.FETCH_DOCUMENTS,
        StepKind.PROBE,
    }
)
"""Steps that may be sent again without a probe, because they make nothing at Amazon."""


class Step(Value, frozen=True):
    """One call: its kind, its packages with the revision each was made for, and the shipping option chosen."""

    kind: StepKind
    packages: tuple[tuple[str, int], ...] = ()
    option_id: str | None = None
    round: int = 0

    @property
    def is_read(self) -> bool:
        """Tell whether the call can be repeated without proof that it had no effect."""
        return self.kind in READS
