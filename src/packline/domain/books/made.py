"""A difference as it is written down: seen from an entry of the other books, or from one of ours."""

from packline.domain.books.entries import Cause, Difference, Kind, OurOrder, OurReturn, Repair, Stated


def of_theirs(
    stated: Stated, kind: Kind, cause: Cause, words: str, repair: Repair, *, sku: str = "", payload: bytes = b""
) -> Difference:
    """Write a difference about an entry that only they have."""
    return Difference(
        kind,
        cause,
        words,
        theirs=stated.word,
        amazon_id=stated.amazon_id,
        order_id=stated.order_id,
        sku=sku,
        location=stated.location,
        repair=repair,
        payload=payload,
    )


def of_ours(
    ours: OurOrder | OurReturn,
    kind: Kind,
    cause: Cause,
    words: str,
    repair: Repair = Repair.NONE,
    *,
    said: str = "",
    told: str = "",
    field: str = "",
    payload: bytes = b"",
) -> Difference:
    """Write a difference about an entry of ours: what we say of `field` (our status by default), and what they told."""
    return Difference(
        kind,
        cause,
        words,
        field,
        said or ours.status,
        told,
        ours.id,
        ours.amazon_id,
        ours.order_id,
        ours.sku if isinstance(ours, OurReturn) else "",
        ours.location,
        repair,
        payload,
    )
