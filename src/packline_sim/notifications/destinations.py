"""createDestination, getDestinations, getDestination, deleteDestination: grantless, each application its own."""

from typing import Any

from packline_sim.call import Call, Reply, json_reply, read_plain
from packline_sim.notifications.records import Destination
from packline_sim.notifications.wire import CREATE_DESTINATION, CreateDestination
from packline_sim.refusals import Problem, Refusal, bad_request, invalid_input, not_found


def create_destination(call: Call) -> Reply:
    """Answer createDestination; 409 where the application has one for that queue or event bus already."""
    request = read_plain(call, CREATE_DESTINATION)
    resource = request.resource_specification
    if (resource.sqs is None) == (resource.event_bridge is None):
        raise bad_request(invalid_input("", "resourceSpecification", "Name either a queue or an event bus."))
    destination = _made(call, request)
    board = call.world.notifications
    if any(_same_place(row, destination) for row in board.destinations.values()):
        raise _conflict(call, destination)
    board.destinations[destination.destination_id] = destination
    call.world.change_seq += 1
    return json_reply({"payload": body_of(destination)})


def get_destinations(call: Call) -> Reply:
    """Answer getDestinations."""
    own = [row for row in call.world.notifications.destinations.values() if row.client_id == call.client_id]
    return json_reply({"payload": [body_of(row) for row in own]})


def get_destination(call: Call) -> Reply:
    """Answer getDestination."""
    return json_reply({"payload": body_of(own_destination(call, call.ids[0]))})


def delete_destination(call: Call) -> Reply:
    """Answer deleteDestination; subscriptions to it forbid it, or stay and reach nobody, by switch."""
    destination = own_destination(call, call.ids[0])
    board = call.world.notifications
    used = any(row.destination_id == destination.destination_id for row in board.subscriptions.values())
    if used and call.world.switches["used_destination"] == "403":
        raise Refusal(
            403, Problem("Unauthorized", "The requested action is forbidden.", "Destination has subscriptions")
        )
    del board.destinations[destination.destination_id]
    call.world.change_seq += 1
    return json_reply({})


def own_destination(call: Call, destination_id: str) -> Destination:
    """Find a destination of the calling application. Raises Refusal 404."""
    found = call.world.notifications.destinations.get(destination_id)
    if found is None or found.client_id != call.client_id:
        raise not_found("destinationId", destination_id)
    return found


def body_of(destination: Destination) -> dict[str, Any]:
    """Write a destination as Amazon does."""
    if destination.arn is not None:
        resource: dict[str, Any] = {"sqs": {"arn": destination.arn}}
    else:
        resource = {
            "eventBridge": {
                "name": destination.bus_name,
                "region": destination.bus_region,
                "accountId": destination.bus_account,
            }
        }
    return {"name": destination.name, "destinationId": destination.destination_id, "resource": resource}


def _made(call: Call, request: CreateDestination) -> Destination:
    made = Destination(
        destination_id=call.world.streams.uuid("destination"), client_id=call.client_id, name=request.name
    )
    queue, bus = request.resource_specification.sqs, request.resource_specification.event_bridge
    if queue is not None:
        _check_queue(call, queue.arn)
        made.arn = queue.arn
    if bus is not None:
        application = call.world.credentials.applications[call.client_id]
        made.bus_account, made.bus_region = bus.account_id, bus.region
        made.bus_name = f"sellingpartnerapi.amazon.com/{application.application_id}"
    return made


def _check_queue(call: Call, arn: str) -> None:
    world = call.world
    if world.queues.by_arn(arn) is not None:
        return
    if world.switches["unknown_queue"] == "create" and world.queues.get(arn.rpartition(":")[2]) is None:
        world.queues.create(arn.rpartition(":")[2], world.clock.now_ms(), region=arn.split(":")[3])
        return
    known = ", ".join(queue.arn for queue in world.queues) or "none"
    raise bad_request(invalid_input(arn, "arn", f"Amazon cannot write to this queue. Queues here: {known}."))


def _conflict(call: Call, destination: Destination) -> Refusal:
    place = f"arn {destination.arn}" if destination.arn is not None else f"event bus {destination.bus_name}"
    application = call.world.credentials.applications[call.client_id].application_id
    told = f"A destination with {place} already exists for the application {application}"
    return Refusal(409, Problem("Conflict", "The requested resource conflict with a resource in the server.", told))


def _same_place(one: Destination, other: Destination) -> bool:
    return one.client_id == other.client_id and (
        (one.arn, one.bus_account, one.bus_region) == (other.arn, other.bus_account, other.bus_region)
    )
