"""A simulated Amazon in this process, behind the transport of the Amazon client."""

import httpx

from packline.amazon.spapi.transport import NotSent, Request, Response
from packline_sim.server import Simulator, create_app
from packline_sim.world import World

ADDRESS = "http://127.0.0.1:8181"


class SimTransport:
    """Send what is meant for the simulator's address to it; nobody else is reached."""

    def __init__(self, world: World) -> None:
        self.world, self.app = world, create_app(world)

    async def send(self, request: Request) -> Response:
        if not request.url.startswith(ADDRESS):
            raise NotSent("nobody listens there")
        if request.guard is not None:
            await request.guard()
        async with browser_at(self.app) as client:
            sent = client.build_request(
                request.method, request.url, headers=dict(request.headers), content=request.body
            )
            answer = await client.send(sent)
        return Response(answer.status_code, {k.lower(): v for k, v in answer.headers.items()}, answer.content, 1.0)


def browser_at(app: Simulator) -> httpx.AsyncClient:
    """Open a browser at the simulator."""
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=ADDRESS)
