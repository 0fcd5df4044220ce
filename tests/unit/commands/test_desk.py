"""The desk: what it takes, what it refuses, and how commands meet."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from packline.commands.confirm import Confirm
from packline.commands.deliver import Deliver
from packline.commands.hand_over import HandOver
from packline.commands.order import Order
from packline.commands.pack import Pack, PackageRequest
from packline.commands.reject import Reject
from packline.commands.relabel import Relabel
from packline.commands.repack import Repack
from packline.commands.retry import Retry
from packline.commands.table import KINDS
from packline.domain.allowed import allowed_now
from packline.domain.shipment import Goal, Label, Package, PackageLine, Pending, Problem, Status
from packline.domain.slot import Courier
from packline.domain.step import Step, StepKind
from packline.domain.values import Value
from packline.errors import Conflict, Denied, Invalid, NotFound
from unit.commands.counter import BOX, NOW, Shelf, a_shipment, desk_over

ALL = (PackageLine("L1", 2), PackageLine("L2", 1))


def order(request: Value, key: str = "", shipment: str | None = None) -> Order:
    return Order(shipment or a_shipment().id, request, key, "test")


def packed(**changes: object) -> Package:
    fields: dict[str, object] = {"id": "PKG-1", "box": BOX, "lines": ALL, "sent": 1}
    return Package(**(fields | changes))  # type: ignore[arg-type]


async def test_a_command_sets_the_goal_and_rings_the_account():
    """A command is a goal on the shipment, a ticket, and a wake-up."""
    shelf = Shelf([a_shipment(Status.ACCEPTED)])
    ticket = await desk_over(shelf).give(order(Confirm()))
    assert ticket.status == "pending"
    assert shelf.shipments[ticket.shipment].goal is Goal.CONFIRMED
    assert shelf.rung == ["acme"]


async def test_a_goal_that_is_reached_already_succeeds_at_once():
    """Asking for what is so already is answered with success, and nobody is woken."""
    shelf = Shelf([a_shipment(Status.CONFIRMED)])
    ticket = await desk_over(shelf).give(order(Confirm()))
    assert (ticket.outcome, shelf.rung) == ("succeeded", [])


async def test_the_same_key_is_the_same_command():
    """A repetition under one key gives the first ticket, whatever happened since."""
    shelf = Shelf([a_shipment(Status.ACCEPTED)])
    desk = desk_over(shelf)
    first = await desk.give(order(Confirm(), "k1"))
    shelf.shipments[first.shipment] = a_shipment(Status.DELIVERED)
    assert (await desk.give(order(Confirm(), "k1"))).id == first.id


async def test_a_key_names_another_command_after_a_day():
    """A key lives 24 hours: a label asked for next week under the same key is a new label."""
    shelf = Shelf([a_shipment(Status.ACCEPTED)])
    desk = desk_over(shelf)
    first = await desk.give(order(Confirm(), "k1"))
    shelf.kept[first.id] = replace(first, created_at=NOW - timedelta(hours=25))
    assert (await desk.give(order(Confirm(), "k1"))).id != first.id


async def test_a_shipment_that_moves_under_a_command_is_read_again():
    """A stale change is decided anew from the shipment as it is now."""
    shelf = Shelf([a_shipment(Status.ACCEPTED)])
    shelf.racing = 2
    assert (await desk_over(shelf).give(order(Confirm()))).status == "pending"


async def test_a_shipment_that_never_stands_still_is_given_up():
    """Re-reading is bounded: the caller is told to come again."""
    shelf = Shelf([a_shipment(Status.ACCEPTED)])
    shelf.racing = 99
    with pytest.raises(Conflict, match="kept moving"):
        await desk_over(shelf).give(order(Confirm()))


async def test_many_commands_are_answered_one_by_one():
    """In bulk each command has its own answer, and a refused one does not hinder the others."""
    good, over = a_shipment(Status.ACCEPTED), a_shipment(Status.DELIVERED, amazon_id="A2")
    answers = await desk_over(Shelf([good, over])).give_many(
        [order(Confirm(), "a", good.id), order(Confirm(), "b", over.id), order(Confirm(), "c", "shp_none")]
    )
    assert [type(a).__name__ for a in answers] == ["Ticket", "Denied", "NotFound"]


async def test_two_commands_on_one_shipment_follow_each_other():
    """In bulk the second command of a shipment is decided after the first."""
    shelf = Shelf([a_shipment(Status.ACCEPTED)])
    first, second = await desk_over(shelf).give_many([order(Confirm(), "a"), order(Pack(), "b")])
    assert not isinstance(first, Exception)
    assert not isinstance(second, Exception)
    assert shelf.kept[first.id].outcome == "superseded"
    assert shelf.shipments[second.shipment].goal is Goal.LABELED


async def test_pack_with_the_recommended_packages_names_them_by_place():
    """Without packages of its own, the warehouse packs as Amazon recommends."""
    shelf = Shelf([a_shipment()])
    ticket = await desk_over(shelf).give(order(Pack()))
    assert [p.id for p in shelf.shipments[ticket.shipment].packages] == ["PKG-1"]


async def test_a_box_far_from_the_recommendation_is_warned_of():
    """A size that differs much is taken, and said."""
    big = PackageRequest(BOX.__class__(60, 20, 10, 850), ALL)
    ticket = await desk_over(Shelf([a_shipment()])).give(order(Pack((big,))))
    assert "Amazon recommends" in ticket.warnings[0]


async def test_a_packing_that_amazon_would_refuse_names_every_fault():
    """All faults come at once, each with its pointer, before Amazon is called."""
    bad = PackageRequest(BOX.__class__(0, 20, 10, 2), (PackageLine("L1", 1), PackageLine("L9", 1)), id="a b")
    with pytest.raises(Invalid) as refusal:
        await desk_over(Shelf([a_shipment()])).give(order(Pack((bad,))))
    pointers = {e.pointer for e in refusal.value.errors}
    assert {"/packages/0/id", "/packages/0/box/length_cm", "/packages/0/box/weight_g"} <= pointers
    assert {"/packages", "/packages/0/lines/1/line_id"} <= pointers


async def test_a_courier_is_refused_where_amazons_carrier_comes():
    """Only a program that takes the seller's courier may name one."""
    with pytest.raises(Invalid) as refusal:
        await desk_over(Shelf([a_shipment()])).give(order(Pack(courier=Courier("Bluedart", "1"))))
    assert refusal.value.errors[0].pointer == "/courier"


async def test_pack_waits_while_packages_are_being_sent():
    """Packages on their way to Amazon cannot be swapped for others."""
    sending = Pending(Step(StepKind.CREATE_PACKAGES, (("PKG-1", 1),)), NOW)
    shelf = Shelf([a_shipment(goal=Goal.LABELED, packages=(packed(sent=0),), pending=sending)])
    with pytest.raises(Denied) as refusal:
        await desk_over(shelf).give(order(Pack()))
    assert refusal.value.reason == "in_flight"


async def test_repack_raises_only_the_revision_of_what_changed():
    """Unchanged packages keep their slot and label."""
    shipment = a_shipment(
        Status.PACKAGE_CREATED,
        packages=(packed(lines=(ALL[0],)), packed(id="PKG-2", lines=(ALL[1],))),
    )
    shelf = Shelf([shipment])
    request = Repack(
        (
            PackageRequest(BOX, (ALL[0],), id="PKG-1"),
            PackageRequest(BOX.__class__(31, 20, 10, 850), (ALL[1],), id="PKG-2"),
        )
    )
    ticket = await desk_over(shelf).give(order(request))
    assert [p.revision for p in shelf.shipments[ticket.shipment].packages] == [1, 2]


async def test_repack_refuses_another_number_of_packages():
    """Amazon can change a package, not their number."""
    shelf = Shelf([a_shipment(Status.PACKAGE_CREATED, packages=(packed(),))])
    request = Repack((PackageRequest(BOX, ALL, id="OTHER"),))
    with pytest.raises(Denied, match="adds OTHER and leaves out PKG-1"):
        await desk_over(shelf).give(order(request))


async def test_a_handover_while_labels_are_made_lets_the_goal_grow():
    """The packer may be quicker than Amazon."""
    shelf = Shelf([a_shipment(Status.PACKAGE_CREATED, goal=Goal.LABELED, ticket="cmd_old", packages=(packed(),))])
    ticket = await desk_over(shelf).give(order(HandOver()))
    after = shelf.shipments[ticket.shipment]
    assert (after.goal, after.handed_over_at) == (Goal.SHIPPED, NOW)


async def test_a_handover_without_a_label_is_refused():
    """What nobody has asked a label for cannot leave."""
    shelf = Shelf([a_shipment(Status.PACKAGE_CREATED, goal=Goal.PACKED, packages=(packed(),))])
    with pytest.raises(Denied, match="no label"):
        await desk_over(shelf).give(order(HandOver()))


async def test_a_labeled_easy_ship_parcel_is_handed_over_at_once():
    """Where the carrier tells SHIPPED, the handover is ours to note and no call follows."""
    label = Label("T1", "ATS", 1, 1, NOW)
    labeled = packed(label=label, slotted=1)
    shelf = Shelf([a_shipment(Status.SHIPLABEL_GENERATED, goal=Goal.LABELED, packages=(labeled,))])
    ticket = await desk_over(shelf).give(order(HandOver()))
    assert ticket.outcome is None  # its file is still to be fetched
    assert shelf.shipments[ticket.shipment].handed_over_at == NOW


async def test_a_new_label_after_the_handover_is_refused():
    """A label on a parcel that left cannot be exchanged."""
    shelf = Shelf([a_shipment(Status.SHIPLABEL_GENERATED, packages=(packed(),), handed_over_at=NOW)])
    with pytest.raises(Denied, match="handed over"):
        await desk_over(shelf).give(order(Relabel()))


async def test_amazons_carrier_tells_the_delivery():
    """Only a seller with a carrier of its own tells the delivery."""
    shelf = Shelf([a_shipment(Status.SHIPPED, packages=(packed(),))])
    with pytest.raises(Denied, match="Amazon's carrier"):
        await desk_over(shelf).give(order(Deliver()))


async def test_a_rejection_is_possible_only_where_amazon_says_so():
    """Rejection follows `orderStatesEligibleForRejection`."""
    desk = desk_over(Shelf([a_shipment(Status.SHIPLABEL_GENERATED)]))
    with pytest.raises(Denied, match="does not let the seller reject"):
        await desk.give(order(Reject("OUT_OF_STOCK")))
    with pytest.raises(Invalid, match="no reason"):
        await desk.give(order(Reject("BORED")))


async def test_the_reference_of_a_rejection_is_a_function_of_its_ticket():
    """A resend of the same rejection is the same request to Amazon."""
    references = []
    for _ in range(2):
        shelf = Shelf([a_shipment()])
        ticket = await desk_over(shelf).give(order(Reject("OUT_OF_STOCK"), "k"))
        rejection = shelf.shipments[ticket.shipment].rejection
        assert rejection
        references.append(rejection.reference)
    assert references[0] == references[1]


async def test_nothing_follows_a_no_that_is_under_way():
    """While a rejection is open, no other command is taken."""
    shelf = Shelf([a_shipment(goal=Goal.REJECTED, ticket="cmd_no")])
    with pytest.raises(Denied, match="being rejected"):
        await desk_over(shelf).give(order(Pack()))


async def test_a_smaller_command_does_not_turn_back_a_greater_one():
    """confirm is contained in pack."""
    shelf = Shelf([a_shipment(goal=Goal.LABELED, ticket="cmd_pack")])
    with pytest.raises(Denied) as refusal:
        await desk_over(shelf).give(order(Confirm()))
    assert refusal.value.reason == "goes_further"


async def test_retry_goes_on_toward_the_last_goal():
    """After a person has looked, the shipment goes on as it was asked."""
    shelf = Shelf([a_shipment()])
    desk = desk_over(shelf)
    ticket = await desk.give(order(Pack()))
    problem = Problem("refused_by_amazon", "Refused.", "Look.", NOW - timedelta(minutes=1))
    stuck = a_shipment(goal=None, problem=problem, packages=shelf.shipments[ticket.shipment].packages)
    shelf.shipments[stuck.id] = stuck
    await desk.give(order(Retry()))
    assert (shelf.shipments[stuck.id].goal, shelf.shipments[stuck.id].problem) == (Goal.LABELED, None)


async def test_retry_without_anything_to_retry_is_denied():
    """Nothing was asked and nothing is wrong."""
    with pytest.raises(Denied, match="nothing to try again"):
        await desk_over(Shelf([a_shipment(Status.ACCEPTED)])).give(order(Retry()))


async def test_an_unknown_shipment_is_not_found():
    """A command needs its shipment."""
    with pytest.raises(NotFound):
        await desk_over(Shelf([])).give(order(Confirm()))


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("status", list(Status))
async def test_a_status_outside_the_row_is_refused_with_its_reason(name: str, status: Status):
    """Each command says in which statuses it is possible."""
    kind = KINDS[name]
    if status in kind.allowed:
        return
    request = {"reject": lambda: Reject("OUT_OF_STOCK"), "repack": lambda: Repack(())}.get(name, kind.request)()
    with pytest.raises(Denied) as refusal:
        await desk_over(Shelf([a_shipment(status)])).give(order(request))
    assert refusal.value.reason == "wrong_status"


def test_the_menu_offers_a_rejection_only_where_amazon_takes_it():
    """`allowed_now` is what a button may show."""
    assert "reject" in allowed_now(Status.CONFIRMED, ("CONFIRMED",))
    assert "reject" not in allowed_now(Status.CONFIRMED, ())
