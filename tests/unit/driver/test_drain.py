"""Drains and journeys: what one owner does with the shipments of one account."""

import asyncio
from datetime import timedelta

import pytest
from msgspec.structs import replace

from fakes import Behaviour, raising, unclear
from packline.domain.reports import Done, LabelResult
from packline.domain.shipment import Goal, Pending, Shipment, Status
from packline.domain.step import Step, StepKind
from packline.errors import Throttled, Unauthorized, Unavailable, Unexpected
from packline.ports import Change, Guard, Performed
from unit.driver.driving import Shop, order

JOURNEY = ["confirm", "create_packages", "read_options", "generate_labels"]


async def test_a_shipment_goes_all_the_way_to_its_goal() -> None:
    """Every step is one call, and the documents are stored at the end."""
    shop = Shop(order())
    await shop.work()
    assert shop.amazon.kinds() == JOURNEY
    assert shop.row().status is Status.SHIPLABEL_GENERATED
    assert shop.row().pending is None
    assert shop.row().packages[0].label is not None
    assert shop.store.due_at[shop.row().id] is None


async def test_each_step_costs_one_commit_after_the_first() -> None:
    """The next call is announced in the commit of the answer before it."""
    shop = Shop(order())
    await shop.work()
    assert len(shop.store.batches) == 1 + len(JOURNEY)


async def test_a_call_is_announced_before_it_is_made() -> None:
    """Whatever stands at Amazon was in the store as pending first."""
    shop = Shop(order())
    announced: list[str] = []

    def look(shipment: Shipment, step: Step) -> None:
        pending = shop.row().pending
        assert pending is not None
        announced.append(pending.step.kind.value)

    for kind in (StepKind.CONFIRM, StepKind.CREATE_PACKAGES, StepKind.GENERATE_LABELS):
        shop.amazon.before[kind].append(look)
    await shop.work()
    assert announced == ["confirm", "create_packages", "generate_labels"]


async def test_many_shipments_share_their_commits() -> None:
    """Results that come together are written together."""
    shop = Shop(*(order(n) for n in range(40)))
    await shop.work()
    assert all(row.status is Status.SHIPLABEL_GENERATED for row in shop.store.rows.values())
    assert max(shop.store.batches) == 40


async def test_no_more_shipments_are_in_flight_than_the_limit_allows() -> None:
    """The rest waits in the store, and is taken up as places become free."""
    shop = Shop(*(order(n) for n in range(30)), per_account=10)
    shop.amazon.slow = 0.5
    await shop.work()
    assert max(shop.store.batches) == 10
    assert all(row.status is Status.SHIPLABEL_GENERATED for row in shop.store.rows.values())


async def test_the_most_urgent_shipment_goes_first() -> None:
    """Of shipments that are due, the earliest ship-by is taken first."""
    late, early = order(1), order(2)
    shop = Shop(late, replace(early, ship_by=early.ship_by - timedelta(hours=3)), per_account=1)  # type: ignore[operator]
    await shop.work()
    assert shop.amazon.made[0] == ("S-2", StepKind.CONFIRM)


async def test_a_call_whose_maker_died_is_probed_not_repeated() -> None:
    """A shipment read with a pending call has an unknown fate: Amazon is asked first."""
    shipment = order()
    shop = Shop()
    shop.amazon.know(replace(shipment, status=Status.CONFIRMED))
    shop.store.put(replace(shipment, pending=Pending(Step(StepKind.CONFIRM), shop.clock.now())))
    await shop.work()
    assert shop.amazon.kinds() == ["probe", *JOURNEY[1:]]
    assert shop.row().status is Status.SHIPLABEL_GENERATED


async def test_a_call_that_had_no_effect_is_made_again_after_the_probe() -> None:
    """The probe shows the old status, so the call goes out again."""
    shipment = order()
    shop = Shop()
    shop.amazon.know(shipment)
    shop.store.put(replace(shipment, pending=Pending(Step(StepKind.CONFIRM), shop.clock.now())))
    await shop.work()
    assert shop.amazon.kinds() == ["probe", *JOURNEY]


async def test_an_answer_lost_after_its_effect_makes_no_second_label() -> None:
    """An unclear write is settled by a probe; only the file is asked for again."""
    shop = Shop(order())
    shop.amazon.after[StepKind.GENERATE_LABELS].append(unclear())
    await shop.work_for(1)
    assert shop.amazon.kinds().count("generate_labels") == 1
    assert shop.amazon.kinds()[-2:] == ["probe", "regenerate_labels"]
    assert shop.row().packages[0].label is not None


async def test_after_an_unclear_answer_the_probe_waits_in_the_store() -> None:
    """A pause is a due time in the row, never a coroutine that sleeps."""
    shop = Shop(order())
    shop.amazon.before[StepKind.CONFIRM].append(unclear())
    dues: list[timedelta] = []

    def note(changes: object) -> None:
        dues.extend(c.due_at - shop.clock.now() for c in changes if c.due_at)  # type: ignore[attr-defined]

    shop.store.before_commit.extend([note, note])
    await shop.work_for(1)
    assert dues[-1] >= timedelta(seconds=0.75)
    assert shop.row().status is Status.SHIPLABEL_GENERATED


async def test_a_command_that_was_quicker_is_not_overwritten() -> None:
    """A stale commit is decided again from the row as it is now."""
    shop = Shop(order(goal=Goal.CONFIRMED))
    row_id = shop.row().id

    def overtake(changes: object) -> None:
        row = shop.store.rows[row_id]
        shop.store.rows[row_id] = replace(row, goal=Goal.LABELED, version=row.version + 1)

    shop.store.before_commit.extend([lambda _: None, overtake])
    await shop.work()
    assert shop.amazon.kinds() == JOURNEY
    assert shop.row().goal is Goal.LABELED


async def test_calls_of_a_stale_commit_are_logged_once() -> None:
    """The call was made, whatever became of the change that told of it."""
    shop = Shop(order(goal=Goal.CONFIRMED))

    def overtake(changes: object) -> None:
        row = shop.row()
        shop.store.rows[row.id] = replace(row, version=row.version + 1)

    shop.store.before_commit.extend([lambda _: None, overtake])
    await shop.work()
    assert [call.operation for call in shop.store.calls] == ["confirm"]


async def test_a_fenced_owner_writes_and_calls_nothing_more() -> None:
    """When another worker took the account, the drain ends and leaves the rows alone."""
    shop = Shop(order())
    shop.store.before_commit.extend([lambda _: None, lambda _: shop.store.take_over("acme-in")])
    await shop.work()
    assert shop.amazon.kinds() == ["confirm"]
    assert shop.row().status is Status.ACCEPTED
    assert shop.store.released == []


async def test_a_worker_that_was_frozen_asks_before_it_calls() -> None:
    """Its last check is old, so the guard asks the store, and the call does not leave."""
    shop = Shop(order())

    def freeze(shipment: Shipment, step: Step) -> None:
        shop.clock.at += timedelta(seconds=10)

    shop.amazon.after[StepKind.CONFIRM].append(freeze)
    drain = await shop.drain()

    def others(_: object) -> None:
        shop.store.take_over("acme-in")

    shop.amazon.before[StepKind.CONFIRM].append(lambda *_: others(None))
    await shop.clock.during(drain.run())
    assert shop.amazon.kinds() == ["confirm"]


@pytest.mark.parametrize("error", [Throttled("slow down"), Unavailable("not sent")])
async def test_a_call_that_was_not_executed_is_made_again_later(error: Exception) -> None:
    """Throttled and not sent are proof of no effect: no probe is needed."""
    shop = Shop(order(goal=Goal.CONFIRMED))
    shop.amazon.before[StepKind.CONFIRM].append(raising(error))
    await shop.work_for(1)
    assert shop.amazon.kinds() == ["confirm"]
    assert shop.row().status is Status.CONFIRMED


async def test_a_refused_authorisation_pauses_the_account() -> None:
    """Nothing is sent after the first 403, and the shipments keep their goals."""
    shop = Shop(*(order(n) for n in range(5)))
    for _ in range(5):
        shop.amazon.before[StepKind.CONFIRM].append(raising(Unauthorized("no access")))
    await shop.work()
    assert shop.store.paused == {"acme-in": "no access"}
    assert shop.amazon.made == []
    assert all(row.goal is Goal.LABELED and row.pending is None for row in shop.store.rows.values())
    assert await shop.store.take("acme-in", "test", shop.clock.now()) is None


async def test_one_closed_api_stops_only_what_needs_it() -> None:
    """Easy Ship answers 403 while Orders answers: the account goes on, a person is told of the role, and all is done
    once Easy Ship is open."""
    shop = Shop(*(order(n) for n in range(3)))
    shop.store.answered_elsewhere.add("acme-in")
    for _ in range(5):
        shop.amazon.before[StepKind.READ_OPTIONS].append(
            raising(Unauthorized("no access", operation="listHandoverSlots"))
        )
    await shop.work_for(1)
    assert shop.store.paused == {}
    assert "Direct-to-Consumer Shipping" in shop.store.closed_apis["Easy Ship"]
    await shop.work_for(12)
    assert all(row.status is Status.SHIPLABEL_GENERATED for row in shop.store.rows.values())


async def test_a_refused_sign_in_pauses_whatever_is_answered_elsewhere() -> None:
    """A token that Amazon does not give is refused for every API."""
    shop = Shop(order())
    shop.store.answered_elsewhere.add("acme-in")
    shop.amazon.before[StepKind.CONFIRM].append(raising(Unauthorized("invalid_grant", operation="signIn")))
    await shop.work()
    assert shop.store.paused == {"acme-in": "invalid_grant"}


async def test_an_answer_that_does_not_fit_is_parked_and_tried_again() -> None:
    """The bytes go on a person's list, the shipment shows the problem, and Packline goes on."""
    shop = Shop(order())
    shop.amazon.before[StepKind.READ_OPTIONS].append(raising(Unexpected("not JSON", operation="x")))
    await shop.work_for(1)
    assert len(shop.store.parked) == 1
    assert shop.row().status is Status.SHIPLABEL_GENERATED


async def test_a_failure_of_our_own_stays_with_its_shipment() -> None:
    """It becomes a problem on that shipment; the others pass."""
    shop = Shop(order(1), order(2))
    shop.amazon.before[StepKind.CONFIRM].append(raising(RuntimeError("bug")))
    await shop.work()
    problems = {row.problem.code for row in shop.store.rows.values() if row.problem}
    assert problems == {"internal_error"}
    assert [r.status for r in shop.store.rows.values()].count(Status.SHIPLABEL_GENERATED) == 1


async def test_a_database_that_stops_is_no_fault_of_the_shipment() -> None:
    """The drain ends with what the store raised, no shipment gets a problem, and the next drain goes on."""
    gone = type("ConnectionGone", (Exception,), {})  # a server that restarts raises more than OSError
    shop = Shop(order(1), order(2))
    shop.tools = shop.tools._replace(is_away=lambda error: isinstance(error, gone))
    shop.store.before_commit += [lambda _: None, lambda _: setattr(shop.store, "broken", gone("it restarts"))]
    with pytest.raises(gone):
        await shop.work()
    shop.store.broken = None
    assert [row.problem for row in shop.store.rows.values()] == [None, None]
    await shop.work_for(1)
    assert {row.status for row in shop.store.rows.values()} == {Status.SHIPLABEL_GENERATED}


async def test_a_drain_that_breaks_waits_for_the_call_that_has_left() -> None:
    """Amazon may still be at work on it: a successor's probe would find no label, and make a second one."""
    gone = type("ConnectionGone", (Exception,), {})
    shop = Shop(order(1), order(2))
    shop.tools = shop.tools._replace(is_away=lambda error: isinstance(error, gone))
    real, ended = shop.amazon.perform, list[bool]()

    async def perform(account: str, shipment: Shipment, step: Step, guard: Guard | None = None) -> Performed:
        done = await real(account, shipment, step, guard)
        if shipment.amazon_id == "S-1" and step.kind is StepKind.CREATE_PACKAGES:
            shop.store.broken = gone("it restarts")  # the other shipment's commit breaks the drain meanwhile
            await shop.clock.sleep(5)
            ended.append(True)
        return done

    shop.amazon.perform = perform  # type: ignore[method-assign]
    with pytest.raises(gone):
        await shop.work()
    assert ended == [True]


async def test_a_change_that_the_store_refuses_does_not_hinder_the_others() -> None:
    """A batch that fails is taken apart, until only the poisoned change is left."""
    shop = Shop(*(order(n, goal=Goal.CONFIRMED) for n in range(8)))
    real = shop.store.commit

    async def commit(changes: list[Change], calls: object = ()) -> object:
        if any(c.shipment.amazon_id == "S-3" and c.shipment.status is Status.CONFIRMED for c in changes):
            raise ValueError("a character that the database does not take")
        return await real(changes)

    shop.store.commit = commit  # type: ignore[assignment,method-assign]
    await shop.work()
    stuck = [row.amazon_id for row in shop.store.rows.values() if row.problem]
    assert stuck == ["S-3"]
    assert [r.status for r in shop.store.rows.values()].count(Status.CONFIRMED) == 7


async def test_a_cancellation_between_two_calls_stops_the_journey() -> None:
    """Amazon refuses the next call, the probe shows why, and nothing more is sent."""
    shop = Shop(order())

    def cancel(shipment: Shipment, step: Step) -> None:
        shop.amazon.cancel("S-1")

    shop.amazon.after[StepKind.CONFIRM].append(cancel)
    shop.amazon.before[StepKind.CREATE_PACKAGES].append(unclear("refused", 400, "InvalidInput"))
    await shop.work_for(1)
    assert shop.amazon.kinds() == ["confirm", "probe"]
    assert shop.row().status is Status.CANCELLED
    assert shop.row().goal is None


async def test_a_ring_while_the_drain_ends_is_not_lost() -> None:
    """The wake number is read again before the end: whatever raised it is done first."""
    shop = Shop(order(1))
    real = shop.store.next_due

    async def late(account: str) -> object:
        found = await real(account)
        if len(shop.store.rows) == 1:
            shop.add(order(2))
            return None
        return found

    shop.store.next_due = late  # type: ignore[assignment,method-assign]
    seq = await shop.work()
    assert shop.row("S-2").status is Status.SHIPLABEL_GENERATED
    assert seq == shop.store.seqs["acme-in"]


async def test_a_drain_that_is_stopped_finishes_calls_that_have_left() -> None:
    """Their answers are stored; what waits for its turn is given back without a call."""
    shop = Shop(order(1), order(2))
    shop.amazon.slow = 5.0
    drain = await shop.drain()
    task = asyncio.ensure_future(drain.run())
    await shop.clock.during(shop.clock.sleep(1))
    drain.stop()
    await shop.clock.during(task)
    assert shop.amazon.made == []
    assert all(row.pending is None for row in shop.store.rows.values())
    assert len(shop.store.released) == 1


async def test_the_levels_of_the_lanes_are_left_for_the_next_owner() -> None:
    """A release carries them, and when the account should be looked at again."""
    shop = Shop(order())
    await shop.work()
    (_, levels, look_at) = shop.store.released[0]
    assert levels == b"levels"
    assert look_at is not None
    assert look_at > shop.clock.now()


def _no_label(shop: Shop, code: str) -> Behaviour:
    def answer(shipment: Shipment, step: Step) -> Performed:
        results = tuple(LabelResult(p, False, code=code, message="later") for p, _ in step.packages)
        return Performed(Done(step, shop.clock.now(), labels=results))

    return answer


async def test_a_label_that_amazon_cannot_make_now_is_asked_for_again_with_pauses() -> None:
    """HTTP 200 can hold a failure that passes; each attempt counts, so that it does not go on at full speed."""
    shop = Shop(order())
    for _ in range(3):
        shop.amazon.before[StepKind.GENERATE_LABELS].append(_no_label(shop, "InternalFailure"))
    began = shop.clock.now()
    await shop.work_for(1)
    assert shop.row().status is Status.SHIPLABEL_GENERATED
    assert shop.row().moved_at is not None
    assert shop.row().moved_at - began > timedelta(seconds=4)  # type: ignore[operator]


async def test_a_label_that_amazon_never_makes_ends_as_a_problem() -> None:
    """After enough attempts a person is asked, and nothing more is sent."""
    shop = Shop(order())
    for _ in range(20):
        shop.amazon.before[StepKind.GENERATE_LABELS].append(_no_label(shop, "InternalFailure"))
    await shop.work_for(3)
    problem = shop.row().problem
    assert problem is not None
    assert problem.code == "label_failed"
    assert shop.store.due_at[shop.row().id] is None
