"""Commands over HTTP: tickets, waiting, keys, bulk, refusals."""

import asyncio

from api.house import House
from builders import at
from packline.domain import events as ev
from packline.domain.shipment import Goal, Problem, Status

PACKING = {
    "packages": [
        {
            "box": {"length_cm": 30, "width_cm": 20, "height_cm": 10, "weight_g": 850},
            "lines": [{"line_id": "L1", "quantity": 2}],
        }
    ]
}


async def test_a_command_answers_with_a_ticket(house: House):
    """202, where the ticket is, and a wake-up for the account's worker in the same transaction."""
    made = await house.shipment()
    answer = await house.client.post(f"/v1/shipments/{made.id}/pack", json=PACKING)
    ticket = answer.json()
    assert (answer.status_code, ticket["status"], ticket["goal"]) == (202, "pending", "labeled")
    assert answer.headers["location"] == f"/v1/commands/{ticket['id']}"
    stored = (await house.store.load([made.id]))[made.id]
    assert (stored.goal, stored.ticket, stored.packages[0].id) == (Goal.LABELED, ticket["id"], "PKG-1")
    assert await house.services.pool.fetchval("select seq from account_wake where account_id = 'acme-in'") >= 1
    assert await house.services.pool.fetchval("select due_at is not null from shipment where id = $1", made.id)


async def test_a_caller_can_wait_for_the_outcome(house: House):
    """`Prefer: wait` answers as soon as the ticket is settled."""
    made = await house.shipment()

    async def driver() -> None:
        for _ in range(100):
            await asyncio.sleep(0.02)
            now = (await house.store.load([made.id]))[made.id]
            if now.ticket:
                await house.happen(made.id, ev.Settled(now.ticket, Goal.LABELED, "succeeded"))
                return

    working = asyncio.create_task(driver())
    answer = await house.client.post(f"/v1/shipments/{made.id}/pack", json=PACKING, headers={"Prefer": "wait=10"})
    await working
    assert (answer.status_code, answer.json()["outcome"]) == (200, "succeeded")
    assert answer.headers["preference-applied"] == "wait=10"


async def test_waiting_ends_with_the_ticket_still_open(house: House):
    """A wait that is over answers with the pending ticket."""
    made = await house.shipment()
    answer = await house.client.post(f"/v1/shipments/{made.id}/pack", headers={"Prefer": "wait=1"})
    assert (answer.status_code, answer.json()["status"]) == (202, "pending")


async def test_every_fault_of_a_body_is_pointed_at(house: House):
    """Bad input answers 422 with pointers, all at once, whoever found it."""
    made = await house.shipment()
    bad_form = {"packages": [{"box": {"length_cm": "x", "width_cm": 1, "height_cm": 1}, "lines": []}], "slott": {}}
    answer = await house.client.post(f"/v1/shipments/{made.id}/pack", json=bad_form)
    pointers = " ".join(fault["pointer"] for fault in answer.json()["errors"])
    assert answer.status_code == 422
    assert "length_cm" in pointers
    assert "weight_g" in pointers
    assert "slott" in pointers
    bad_sense = {"packages": [PACKING["packages"][0] | {"lines": [{"line_id": "L9", "quantity": 1}]}]}
    answer = await house.client.post(f"/v1/shipments/{made.id}/pack", json=bad_sense)
    body = answer.json()
    assert (answer.headers["content-type"], body["code"], body["reason"]) == (
        "application/problem+json",
        "invalid",
        "packing_invalid",
    )
    assert [fault["pointer"] for fault in body["errors"]] == ["/packages", "/packages/0/lines/0/line_id"]
    assert body["hint"]


async def test_the_same_key_and_body_give_the_same_answer(house: House):
    """Within 24 hours a repetition is the same request; another body under the key is refused."""
    made = await house.shipment()
    headers = {"Idempotency-Key": "order-1"}
    path = f"/v1/shipments/{made.id}/pack"
    first = await house.client.post(path, json=PACKING, headers=headers)
    again = await house.client.post(path, json=PACKING, headers=headers)
    assert (again.status_code, again.content) == (202, first.content)
    assert again.headers["idempotent-replayed"] == "true"
    other = await house.client.post(path, json={}, headers=headers)
    assert (other.status_code, other.json()["reason"]) == (409, "idempotency_key_reused")


async def test_a_key_is_free_again_after_a_day(house: House):
    """A key lives 24 hours, for the HTTP answer and for the command."""
    made = await house.shipment()
    path, headers = f"/v1/shipments/{made.id}/pack", {"Idempotency-Key": "k"}
    first = await house.client.post(path, headers=headers)
    await house.services.pool.execute("update idempotency set created_at = created_at - interval '25 hours'")
    await house.services.pool.execute("update command set created_at = created_at - interval '25 hours'")
    second = await house.client.post(path, json=PACKING, headers=headers)
    assert (second.status_code, second.json()["id"] != first.json()["id"]) == (202, True)
    assert await house.services.idempotency.purge(house.services.clock.now()) == 0


async def test_a_secret_is_not_kept_under_a_key(house: House):
    """An answer with a secret is not stored for repetitions."""
    headers = {"Idempotency-Key": "hook"}
    made = await house.client.post("/v1/webhooks", json={"url": "https://example.com/x"}, headers=headers)
    assert made.json()["secret"].startswith("whsec_")
    assert await house.services.pool.fetchval("select count(*) from idempotency") == 0


async def test_an_error_is_not_kept_under_a_key(house: House):
    """What was refused changed nothing: the same key may ask again when things stand otherwise."""
    made = await house.shipment(status="ACCEPTED")
    path, headers = f"/v1/shipments/{made.id}/hand_over", {"Idempotency-Key": "k"}
    assert (await house.client.post(path, headers=headers)).status_code == 409
    await house.happen(made.id, ev.Moved(Status.SHIPLABEL_GENERATED, "adopted", at(1)))
    assert (await house.client.post(path, headers=headers)).status_code == 202


async def test_two_requests_with_one_key_at_once_make_one_command(house: House):
    """Of two at the same time one is taken, the other is told to come again or gets the same answer."""
    made = await house.shipment()
    path, headers = f"/v1/shipments/{made.id}/pack", {"Idempotency-Key": "twice"}
    answers = await asyncio.gather(*(house.client.post(path, json=PACKING, headers=headers) for _ in range(4)))
    assert {a.status_code for a in answers} <= {202, 409}
    assert await house.services.pool.fetchval("select count(*) from command") == 1


async def test_commands_at_once_on_one_shipment_leave_one_open_ticket(house: House):
    """Concurrent commands follow each other; all older tickets are settled as superseded."""
    made = await house.shipment(status="ACCEPTED")
    path = f"/v1/shipments/{made.id}/pack"
    answers = await asyncio.gather(*(house.client.post(path, headers={"Idempotency-Key": f"k{n}"}) for n in range(5)))
    assert {a.status_code for a in answers} <= {202, 409}
    open_tickets = await house.services.pool.fetch("select id from command where status = 'pending'")
    stored = (await house.store.load([made.id]))[made.id]
    assert [row["id"] for row in open_tickets] == [stored.ticket]


async def test_many_commands_have_a_result_each(house: House):
    """Bulk takes a thousand, and one refused does not hinder the others."""
    made = [await house.shipment(f"S-{n}", status="ACCEPTED") for n in range(40)]
    over = await house.shipment("S-OVER", status="DELIVERED")
    items = [{"shipment": m.amazon_id} for m in made] + [{"shipment": over.id}, {"shipment": "nobody"}]
    answer = await house.client.post("/v1/shipments/bulk/confirm", json={"items": items})
    results = answer.json()["items"]
    assert [r["ticket"]["status"] for r in results[:40]] == ["pending"] * 40
    assert [r["problem"]["code"] for r in results[40:]] == ["denied", "not_found"]
    bad = {"items": [{"shipment": made[0].id, "body": {"packages": 3}}]}
    answer = await house.client.post("/v1/shipments/bulk/pack", json=bad)
    assert answer.json()["items"][0]["problem"]["code"] == "invalid"


async def test_bulk_commands_that_meet_all_end(house: House):
    """Two bulk commands over the same shipments in opposite order neither hang nor lose one."""
    made = [await house.shipment(f"S-{n}", status="ACCEPTED") for n in range(40)]
    items = [{"shipment": m.id} for m in made]
    answers = await asyncio.gather(
        house.client.post("/v1/shipments/bulk/confirm", json={"items": items}),
        house.client.post("/v1/shipments/bulk/pack", json={"items": items[::-1]}),
        house.client.post("/v1/shipments/bulk/pack", json={"items": items}),
    )
    for answer in answers:
        assert answer.status_code == 200
        for row in answer.json()["items"]:
            assert row["ticket"] or row["problem"]["reason"] in ("goes_further", "busy")
    loaded = await house.store.load([m.id for m in made])
    open_tickets = await house.services.pool.fetch("select id from command where status = 'pending'")
    assert {row["id"] for row in open_tickets} == {s.ticket for s in loaded.values()}


async def test_a_ticket_tells_its_outcome_and_lists_by_filter(house: House):
    """The outcome and the problem of a command are kept with its ticket."""
    made = await house.shipment()
    ticket = (await house.client.post(f"/v1/shipments/{made.id}/pack", json=PACKING)).json()
    problem = Problem("refused_by_amazon", "Amazon refused.", "Correct it.", at(3))
    await house.happen(made.id, ev.Settled(ticket["id"], Goal.LABELED, "rejected", problem))
    row = (await house.client.get(f"/v1/commands/{ticket['id']}")).json()
    assert (row["outcome"], row["problem"]["code"]) == ("rejected", "refused_by_amazon")
    listed = (await house.client.get("/v1/commands", params={"shipment": made.id, "outcome": "rejected"})).json()
    assert [t["id"] for t in listed["items"]] == [ticket["id"]]
    assert (await house.client.get("/v1/commands/cmd_none")).status_code == 404


async def test_a_denied_command_says_why_and_what_to_do(house: House):
    """A refusal names its reason and a hint, and leaves no ticket."""
    made = await house.shipment(status="DELIVERED")
    body = (await house.client.post(f"/v1/shipments/{made.id}/pack")).json()
    assert (body["status"], body["code"], body["reason"]) == (409, "denied", "wrong_status")
    assert body["hint"]
    assert await house.services.pool.fetchval("select count(*) from command") == 0


async def test_a_reader_cannot_give_commands(house: House):
    """Each role may do what its word says."""
    made = await house.shipment()
    answer = await house.client.post(f"/v1/shipments/{made.id}/pack", headers=await house.key("reader"))
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
