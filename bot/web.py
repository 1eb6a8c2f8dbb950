"""The web application: callbacks in front, the console behind."""

from collections.abc import Callable

from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from bot import schema
from bot.authorize import PREFIX as AUTHORIZE
from bot.authorize import Authorizing
from bot.webhook import PREFIX, Receive, Scope, Send, Webhook
from scheduler.database import reading
from scheduler.duties import Heartbeat


class Web:
    def __init__(
        self, webhook: Webhook, health: "Health", authorizing: Authorizing, console: ASGIApp
    ) -> None:
        self._webhook, self._console = webhook, console
        self._health = Starlette(
            routes=[
                Route("/health/live", health.live),
                Route("/health/ready", health.ready),
                Route(AUTHORIZE + "{account}", authorizing.page),
            ]
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if scope["type"] == "http" and path.startswith(PREFIX):
            await self._webhook(scope, receive, send)
        elif path.startswith(("/health/", AUTHORIZE)):
            await self._health(scope, receive, send)
        else:
            await self._console(scope, receive, send)


class Health:
    """Is this process alive; and is everything there that the work needs?"""

    def __init__(self, engine: Engine, redis: "Redis") -> None:
        self._engine, self._redis = engine, redis

    async def live(self, _request: Request) -> Response:
        return PlainTextResponse("ok")

    def ready(self, _request: Request) -> Response:
        """200 if all is well, else 503; the body says of each part whether it is."""
        parts: dict[str, Callable[[], bool]] = {
            "database": self._database,
            "redis": self._redis.ping,
            "clock": lambda: Heartbeat(self._redis).alive("scheduler"),
            "worker": lambda: Heartbeat(self._redis).alive("worker"),
        }
        state = {name: _looks_well(look) for name, look in parts.items()}
        well = all(word == "ok" for word in state.values())
        return JSONResponse(state, status_code=200 if well else 503)

    def _database(self) -> bool:
        with reading(self._engine) as connection:
            connection.execute(text("SELECT 1"))
        return schema.current(self._engine) == schema.head()


def _looks_well(look: Callable[[], bool]) -> str:
    try:
        return "ok" if look() else "missing"
    except (RedisError, SQLAlchemyError) as error:
        return type(error).__name__
