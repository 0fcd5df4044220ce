"""How long Amazon takes over work that it does in its own time."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from packline_sim.world import World


def delay_ms(world: "World", switch: str) -> int:
    """Read a switch that holds seconds ("30") or a range of them ("5-15"); a range is drawn from the seed."""
    low, _, high = world.switches[switch].partition("-")
    if not high:
        return int(low) * 1000
    return round(world.streams.of(f"delay:{switch}").uniform(int(low), int(high)) * 1000)


def falls_to(world: "World", switch: str) -> bool:
    """Tell whether the seed picks this case for the share that a switch holds."""
    share = float(world.switches[switch])
    return share > 0 and world.streams.of(f"share:{switch}").random() < share
