"""The console as an application: the gate before every page, the armour around all of them."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from importlib import resources
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sqlalchemy import Engine
from starlette.applications import Starlette
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.console import errors, login
from bot.console.armour import Armour
from bot.console.gate import route
from bot.console.routes import PAGES
from bot.desk import Desk
from bot.people import People
from bot.sessions import Sessions
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.app import House

OWN_NAMES = {"127.0.0.1", "localhost", "[::1]"}


@dataclass(frozen=True)
class Rooms:
    """What the screens work with."""

    house: "House"
    desk: Desk
    people: People
    sessions: Sessions

    @property
    def settings(self) -> Settings:
        return self.house.settings

    @property
    def engine(self) -> Engine:
        return self.house.engine

    @property
    def clock(self) -> Callable[[], datetime]:
        return self.house.clock


class Console:
    def __init__(self, house: "House") -> None:
        desk = Desk(house.engine, house.settings, house.check, lambda: secrets.token_hex(16))
        rooms = Rooms(house, desk, People(house.engine), Sessions(house.engine))
        static = StaticFiles(directory=str(resources.files("bot.console") / "static"))
        self.app = Starlette(
            routes=[
                Route("/login", login.show(rooms), methods=["GET"]),
                Route("/login", login.log_in(rooms), methods=["POST"]),
                *(route(rooms, page) for page in PAGES),
                Mount("/static", static),
            ],
            exception_handlers=errors.HANDLERS,
        )
        self._armoured: ASGIApp = Armour(self.app, _hosts(house.settings))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._armoured(scope, receive, send)


def _hosts(settings: Settings) -> set[str]:
    public = urlsplit(settings.web.public_address).hostname or ""
    return {*OWN_NAMES, settings.web.host, *settings.web.hosts, public} - {""}
