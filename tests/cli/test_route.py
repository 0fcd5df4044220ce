"""`packline route`: settings in, an allocation with its reasons out."""

from api.house import ACCOUNT
from packline.domain.location import Credentials, Location
from packline.storage.accounts import Accounts
from packline.storage.secrets import Vault


async def test_an_order_is_routed_from_the_shell(say, pool, tmp_path):
    """Place, centroids, stock, then the order; what is no line is refused with an example."""
    accounts = Accounts(pool, Vault({1: b"k" * 32}))
    await accounts.put(ACCOUNT, Credentials("id", "secret", "refresh"))
    await accounts.put_location(Location("acme-in", "EXSB", timezone="Asia/Kolkata", programs=("self_ship",)))
    file = tmp_path / "places.csv"
    file.write_text("postal_code,country,latitude,longitude\n560001,IN,12.97,77.59\nX,India,1,1\n")
    said = await say("route", "centroids", str(file), "--json")
    assert (said.rows[0]["taken"], said.rows[0]["refused"][0]["line"]) == (1, 3), said.err
    assert (await say("route", "place", "acme-in", "EXSB", "--country", "IN", "--postal-code", "560001")).code == 0
    assert (await say("stock", "set", "acme-in", "EXSB", "KURTA-M", "5")).code == 0
    at = ("--country", "IN", "--postal-code", "560001")
    found = (await say("route", "order", "acme-in", "KURTA-M=7", *at, "--json")).rows[0]
    assert [(p["location"], p["km"]) for p in found["parcels"]] == [("EXSB", 0.0)]
    assert found["short"] == [{"line": "1", "sku": "KURTA-M", "units": 2}]
    assert "One parcel" in (await say("route", "order", "acme-in", "KURTA-M=1", *at)).out
    wrong = await say("route", "order", "acme-in", "KURTA-M")
    assert wrong.code != 0
    assert "is no line of an order" in wrong.err + wrong.out


async def test_routes_are_kept_and_answered_from_the_shell(say, pool, tmp_path):
    """Orders of a table are kept in its sequence; a rejection moves one on; what is cancelled is free again."""
    accounts = Accounts(pool, Vault({1: b"k" * 32}))
    await accounts.put(ACCOUNT, Credentials("id", "secret", "refresh"))
    for location, units in (("EXSB", "3"), ("DEL1", "9")):
        await accounts.put_location(Location("acme-in", location, programs=("self_ship",)))
        assert (await say("stock", "set", "acme-in", location, "KURTA-M", units)).code == 0
    assert (await say("route", "place", "acme-in", "EXSB", "--priority", "1")).code == 0
    file = tmp_path / "orders.csv"
    file.write_text("reference,sku,units\nONE,KURTA-M,2\nTWO,KURTA-M,2\n")
    kept = (await say("route", "keep-file", "acme-in", str(file), "--json")).rows
    assert [row["parcels"][0]["location"] for row in kept] == ["EXSB", "DEL1"]
    moved = (await say("route", "reject", "acme-in", "ONE", "EXSB", "--reason", "wet", "--json")).rows[0]
    assert [(p["location"], p["state"]) for p in moved["parcels"]] == [("EXSB", "rejected"), ("DEL1", "open")]
    assert "wet" in (await say("route", "show", "acme-in", "ONE")).out
    assert (await say("route", "accept", "acme-in", "ONE", "DEL1")).code == 0
    assert (await say("route", "done", "acme-in", "ONE", "DEL1", "--json")).rows[0]["state"] == "done"
    assert (await say("route", "cancel", "acme-in", "TWO", "--json")).rows[0]["state"] == "cancelled"
    again = await say("route", "keep", "acme-in", "THREE", "KURTA-M=3", "--json")
    assert again.rows[0]["parcels"][0]["location"] == "EXSB"
    listed = (await say("route", "list", "acme-in", "--state", "allocated", "--json")).rows
    assert [row["reference"] for row in listed] == ["THREE"]
    file.write_text("reference,sku,units\nONE,KURTA-M,none\n,KURTA-M,1\n")
    wrong = await say("route", "keep-file", "acme-in", str(file))
    assert wrong.code != 0
    assert "cannot be read" in wrong.err + wrong.out
