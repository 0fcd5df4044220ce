"""What is done with shipments: one verb for each command."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from packline.cli.orders import PLAIN, Manner, give
from packline.cli.place import HERE, Place

if TYPE_CHECKING:
    from packline.commands.pack import PackageRequest
    from packline.commands.slots import SlotRequest
    from packline.domain.slot import Courier

Slot = Literal["recommended", "earliest"]
Method = Literal["PICKUP", "DROPOFF"]
Until = Literal["packed", "labeled"]


def confirm(*shipments: str, manner: Manner = PLAIN, place: Place = HERE) -> None:
    """Tell Amazon that this location will ship them."""
    from packline.commands.confirm import Confirm

    give(place, manner, shipments, "confirm", Confirm)


def reject(
    *shipments: str,
    reason: Literal["OUT_OF_STOCK", "CUSTOMER_REQUESTED"],
    manner: Manner = PLAIN,
    place: Place = HERE,
) -> None:
    """Refuse whole shipments; Amazon gives them to another location or cancels them.

    Parameters
    ----------
    reason
        One of the two reasons that Amazon takes.
    """
    from packline.commands.reject import Reject

    give(place, manner, shipments, "reject", lambda: Reject(reason))


def pack(
    *shipments: str,
    packages: Path | None = None,
    slot: Slot | None = None,
    method: Method | None = None,
    option: str | None = None,
    carrier: str | None = None,
    tracking: str | None = None,
    until: Until = "labeled",
    manner: Manner = PLAIN,
    place: Place = HERE,
) -> None:
    """Pack: Packline makes all of Amazon's calls, and the documents are there at the end.

    Parameters
    ----------
    packages
        JSON file with the packages (`[{"box": {"length_cm": 30, ...}, "lines": [{"line_id": "1", "quantity": 2}]}]`);
        the ones that Amazon recommends where not given.
    slot
        Which handover slot.
    method
        Be picked up, or drop off.
    option
        Exactly this shipping option of Amazon's.
    carrier
        Your own carrier (Self Ship).
    tracking
        Its tracking id.
    until
        Stop after packing, or go on to the label.
    """
    from packline.commands.pack import Pack
    from packline.domain.shipment import Goal

    give(
        place,
        manner,
        shipments,
        "pack",
        lambda: Pack(_packages(packages), _slot(slot, method, option), _courier(carrier, tracking), Goal(until)),
    )


def repack(
    shipment: str,
    *,
    packages: Path,
    slot: Slot | None = None,
    method: Method | None = None,
    option: str | None = None,
    carrier: str | None = None,
    tracking: str | None = None,
    until: Until = "labeled",
    manner: Manner = PLAIN,
    place: Place = HERE,
) -> None:
    """Change boxes that Amazon already knows; slot, invoice and label run again by themselves.

    Parameters
    ----------
    packages
        JSON file with all packages as they are now, with the ids that Amazon has.
    """
    from packline.commands.repack import Repack
    from packline.domain.shipment import Goal

    give(
        place,
        manner,
        [shipment],
        "repack",
        lambda: Repack(
            _packages(packages) or (), _slot(slot, method, option), _courier(carrier, tracking), Goal(until)
        ),
    )


def relabel(
    *shipments: str,
    slot: Slot | None = None,
    method: Method | None = None,
    option: str | None = None,
    carrier: str | None = None,
    tracking: str | None = None,
    manner: Manner = PLAIN,
    place: Place = HERE,
) -> None:
    """Ask for the label again: lost, damaged, failed, or for another slot."""
    from packline.commands.relabel import Relabel

    give(
        place,
        manner,
        shipments,
        "relabel",
        lambda: Relabel(_slot(slot, method, option), _courier(carrier, tracking)),
    )


def reschedule(
    *shipments: str,
    slot: Slot | None = None,
    method: Method | None = None,
    option: str | None = None,
    manner: Manner = PLAIN,
    place: Place = HERE,
) -> None:
    """Move labels to another handover slot; without a wish, to the earliest (Easy Ship over Seller Central)."""
    from packline.commands.reschedule import Reschedule

    give(place, manner, shipments, "reschedule", lambda: Reschedule(_slot(slot, method, option)))


def hand_over(*shipments: str, manner: Manner = PLAIN, place: Place = HERE) -> None:
    """Say that the parcels have left with the carrier, or stand at the drop-off point."""
    from packline.commands.hand_over import HandOver

    give(place, manner, shipments, "hand_over", HandOver)


def out_for_delivery(*shipments: str, manner: Manner = PLAIN, place: Place = HERE) -> None:
    """Say that your own carrier brings the parcels today (Self Ship)."""
    from packline.commands.out_for_delivery import OutForDelivery

    give(place, manner, shipments, "out_for_delivery", OutForDelivery)


def deliver(*shipments: str, manner: Manner = PLAIN, place: Place = HERE) -> None:
    """Say that the buyer has the parcels (Self Ship)."""
    from packline.commands.deliver import Deliver

    give(place, manner, shipments, "deliver", Deliver)


def retry(*shipments: str, manner: Manner = PLAIN, place: Place = HERE) -> None:
    """Forget the problem and go on; a person has looked."""
    from packline.commands.retry import Retry

    give(place, manner, shipments, "retry", Retry)


def _packages(file: Path | None) -> "tuple[PackageRequest, ...] | None":
    import msgspec

    from packline.commands.pack import PackageRequest
    from packline.errors import Invalid

    if file is None:
        return None
    try:
        content: Any = msgspec.json.decode(file.read_bytes())
        listed = content.get("packages", content) if isinstance(content, dict) else content
        return msgspec.convert(listed, tuple[PackageRequest, ...])
    except OSError as failure:
        raise Invalid(f"{file} cannot be read: {failure.strerror}.", hint="Correct --packages.") from None
    except (msgspec.DecodeError, msgspec.ValidationError) as misfit:
        raise Invalid(
            f"{file} is not a list of packages: {misfit}.", hint="`shipment pack --help` shows one."
        ) from None


def _slot(policy: str | None, method: str | None, option: str | None) -> "SlotRequest | None":
    from packline.commands.slots import SlotRequest
    from packline.domain.slot import SlotPolicy

    if not (policy or method or option):
        return None
    return SlotRequest(SlotPolicy(policy) if policy else None, method, option_id=option)


def _courier(carrier: str | None, tracking: str | None) -> "Courier | None":
    from packline.domain.slot import Courier
    from packline.errors import FieldError, Invalid

    if not carrier and not tracking:
        return None
    if not (carrier and tracking):
        raise Invalid(
            "A courier needs both its name and a tracking id.",
            errors=(FieldError("--carrier, --tracking", "Give both, or neither."),),
        )
    return Courier(carrier, tracking)
