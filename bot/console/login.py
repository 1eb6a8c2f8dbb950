"""The door: name, password and, where it is set, a code from the phone."""

import hmac
import secrets
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from redis.exceptions import RedisError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from bot.console.cookies import DOOR, SESSION, put
from bot.console.gate import STALE
from bot.console.rendering import render
from bot.errors import RuleBroken
from bot.sessions import LONGEST

if TYPE_CHECKING:
    from bot.console.console import Rooms

DOOR_SECONDS = 3600
TRIES, MINUTES = 30, 5  # from one address, whatever the names
TOO_MANY = "登录尝试太多，请过几分钟再试。"

Endpoint = Callable[[Request], Awaitable[Response]]


def show(rooms: "Rooms") -> Endpoint:
    async def answer(request: Request) -> Response:
        return _page(rooms, request)

    return answer


def log_in(rooms: "Rooms") -> Endpoint:
    async def answer(request: Request) -> Response:
        async with request.form(max_files=0, max_fields=10, max_part_size=4096) as form:
            return await run_in_threadpool(_log_in, rooms, request, form)

    return answer


def _log_in(rooms: "Rooms", request: Request, form: FormData) -> Response:
    now = rooms.clock()
    name, password, code, door, path = (
        str(form.get(field, "")) for field in ("name", "password", "code", "door", "next")
    )
    if not door or not hmac.compare_digest(door.encode(), request.cookies.get(DOOR, "").encode()):
        return _page(rooms, request, 403, STALE, name, path)
    if _too_many(rooms, request):
        return _page(rooms, request, 429, TOO_MANY, name, path)
    try:
        person = rooms.people.log_in(name, password, code, now)
    except RuleBroken as refusal:
        return _page(rooms, request, 403, str(refusal), name, path)
    token = secrets.token_urlsafe(32)
    rooms.sessions.begin(person.id, token, now, _address(request), request.headers.get("user-agent", ""))
    response = RedirectResponse(_own_path(path), 303)
    put(response, request, SESSION, token, int(LONGEST.total_seconds()))
    response.delete_cookie(DOOR, path="/")
    return response


def _page(
    rooms: "Rooms", request: Request, status: int = 200, sentence: str = "", name: str = "", path: str = ""
) -> Response:
    door = request.cookies.get(DOOR) or secrets.token_urlsafe(32)
    page = render(
        "login.html",
        office=rooms.settings.office.name,
        door=door,
        sentence=sentence,
        name=name,
        next=path or request.query_params.get("next", ""),
    )
    response = HTMLResponse(page, status)
    put(response, request, DOOR, door, DOOR_SECONDS)
    return response


def _too_many(rooms: "Rooms", request: Request) -> bool:
    """Without Redis nobody is turned away here; the lock-out of each person still holds."""
    key = f"gongbao:login:{_address(request)}"
    try:
        pipe = rooms.house.redis.pipeline()
        pipe.set(key, 0, ex=MINUTES * 60, nx=True)
        pipe.incr(key)
        return int(pipe.execute()[1]) > TRIES
    except RedisError:
        return False


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def _own_path(path: str) -> str:
    """Never to another site: `//host` and `/\\host` would lead there."""
    fits = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if fits else "/"
