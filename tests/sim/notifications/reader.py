"""A seller whose connector subscribed to every type, and reads the queue as a client of the queue service does."""

import json
from typing import Any

import msgspec

from packline_sim.notifications.board import Board
from packline_sim.notifications.queues import Queue
from packline_sim.notifications.records import Delivery, Destination, Subscription
from packline_sim.notifications.shapes import KINDS
from packline_sim.records import Shipment
from packline_sim.server import Simulator
from packline_sim.specs import LocationSpec, SellerSpec, ShipmentSpec, SkuSpec
from sim.core.driving import Answer, Client

NAME = "told"


class Reader:
    """Order, be told, receive, delete."""

    def __init__(self, app: Simulator) -> None:
        self.world = app.world
        self.credentials = self.world.create_seller(SellerSpec(name="Blue Kettle Trading"))
        self.seller_id = self.credentials.seller_id
        self.client = Client(app, self.credentials)
        self.world.create_location(self.seller_id, LocationSpec(location_id="BLR1"))
        self.world.create_sku(self.seller_id, SkuSpec(sku="KETTLE", stock=10_000))
        queue = self.world.queues.create(NAME, self.world.clock.now_ms())
        self.destination = Destination(
            destination_id="D1", client_id=self.credentials.client_id, name="queue", arn=queue.arn
        )
        self.board.destinations["D1"] = self.destination
        for name in KINDS:
            self.subscribe(name)

    @property
    def board(self) -> Board:
        return self.world.notifications

    @property
    def queue(self) -> Queue:
        found = self.world.queues.get(NAME)
        assert found is not None
        return found

    def subscribe(self, notification_type: str, **changes: Any) -> Subscription:
        made = Subscription(
            subscription_id=f"S-{notification_type}",
            client_id=self.credentials.client_id,
            application_id=self.credentials.application_id,
            seller_id=self.seller_id,
            notification_type=notification_type,
            payload_version=KINDS[notification_type].versions[-1],
            destination_id="D1",
        )
        self.board.subscribe(msgspec.structs.replace(made, **changes))
        return made

    def unsubscribe(self, notification_type: str) -> None:
        self.board.unsubscribe(self.board.subscriptions[f"S-{notification_type}"])

    def travel(self, **changes: float) -> None:
        """Settle how notifications travel."""
        self.board.delivery = msgspec.structs.replace(Delivery(), **changes)

    def order(self, count: int = 1, **changes: Any) -> list[Shipment]:
        return self.world.create_shipments(self.seller_id, ShipmentSpec(count=count, **changes))

    def told(self) -> list[dict[str, Any]]:
        """Give everything that lies in the queue."""
        return [json.loads(row.body) for row in self.queue.peek(100_000)]

    async def ask(self, action: str, **fields: Any) -> Answer:
        """Call the queue service."""
        body = {"QueueUrl": f"http://amazon.test{self.queue.path}", **fields}
        headers = {"x-amz-target": f"AmazonSQS.{action}", "content-type": "application/x-amz-json-1.0"}
        return await self.client.send("POST", "/", json.dumps(body).encode(), {**headers, "host": "amazon.test"})

    async def receive(self, most: int = 10, **fields: Any) -> list[dict[str, Any]]:
        answer = await self.ask("ReceiveMessage", MaxNumberOfMessages=most, AttributeNames=["All"], **fields)
        assert answer.status == 200, answer.text
        found: list[dict[str, Any]] = answer.json().get("Messages", [])
        return found

    async def delete(self, *messages: dict[str, Any]) -> None:
        entries = [{"Id": str(at), "ReceiptHandle": row["ReceiptHandle"]} for at, row in enumerate(messages)]
        answer = await self.ask("DeleteMessageBatch", Entries=entries)
        assert answer.status == 200, answer.text
