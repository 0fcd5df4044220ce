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
