"""Who is logged in now, and where; an administrator may end it."""

from starlette.responses import Response

from bot.console.visit import Visit


def listing(visit: Visit) -> Response:
    return visit.page("sessions.html", found=visit.rooms.sessions.listing(visit.now))


def end(visit: Visit) -> Response:
    visit.rooms.sessions.end(visit.number("id"), visit.now)
    return visit.go("/sessions", "已结束这次登录。")
