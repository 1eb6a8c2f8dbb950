"""What the lists ask the ledger: one page at a time, newest first, only what the person's units have."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, exists, func, or_, select

from bot.desk import Item, rows
from bot.drafts import State
from bot.tables import draft_acts, draft_versions, drafts
from scheduler import delivery, ledger
from scheduler.database import Instant
from scheduler.tables import deliveries, delivery_posts

PAGE = 50
WAITING = (State.SUBMITTED, State.REVIEWED)
UNFINISHED = (State.EDITING, State.RETURNED, State.WITHDRAWN)
TROUBLED = (delivery.State.FAILED, delivery.State.UNCERTAIN, delivery.State.HELD)
LIKE_SIGNS = str.maketrans({"%": "\\%", "_": "\\_", "\\": "\\\\"})

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Scope:
    """Whose items: `units` None means every unit's; `name` always sees what it wrote itself."""

    name: str
    units: frozenset[str] | None


def draft_page(
    connection: Connection,
    scope: Scope,
    states: Sequence[State] = (),
    words: str = "",
    before: int = 0,
    limit: int = PAGE,
) -> list[Item]:
    query = rows.ITEMS.order_by(drafts.c.id.desc()).limit(limit)
    if states:
        query = query.where(drafts.c.state.in_(states))
    if words:
        query = query.where(draft_versions.c.title.like(f"%{words.translate(LIKE_SIGNS)}%", escape="\\"))
    if before:
        query = query.where(drafts.c.id < before)
    return _items(connection, query.where(*_seen_by(scope)))


def my_unfinished(connection: Connection, name: str, limit: int = 10) -> list[Item]:
    """What this person wrote and has not handed in, or got back."""
    query = (
        rows.ITEMS.where(drafts.c.state.in_(UNFINISHED), _wrote(name))
        .order_by(drafts.c.id.desc())
        .limit(limit)
    )
    return _items(connection, query)


def versions(connection: Connection, draft_id: int) -> list[Row]:
    columns = draft_versions.c
    query = select(columns.version, columns.title, columns.text, columns.written_by, columns.written_at)
    found = connection.execute(query.where(columns.draft_id == draft_id).order_by(columns.version))
    return [dict(row) for row in found.mappings()]


def delivery_page(
    connection: Connection,
    scope: Scope,
    states: Sequence[delivery.State] = (),
    account: str = "",
    before: int = 0,
    limit: int = PAGE,
) -> list[Row]:
    query = select(deliveries.c.id).order_by(deliveries.c.id.desc()).limit(limit)
    if states:
        query = query.where(deliveries.c.state.in_(states))
    if account:
        query = query.where(deliveries.c.account == account)
    if before:
        query = query.where(deliveries.c.id < before)
    return _deliveries(connection, query, scope)


def deliveries_between(
    connection: Connection, scope: Scope, start: datetime, end: datetime, limit: int = 1000
) -> list[Row]:
    """Those that are to go, or went, in this time; earliest first."""
    query = (
        select(deliveries.c.id)
        .where(deliveries.c.due_at >= start, deliveries.c.due_at < end)
        .order_by(deliveries.c.due_at)
        .limit(limit)
    )
    return sorted(_deliveries(connection, query, scope), key=lambda row: (row["due_at"], row["id"]))


def drafts_between(connection: Connection, scope: Scope, start: datetime, end: datetime) -> list[Item]:
    """Items that ask for a time in this span and are not signed yet."""
    query = rows.ITEMS.where(
        drafts.c.state.in_(WAITING + UNFINISHED),
        draft_versions.c.due_at >= start,
        draft_versions.c.due_at < end,
    ).order_by(draft_versions.c.due_at)
    return _items(connection, query.where(*_seen_by(scope)))


def sees_delivery(connection: Connection, scope: Scope, delivery_id: int) -> bool:
    query = select(deliveries.c.id).where(deliveries.c.id == delivery_id)
    return bool(_deliveries(connection, query, scope))


def acts_page(connection: Connection, who: str = "", before: int = 0) -> list[Row]:
    query = (
        select(draft_acts, draft_versions.c.title)
        .join(
            draft_versions,
            (draft_versions.c.draft_id == draft_acts.c.draft_id)
            & (draft_versions.c.version == draft_acts.c.version),
        )
        .order_by(draft_acts.c.id.desc())
        .limit(PAGE)
    )
    if who:
        query = query.where(draft_acts.c.who == who)
    if before:
        query = query.where(draft_acts.c.id < before)
    return [dict(row) for row in connection.execute(query).mappings()]


def out_since(connection: Connection, since: datetime) -> dict[str, tuple[int, datetime]]:
    """By account: how many deliveries went out since then, and when the last one did."""
    query = (
        select(deliveries.c.account, func.count(), func.max(deliveries.c.since, type_=Instant))
        .where(deliveries.c.state == delivery.State.PUBLISHED, deliveries.c.since >= since)
        .group_by(deliveries.c.account)
    )
    return {account: (count, last) for account, count, last in connection.execute(query)}


def draft_of(connection: Connection, delivery_id: int) -> int | None:
    """The item that a delivery carries first."""
    query = (
        select(drafts.c.id)
        .join(delivery_posts, delivery_posts.c.post_id == drafts.c.post_id)
        .where(delivery_posts.c.delivery_id == delivery_id)
        .order_by(delivery_posts.c.position)
    )
    return connection.execute(query.limit(1)).scalar()


def _items(connection: Connection, query: Select[Any]) -> list[Item]:
    found = connection.execute(query).mappings().all()
    writers = rows.writers(connection, [row["id"] for row in found])
    return [rows.item(row, writers[row["id"]]) for row in found]


def _seen_by(scope: Scope) -> list[Any]:
    if scope.units is None:
        return []
    return [or_(drafts.c.unit.in_(scope.units), _wrote(scope.name))]


def _wrote(name: str) -> Any:
    mine = (draft_versions.c.draft_id == drafts.c.id, draft_versions.c.written_by == name)
    return exists(select(draft_versions.c.draft_id).where(*mine).correlate(drafts))


def _deliveries(connection: Connection, query: Select[Any], scope: Scope) -> list[Row]:
    """The deliveries of this query with their titles, narrowed to those of the units."""
    if scope.units is not None:
        query = query.where(
            exists(
                select(drafts.c.id)
                .join(delivery_posts, delivery_posts.c.post_id == drafts.c.post_id)
                .where(delivery_posts.c.delivery_id == deliveries.c.id, *_seen_by(scope))
            )
        )
    ids = list(connection.execute(query).scalars())
    return ledger.listing(connection, ids=ids, limit=len(ids)) if ids else []
