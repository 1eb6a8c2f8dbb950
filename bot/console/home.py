"""Home: what went wrong first, then what waits for me, then today."""

from datetime import timedelta

from starlette.responses import Response

from bot.console import queries
from bot.console.drafts import scope_of
from bot.console.review import waiting_for
from bot.console.visit import Visit
from bot.people import READERS
from scheduler import ledger
from scheduler.database import reading
from scheduler.plan import BEIJING, midnight

FEW = 10


def show(visit: Visit) -> Response:
    today = midnight(visit.now)
    scope = scope_of(visit)
    reads = bool(visit.person.roles & READERS)
    with reading(visit.rooms.engine) as connection:
        troubled = queries.delivery_page(connection, scope, queries.TROUBLED, limit=FEW) if reads else []
        rests = ledger.rests(connection, visit.now) if reads else []
        due = queries.deliveries_between(connection, scope, today, today + timedelta(days=1)) if reads else []
        waiting = waiting_for(connection, visit.person)
        mine = queries.my_unfinished(connection, visit.person.name)
        counts = ledger.counts(connection) if scope.units is None and reads else {}
    return visit.page(
        "home.html",
        troubled=troubled,
        rests=rests,
        due=due,
        waiting=waiting,
        mine=mine,
        counts=counts,
        reads=reads,
        today=visit.now.astimezone(BEIJING).date(),
    )
