"""What the control API works on: one world, those who act in it by themselves, and the checker of its invariants."""

from collections.abc import Iterator
from typing import NamedTuple
from weakref import WeakKeyDictionary

import msgspec

from packline_sim.actors.buyers import Buyers, BuyersChange, BuyersCrowd, BuyersState
from packline_sim.actors.carriers import CarrierFleet, Carriers, CarriersChange, CarriersState
from packline_sim.actors.former_integrator import Integrator, IntegratorChange, IntegratorState
from packline_sim.actors.smarthub_operator import Operator, OperatorChange, OperatorState
from packline_sim.control.cast import Cast, SavedCast
from packline_sim.control.problems import not_found
from packline_sim.control.reading import BadInput, FieldError
from packline_sim.control.tally import Tally
from packline_sim.control.timetable import Timetable
from packline_sim.invariants import InvariantChecker
from packline_sim.orders.records import Order
from packline_sim.records import Change, Location, Return, Seller, Shipment, Sku, Stock
from packline_sim.world import Snapshot, World


class SavedStage(NamedTuple):
    """Keep a world's snapshot with the settings of those who act in it; buyers with whether they were ordering."""

    world: Snapshot
    buyers: dict[str, tuple[Buyers, bool]]
    carriers: Carriers
    cast: SavedCast
    timetable: bytes


class Stage:
    """Hold a world with its actors; look things up and refuse, with a cure, what is not there."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.buyers: dict[str, BuyersCrowd] = {}
        self.carriers = CarrierFleet(world)
        self.cast = Cast(world)
        self.timetable = Timetable(self)
        self.invariants = InvariantChecker(world)
        self.tally = Tally.of(world)
        self.snapshots: dict[str, SavedStage] = {}
        world.on_change.append(self._follow)
        world.on_reset.append(self._begin)

    def seller(self, seller_id: str) -> Seller:
        """Find a seller, or refuse."""
        seller = self.world.sellers.get(seller_id)
        if seller is None:
            raise not_found("seller", seller_id, "GET /_sim/sellers lists them; POST /_sim/sellers creates one.")
        return seller

    def shipment(self, shipment_id: str) -> Shipment:
        """Find a shipment, or refuse."""
        shipment = self.world.shipments.get(shipment_id)
        if shipment is None:
            raise not_found("shipment", shipment_id, "GET /_sim/shipments lists them.")
        return shipment

    def order(self, order_id: str) -> Order:
        """Find an order of Seller Central, or refuse."""
        order = self.world.orders.get(order_id)
        if order is None:
            raise not_found("order", order_id, "GET /_sim/orders lists them; POST /_sim/orders creates some.")
        return order

    def return_of(self, return_id: str) -> Return:
        """Find a return, or refuse."""
        found = self.world.returns.get(return_id)
        if found is None:
            raise not_found("return", return_id, "GET /_sim/returns lists them.")
        return found

    def crowd(self, buyers_id: str) -> BuyersCrowd:
        """Find buyers, or refuse."""
        crowd = self.buyers.get(buyers_id)
        if crowd is None:
            raise not_found("buyers", buyers_id, "GET /_sim/buyers lists them.")
        return crowd

    def locations(self, seller_id: str) -> Iterator[Location]:
        """Give a seller's locations."""
        self.seller(seller_id)
        return (row for key, row in self.world.locations.items() if key[0] == seller_id)

    def skus(self, seller_id: str) -> Iterator[Sku]:
        """Give a seller's products."""
        self.seller(seller_id)
        return (row for key, row in self.world.skus.items() if key[0] == seller_id)

    def stock(self, seller_id: str) -> Iterator[Stock]:
        """Give a seller's stock rows."""
        self.seller(seller_id)
        return (row for key, row in self.world.stock.rows.items() if key[0] == seller_id)

    def start_buyers(self, settings: Buyers) -> BuyersState:
        """Let new buyers order. Raises BadInput for places and products that the seller does not have."""
        self._check_buyers(settings)
        buyers_id = f"buyers-{len(self.buyers) + 1}"
        crowd = self.buyers[buyers_id] = BuyersCrowd(self.world, buyers_id, settings)
        crowd.start()
        return crowd.state

    def change_buyers(self, buyers_id: str, change: BuyersChange) -> BuyersState:
        """Change how buyers order. Raises BadInput."""
        crowd = self.crowd(buyers_id)
        settings = msgspec.structs.replace(crowd.state.settings, **_given(change))
        self._check_buyers(settings)
        crowd.change(settings)
        return crowd.state

    def change_carriers(self, change: CarriersChange) -> CarriersState:
        """Change how carriers work."""
        self.carriers.change(msgspec.structs.replace(self.carriers.state.settings, **_given(change)))
        return self.carriers.state

    def hire_operator(self, settings: Operator) -> OperatorState:
        """Let people work in SmartHub. Raises BadInput for places that the seller does not have."""
        self._check_places(settings.seller_id, settings.locations)
        return self.cast.hire(settings).state

    def change_operator(self, operator_id: str, change: OperatorChange) -> OperatorState:
        """Change how people work in SmartHub. Raises BadInput."""
        operator = self.cast.operator(operator_id)
        settings = msgspec.structs.replace(operator.state.settings, **_given(change))
        self._check_places(settings.seller_id, settings.locations)
        operator.change(settings)
        return operator.state

    def employ_integrator(self, settings: Integrator) -> IntegratorState:
        """Let a former integrator's program run. Raises BadInput."""
        self._check_places(settings.seller_id, settings.locations)
        return self.cast.employ(settings).state

    def change_integrator(self, integrator_id: str, change: IntegratorChange) -> IntegratorState:
        """Change what a former integrator still does. Raises BadInput."""
        integrator = self.cast.integrator(integrator_id)
        settings = msgspec.structs.replace(integrator.state.settings, **_given(change))
        self._check_places(settings.seller_id, settings.locations)
        integrator.change(settings)
        return integrator.state

    def save(self) -> SavedStage:
        """Keep the world and how buyers and carriers act in it."""
        settings = {key: (crowd.state.settings, crowd.state.buying) for key, crowd in self.buyers.items()}
        return SavedStage(
            self.world.snapshot(), settings, self.carriers.state.settings, self.cast.save(), self.timetable.save()
        )

    def load(self, saved: SavedStage) -> None:
        """Go back to what was saved; the actors' counts begin anew."""
        self.world.restore(saved.world)
        self.carriers.change(saved.carriers)
        self.carriers.resume()
        for buyers_id, (settings, buying) in saved.buyers.items():
            crowd = self.buyers[buyers_id] = BuyersCrowd(self.world, buyers_id, settings)
            if buying:
                crowd.start()
        self.cast.load(saved.cast)
        self.timetable.load(saved.timetable)

    def _begin(self) -> None:
        self.buyers = {}
        self.carriers = CarrierFleet(self.world)
        self.cast = Cast(self.world)
        self.timetable = Timetable(self)
        self.tally = Tally.of(self.world)
        self.invariants.begin()

    def _follow(self, change: Change) -> None:
        self.tally.follow(change)
        self.invariants.follow(change)
        self.carriers.follow(change)
        self.cast.follow(change)

    def _check_places(self, seller_id: str, locations: tuple[str, ...]) -> None:
        places = {row.location_id for row in self.locations(seller_id)}
        unknown = [(index, name) for index, name in enumerate(locations) if name not in places]
        if unknown:
            known = ", ".join(sorted(places)) or "none"
            faults = (
                FieldError(f"/locations/{index}", f"the seller has no location {name!r}; known are {known}")
                for index, name in unknown
            )
            raise BadInput(*faults)

    def _check_buyers(self, settings: Buyers) -> None:
        self.seller(settings.seller_id)
        places = {row.location_id for row in self.locations(settings.seller_id)}
        products = {row.sku for row in self.skus(settings.seller_id)}
        faults = [
            FieldError(f"/locations/{name}", f"the seller has no such location; known are {', '.join(sorted(places))}")
            for name in settings.locations
            if name not in places
        ]
        faults += [
            FieldError("/skus", f"the seller has no SKU {name!r}") for name in settings.skus if name not in products
        ]
        own = self.seller(settings.seller_id).marketplace_ids
        if settings.marketplace_id is not None and settings.marketplace_id not in own:
            faults.append(FieldError("/marketplace_id", f"the seller does not sell there; it does in {', '.join(own)}"))
        if settings.hours and len(settings.hours) != 24:
            faults.append(FieldError("/hours", f"{len(settings.hours)} factors; a day has 24 hours, or leave it empty"))
        if not places and settings.api == "external_fulfillment":
            faults.append(FieldError("/seller_id", "the seller has no location to ship from yet; create one first"))
        if not products:
            faults.append(FieldError("/seller_id", "the seller has no SKU to order yet; create one first"))
        if faults:
            raise BadInput(*faults)


_STAGES: WeakKeyDictionary[World, Stage] = WeakKeyDictionary()


def stage_of(world: World) -> Stage:
    """Give the one stage of a world, so that all who control it see the same buyers, carriers and checks."""
    stage = _STAGES.get(world)
    if stage is None:
        stage = _STAGES[world] = Stage(world)
    return stage


def _given(change: msgspec.Struct) -> dict[str, object]:
    return {name: value for name, value in msgspec.structs.asdict(change).items() if value is not None}
