"""`gongbao serve`: the office at work."""

import signal
import threading
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli import open_house
from bot.errors import RuleBroken

if TYPE_CHECKING:
    from bot.app import House

ROLES = ("web", "scheduler", "worker")

app = typer.Typer()


@app.command()
def serve(
    context: typer.Context,
    role: Annotated[
        list[str] | None,
        typer.Option(metavar="ROLE", help="web, scheduler or worker; may be repeated; else all of them."),
    ] = None,
) -> None:
    """Run the office: web server, scheduler and workers, until Ctrl-C or SIGTERM."""
    roles = tuple(role or ROLES)
    for name in roles:
        if name not in ROLES:
            raise RuleBroken(f"没有角色“{name}”，可选的有：{'、'.join(ROLES)}。")
    with open_house(context) as house:
        _run(house, roles)


def _run(house: "House", roles: tuple[str, ...]) -> None:
    import structlog

    from bot.app import Engines, web
    from bot.serving import HttpServer

    log = structlog.get_logger(__name__)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    house.redis.ping()  # better no start than one that seems to work
    place = house.settings.web
    server = HttpServer(web(house), place.host, place.port).start() if "web" in roles else None
    engines = Engines(house, roles)
    engines.start()
    log.info("ready", roles=",".join(roles), address=server.address if server else "", process=house.name)
    stop.wait()
    log.info("stopping")
    if server is not None:
        server.stop()
    if not engines.stop():
        log.warning("stopped while something was being sent; it will be looked up, not sent again")
