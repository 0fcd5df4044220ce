"""`serve`: run the simulator in this process until it is interrupted."""

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter, validators

from packline_sim.control.commands.target import leave

if TYPE_CHECKING:
    from uvicorn import Server


def serve(
    *,
    host: str = "127.0.0.1",
    port: Annotated[int, Parameter(validator=validators.Number(gte=0, lte=65_535))] = 8181,
    seed: int | None = None,
    speed: float | None = None,
    scenario: str | None = None,
    quotas: Literal["amazon", "generous", "sdk", "legacy-shared-feed", "off"] | None = None,
    json: Annotated[bool, Parameter(negative="")] = False,
) -> None:
    """Run Amazon on this machine.

    Args:
        host: Address to listen on. Whoever reaches it controls the simulator.
        port: Port to listen on; 0 takes a free one.
        seed: Everything random comes from it: the same seed and calls give the same answers.
        speed: Simulated seconds in a real second; 0 freezes the time.
        scenario: `demo`, `quiet`, or the path of a TOML file. An empty Amazon otherwise.
        quotas: Usage plans; the scenario's, or Amazon's documented ones, otherwise.
        json: Print one JSON object when ready, for programs that start the simulator.
    """
    from packline_sim import server
    from packline_sim.control.stage import stage_of
    from packline_sim.scenario import BadScenario, load_scenario, play
    from packline_sim.world import World

    world = World(seed=1 if seed is None else seed)
    if scenario is not None:
        try:
            play(load_scenario(scenario), stage_of(world), seed=seed, speed=speed)
        except BadScenario as failure:
            leave(failure)
    elif speed is not None:
        world.clock.set_speed(speed)
    if quotas is not None:
        world.quotas.use(quotas)

    def tell(bound: int) -> None:
        _announce(f"http://{host}:{bound}", scenario, len(world.sellers), json)

    _run(server.server(world, host=host, port=port), tell)


def _run(serving: "Server", when_ready: Callable[[int], None]) -> None:
    import asyncio

    async def serve_and_tell() -> None:
        task = asyncio.ensure_future(serving.serve())
        while not serving.started and not task.done():  # noqa: ASYNC110 - uvicorn tells it by a flag only
            await asyncio.sleep(0.01)
        if serving.started:
            when_ready(serving.servers[0].sockets[0].getsockname()[1])
        await task

    loop_factory = serving.config.get_loop_factory()
    with asyncio.Runner(loop_factory=loop_factory) as runner:
        runner.run(serve_and_tell())


def _announce(url: str, scenario: str | None, sellers: int, as_json: bool) -> None:
    if as_json:
        import msgspec

        facts = {"url": url, "control": f"{url}/_sim", "scenario": scenario, "sellers": sellers}
        sys.stdout.write(msgspec.json.encode(facts).decode() + "\n")
    else:
        sys.stdout.write(f"Amazon is at {url} ({scenario or 'empty'}, {sellers} sellers).\n")
        sys.stdout.write(f"Watch and steer it at {url}/_sim/, control it from programs there too,\n")
        sys.stdout.write("see what happens with `packline sim stats` and `packline sim journal`. Ctrl-C ends it.\n")
    sys.stdout.flush()
