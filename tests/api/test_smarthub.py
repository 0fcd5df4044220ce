"""The report of what was done in Amazon's own panel."""

from datetime import timedelta

from api.house import House
from builders import NOON, at
from packline.domain import events as ev
from packline.domain.shipment import Problem, Status


async def test_the_report_tells_what_was_done_elsewhere_and_who_must_act(house: House) -> None:
    """Shipments by place, and those whose label is not here or that have a problem; our own are left out."""
    ours, theirs, odd = [(await house.shipment(name)).id for name in ("S-1", "S-2", "S-3")]
    await house.happen(ours, ev.Moved(Status.PACKAGE_CREATED, "command", at(1)))
    await house.happen(theirs, ev.Moved(Status.SHIPLABEL_GENERATED, "adopted", at(2)))
    await house.happen(
        odd, ev.Moved(Status.SHIPPED, "adopted", at(3)), ev.AnomalyFound(Problem("gap", "x", "y", at(3)))
    )

    told = (await house.client.get("/v1/smarthub/report")).json()

    assert told["shipments"] == 2
    place = told["places"][0]
    assert (place["account"], place["shipments"], place["labelled"], place["shipped"]) == ("acme-in", 2, 1, 1)
    assert {row["id"]: row["reason"] for row in told["people"]} == {
        theirs: "its label was made elsewhere and its file is not here",
        odd: "problem: gap",
    }


async def test_the_report_counts_units_and_names_what_to_count(house: House) -> None:
    """Units that nobody scanned were taken first in first out; the SKU waits to be counted."""
    made = (await house.shipment("S-4", "SHIPPED")).id
    pool, now = house.services.pool, house.services.clock.now()
    await pool.execute(
        "insert into stock_entry (recorded_at, at, cause, pool, location, sku, kind, units, on_hand, reserved, picked,"
        " labelled, unsellable, bin, shipment_id) values ($1, $1, 'a', 'p', 'EXSB', 'SKU-1', 'smarthub', 2, -2, -2, 0,"
        " 2, 0, null, $2), ($1, $1, 'b', 'p', 'EXSB', 'SKU-1', 'smarthub', 1, -1, -1, 0, 1, 0, 'B-7', $2)",
        now - timedelta(minutes=1),
        made,
    )
    await pool.execute(
        "insert into stock_balance (pool, location, sku, on_hand, counted_at, unscanned_at)"
        " values ('p', 'EXSB', 'SKU-1', 5, $1, $2)",
        NOON,
        now,
    )
    await pool.execute(
        "insert into stock_allocation (shipment_id, line, account_id, place, merchant_sku, pool, location, sku, units,"
        " stage, version, unscanned, updated_at) values"
        " ($1, 0, 'acme-in', 'EXSB', 'SKU-1', 'p', 'EXSB', 'SKU-1', 3, 'shipped', 1, 2, $2)",
        made,
        now,
    )

    await pool.execute("update stock_allocation set scanned = '\\x90' where shipment_id = $1", made)
    await pool.execute(
        "insert into stock_spot (pool, location, sku, bin, serial, units) values"
        " ('p', 'EXSB', 'SKU-1', 'B-7', 'SN-1', -1), ('p', 'EXSB', 'SKU-1', 'B-8', '', 4)"
    )

    told = (await house.client.get("/v1/smarthub/report")).json()

    assert [(row["bin"], row["serial"], row["units"]) for row in told["strange"]] == [("B-7", "SN-1", 1)]
    assert [(row["units"], row["scanned"], row["unscanned"]) for row in told["places"]] == [(3, 1, 2)]
    assert [(row["sku"], row["on_hand"]) for row in told["to_count"]] == [("SKU-1", 5)]


async def test_a_report_that_ends_before_it_begins_is_refused(house: House) -> None:
    """The pointer names the parameter."""
    asked = {"since": "2026-11-21T12:00:00Z", "until": "2026-11-21T11:00:00Z"}
    answer = await house.client.get("/v1/smarthub/report", params=asked)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/query/since")
