"""A warehouse system as an integrator would write it: it follows the event feed and gives commands over REST."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from typing import Any

from packline.client import Client
from packline.errors import PacklineError

PACKERS = 12  # commands under way at the same time
HAND_OVER, OUT, DELIVER = "hand_over", "out_for_delivery", "deliver"
Event = dict[str, Any]


class Warehouse:
    """Confirm what comes in, pack what is confirmed, hand over what is labeled, deliver what is ours to deliver."""

    def __init__(self, url: str, key: str, on_event: Callable[[Event], None], *, haste_s: float = 0.4) -> None:
        """Work against a Packline; `on_event` sees every event; `haste_s` is how long a hand needs for one thing."""
        self._client, self._on_event, self.haste_s = Client(url, key), on_event, haste_s
        self._random = random.Random(7)
        self._hands = asyncio.Semaphore(PACKERS)
        self._serial = 0
        self.given: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()

    async def work(self) -> None:
        """Follow the feed until cancelled; what a hand does never holds up the feed."""
        async with self._client, asyncio.TaskGroup() as hands:
            async for event in self._client.events("start"):
                self._on_event(event)
                act = next_act(event)
                if act and event["shipment"]:
                    hands.create_task(self._act(event["shipment"], act))

    async def _act(self, shipment: str, act: str) -> None:
        async with self._hands:
            await asyncio.sleep(self.haste_s * self._random.uniform(0.5, 1.5))
            try:
                body = await self._packing(shipment) if act == "pack" else {}
                await self._client.command(act, shipment, body, key=f"{shipment}-{act}")
                self.given[act] += 1
            except PacklineError as refusal:
                self.refused[f"{act}: {refusal.message}"] += 1

    async def _packing(self, shipment: str) -> dict[str, Any]:
        detail = await self._client.shipment(shipment)
        body: dict[str, Any] = {"packages": self._packages(detail)}
        if detail["program"] == "self_ship":
            body["courier"] = {"carrier": "Swift Riders", "tracking_id": f"SR{shipment[-12:].upper()}"}
        return body

    def _packages(self, detail: dict[str, Any]) -> Any:
        if not any(_only_a_packer_knows(line) for line in detail["lines"]) and detail["recommended"]:
            return "recommended"
        box = next((r["box"] for r in detail["recommended"] if r["box"]), None)
        own = {"length_cm": 30, "width_cm": 20, "height_cm": 15, "weight_g": 900}
        return [{"id": "PKG-1", "box": box or own, "lines": [self._line(line) for line in detail["lines"]]}]

    def _line(self, line: dict[str, Any]) -> dict[str, Any]:
        packed: dict[str, Any] = {"line_id": line["id"], "quantity": line["units"]}
        if line["serial_numbers"] == "REQUIRED":
            packed["serial_numbers"] = [self._next_serial() for _ in range(line["units"])]
        if line["multi_piece"]:
            packed["pieces"] = 2
        if line["country_of_origin"] == "REQUIRED":
            packed["country_of_origin"] = line["recommended_country"] or "IN"
        if line["item_value"] == "REQUIRED":
            packed["item_value"] = line["total"]
        return packed

    def _next_serial(self) -> str:
        self._serial += 1
        return f"SN{self._serial:08d}"


def next_act(event: Event) -> str | None:
    """Say what a warehouse does when it hears of an event."""
    told = event["data"]
    shipment = told.get("shipment") or {}
    program = shipment.get("program")
    match event["type"]:
        case "shipment.received" if shipment.get("status") in ("CREATED", "ACCEPTED") and not shipment.get("goal"):
            return "confirm"
        case "shipment.confirmed":
            return "pack"
        case "command.succeeded" if told["event"].get("goal") == "labeled":
            return HAND_OVER
        case "shipment.shipped" if program == "self_ship":
            return OUT
        case "package.out_for_delivery" if program == "self_ship":
            return DELIVER
        case _:
            return None


def _only_a_packer_knows(line: dict[str, Any]) -> bool:
    return bool(
        "REQUIRED" in (line["serial_numbers"], line["item_value"], line["country_of_origin"]) or line["multi_piece"]
    )
