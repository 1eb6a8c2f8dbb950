"""The queue of those who review and sign."""

from sqlalchemy import Connection
from starlette.responses import Response

from bot.console import queries
from bot.console.queries import Scope
from bot.console.visit import Visit
from bot.desk import Item
from bot.drafts import Act
from bot.people import READERS, Person, acts_open
from scheduler.database import reading

MOST = 500  # under review at once


def queue(visit: Visit) -> Response:
    with reading(visit.rooms.engine) as connection:
        under_review = _under_review(connection, visit.person)
    mine = [item for item in under_review if _is_due(visit.person, item)]
    others = [item for item in under_review if item not in mine]
    return visit.page("review.html", mine=mine, others=others)


def waiting_for(connection: Connection, person: Person) -> list[Item]:
    """What this person could pass on now, longest waiting first."""
    return [item for item in _under_review(connection, person) if _is_due(person, item)]


def _under_review(connection: Connection, person: Person) -> list[Item]:
    scope = Scope(person.name, person.units(READERS))
    found = queries.draft_page(connection, scope, queries.WAITING, limit=MOST)
    return sorted(found, key=lambda item: item.changed_at)


def _is_due(person: Person, item: Item) -> bool:
    return bool({Act.REVIEW, Act.SIGN} & set(acts_open(person, item.draft, item.unit)))
