"""Who did what to which item, newest first."""

from starlette.responses import Response

from bot.console import queries
from bot.console.visit import Visit
from scheduler.database import reading


def listing(visit: Visit) -> Response:
    who = visit.text("who")
    with reading(visit.rooms.engine) as connection:
        acts = queries.acts_page(connection, who, visit.number("before"))
    more = acts[-1]["id"] if len(acts) == queries.PAGE else 0
    return visit.page("audit.html", acts=acts, who=who, more=more)
