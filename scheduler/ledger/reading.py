"""What people look at."""

import json
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, func, select

from scheduler.delivery import State
from scheduler.ledger.values import Row
from scheduler.tables import (
    attempts,
    deliveries,
    delivery_posts,
    pauses,
    posts,
)


def listing(
    connection: Connection, states: Sequence[State] = (), ids: Sequence[int] = (), limit: int = 200
) -> list[Row]:
    """Deliveries with the titles they carry, newest first."""
    query = select(deliveries).order_by(deliveries.c.id.desc()).limit(limit)
    if states:
        query = query.where(deliveries.c.state.in_(states))
    if ids:
        query = query.where(deliveries.c.id.in_(ids))
    rows = [dict(row) for row in connection.execute(query).mappings()]
    known = titles(connection, [row["id"] for row in rows])
    return [row | {"titles": known.get(row["id"], [])} for row in rows]


def history(connection: Connection, delivery_id: int) -> list[Row]:
    """Everything that ever happened to a delivery, oldest first."""
    query = select(attempts).where(attempts.c.delivery_id == delivery_id).order_by(attempts.c.id)
    return [dict(row) for row in connection.execute(query).mappings()]


def counts(connection: Connection) -> dict[State, int]:
    """How many deliveries are in each state."""
    rows = connection.execute(select(deliveries.c.state, func.count()).group_by(deliveries.c.state))
    return {State(state): count for state, count in rows}


def rests(connection: Connection, now: datetime) -> list[Row]:
    """Accounts that rest now, and why."""
    return [dict(row) for row in connection.execute(select(pauses).where(pauses.c.until > now)).mappings()]


def titles(connection: Connection, ids: Sequence[int]) -> dict[int, list[str]]:
    """What each of these deliveries carries, in order."""
    query = (
        select(delivery_posts.c.delivery_id, posts.c.content)
        .join(posts, posts.c.id == delivery_posts.c.post_id)
        .where(delivery_posts.c.delivery_id.in_(ids))
        .order_by(delivery_posts.c.delivery_id, delivery_posts.c.position)
    )
    found: dict[int, list[str]] = {}
    for delivery_id, content in connection.execute(query):
        found.setdefault(delivery_id, []).append(json.loads(content)["title"])
    return found
