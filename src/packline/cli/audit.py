"""`packline audit`: who did what, who signed in, and who saw whose personal data."""

from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from cyclopts import App

from packline.cli.place import HERE, Place

if TYPE_CHECKING:
    from packline.bootstrap import Services

app = App(name="audit", help="Who did what, who signed in, who saw whose personal data.")
LIST = ("at", "name", "act", "amazon_id", "outcome", "subject", "address")


@app.command(name="list")
def list_audit(
    *,
    who: str | None = None,
    kind: Literal["act", "look", "sign_in"] | None = None,
    shipment: str | None = None,
    account: str | None = None,
    since: datetime | None = None,
    limit: int = 50,
    place: Place = HERE,
) -> None:
    """List lines of the audit, the newest first.

    Parameters
    ----------
    who
        A person's name, or a name as the audit writes it (`user: asha`, `key_...`, `command line`).
    kind
        Only acts, looks at personal data, or sign-ins.
    shipment
        Only what concerns this shipment, by any of its ids.
    account
        Only what concerns this account.
    since
        Only from this time on (UTC).
    limit
        How many lines at most.
    """

    async def work(services: "Services") -> list[Any]:
        from datetime import UTC

        from packline.domain.audit import AuditKind
        from packline.views import audit, shipments

        named = (await shipments.find(services.pool, shipment)).id if shipment else None
        filters = audit.AuditFilters(
            who=await _who(services, who),
            kind=AuditKind(kind) if kind else None,
            shipment=named,
            account=account,
            since=since.replace(tzinfo=since.tzinfo or UTC) if since else None,
        )
        rows: list[Any] = []
        after: str | None = None
        while len(rows) < limit:
            found = await audit.audit(services.pool, filters, limit=min(200, limit - len(rows)), after=after)
            rows += found.items
            after = found.next
            if after is None:
                break
        return rows

    place.printer.rows(place.work(work), *LIST, empty="Nothing like this was done or seen.")


async def _who(services: "Services", who: str | None) -> str | None:
    """Take a person's plain name for the name that the audit writes."""
    from packline.storage.people import People

    person = await People(services.pool).by_id(who) if who else None
    return person.who if person else who
