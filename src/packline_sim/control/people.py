"""Buyers who order by themselves and carriers who collect by themselves: start, change, stop."""

from packline_sim.actors.buyers import Buyers, BuyersChange, BuyersState
from packline_sim.actors.carriers import CarriersChange, CarriersState
from packline_sim.control.endpoint import Endpoint, delete, get, patch, post
from packline_sim.control.paging import Page
from packline_sim.control.stage import Stage


def start_buyers(stage: Stage, body: Buyers) -> BuyersState:
    """Let buyers order from a seller at a rate, from now on."""
    return stage.start_buyers(body)


def list_buyers(stage: Stage) -> Page[BuyersState]:
    """List all buyers, with what they did."""
    return Page([crowd.state for crowd in stage.buyers.values()])


def show_buyers(stage: Stage, buyers_id: str) -> BuyersState:
    """Show some buyers, with what they did."""
    return stage.crowd(buyers_id).state


def change_buyers(stage: Stage, buyers_id: str, body: BuyersChange) -> BuyersState:
    """Change how buyers order; what is left out stays."""
    return stage.change_buyers(buyers_id, body)


def stop_buyers(stage: Stage, buyers_id: str) -> BuyersState:
    """Let buyers order no more; `resume` lets them go on."""
    stage.crowd(buyers_id).stop()
    return show_buyers(stage, buyers_id)


def resume_buyers(stage: Stage, buyers_id: str) -> BuyersState:
    """Let buyers that were stopped order again."""
    stage.crowd(buyers_id).start()
    return show_buyers(stage, buyers_id)


def stop_all_buyers(stage: Stage) -> Page[BuyersState]:
    """Let no buyers order any more."""
    for crowd in stage.buyers.values():
        crowd.stop()
    return list_buyers(stage)


def show_carriers(stage: Stage) -> CarriersState:
    """Show how carriers work and what they did."""
    return stage.carriers.state


def change_carriers(stage: Stage, body: CarriersChange) -> CarriersState:
    """Change how carriers work, from the next label on; what is left out stays."""
    return stage.change_carriers(body)


ENDPOINTS: tuple[Endpoint, ...] = (
    post("/buyers", start_buyers, status=201),
    get("/buyers", list_buyers),
    delete("/buyers", stop_all_buyers),
    get("/buyers/{buyers_id}", show_buyers),
    patch("/buyers/{buyers_id}", change_buyers),
    post("/buyers/{buyers_id}/resume", resume_buyers),
    delete("/buyers/{buyers_id}", stop_buyers),
    get("/carriers", show_carriers),
    patch("/carriers", change_carriers),
)
