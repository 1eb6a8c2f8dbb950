"""The gate: a page is shown to a person who is logged in, holds a role for it, and meant the request."""

import hmac
from typing import TYPE_CHECKING
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.console.cookies import SESSION
from bot.console.visit import Visit
from bot.people import ROLE_WORDS, NotAllowed, Person
from bot.sessions import Session

if TYPE_CHECKING:
    from bot.console.console import Rooms
    from bot.console.routes import Page

MAX_FIELD = 16 * 1024 * 1024  # a text may hold pasted pictures
MAX_FILES = 50
MAX_FIELDS = 300
STALE = "页面已过期，请返回上一页刷新后再提交。"


def route(rooms: "Rooms", page: "Page") -> Route:
    """The page as Starlette serves it; there is no other way to make one."""

    async def show(request: Request) -> Response:
        known = await run_in_threadpool(_who, rooms, request)
        if known is None:
            return _to_the_door(request)
        person, session = known
        if person.must_change and page.path not in ("/me/password", "/logout"):
            return RedirectResponse("/me/password", 303)
        _want_a_role(person, page)
        async with request.form(max_files=MAX_FILES, max_fields=MAX_FIELDS, max_part_size=MAX_FIELD) as form:
            if page.method == "POST":
                _want_the_token(form, session)
            return await run_in_threadpool(page.show, Visit(rooms, request, person, session, form))

    return Route(page.path, show, methods=[page.method])


def _who(rooms: "Rooms", request: Request) -> tuple[Person, Session] | None:
    session = rooms.sessions.find(request.cookies.get(SESSION, ""), rooms.clock())
    return (rooms.people.get(session.person_id), session) if session else None


def _to_the_door(request: Request) -> Response:
    """Who only wanted to look comes back after the login."""
    if request.method != "GET":
        raise HTTPException(401, "登录已过期，请重新登录后再办理。")
    path = request.url.path
    return RedirectResponse("/login" if path == "/" else f"/login?next={quote(path)}", 303)


def _want_a_role(person: Person, page: "Page") -> None:
    if page.roles and not person.roles & page.roles:
        words = "、".join(ROLE_WORDS[role] for role in sorted(page.roles))
        raise NotAllowed(f"这个页面只对{words}开放，您的账号没有相应角色。如有需要，请联系管理员。")


def _want_the_token(form: FormData, session: Session) -> None:
    token = form.get("csrf", "")
    if not isinstance(token, str) or not hmac.compare_digest(token.encode(), session.csrf.encode()):
        raise HTTPException(403, STALE)
