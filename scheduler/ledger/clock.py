"""What the clock asks."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, and_, bindparam, delete, func, or_, select, update

from scheduler.delivery import Event, State
from scheduler.plan import Standing, midnight
from scheduler.tables import (
    attempts,
    deliveries,
    pauses,
)


def due(connection: Connection, now: datetime, limit: int) -> list[tuple[int, str, State, datetime]]:
    """Deliveries to look at now, longest waiting first: (id, account, state, due_at)."""
    rows = connection.execute(DUE, {"now": now, "limit": limit})
    return [(row.id, row.account, State(row.state), row.due_at) for row in rows]


def next_wake(connection: Connection) -> datetime | None:
    """When the clock is wanted next."""
    return connection.execute(_NEXT_WAKE).scalar()


def standing(connection: Connection, account: str, now: datetime, since: datetime | None = None) -> Standing:
    """How an account stands: when what is out since then was sent, and whether it rests."""
    begun = connection.execute(_OUT, {"account": account, "since": since or midnight(now)}).scalars()
    pause = connection.execute(_PAUSE, {"account": account}).one_or_none()
    doubt_until = connection.execute(_DOUBT, {"account": account}).scalar()
    if pause is None:
        return Standing(tuple(begun), doubt_until)
    return Standing(tuple(begun), doubt_until, pause.until, pause.sentence)


def put_off(connection: Connection, ids: Sequence[int], until: datetime, sentence: str = "") -> None:
    """Look at these again at `until`; what was claimed or settled meanwhile is left alone."""
    for start in range(0, len(ids), 500):
        connection.execute(
            update(deliveries)
            .where(deliveries.c.id.in_(ids[start : start + 500]), deliveries.c.state.in_(_WAITING))
            .values(wake_at=until, **({"sentence": sentence} if sentence else {}))
        )


def resume(connection: Connection, account: str, now: datetime) -> bool:
    """End an account's rest; what waits because of it is looked at now. False: it did not rest."""
    pause = connection.execute(_PAUSE, {"account": account}).one_or_none()
    if pause is None:
        return False
    connection.execute(delete(pauses).where(pauses.c.account == account))
    queued = and_(deliveries.c.state == State.QUEUED, deliveries.c.due_at <= now)
    refused = and_(deliveries.c.state == State.UNCERTAIN, deliveries.c.code == pause.code)
    connection.execute(
        update(deliveries)
        .where(deliveries.c.account == account, or_(queued, refused), deliveries.c.wake_at > now)
        .values(wake_at=now)
    )
    return bool(pause.until > now)


_WAITING = [State.QUEUED, State.CONFIRMING, State.UNCERTAIN]


DUE = (
    select(deliveries.c.id, deliveries.c.account, deliveries.c.state, deliveries.c.due_at)
    .where(deliveries.c.wake_at <= bindparam("now"))
    .order_by(deliveries.c.wake_at, deliveries.c.id)
    .limit(bindparam("limit"))
)


_NEXT_WAKE = (
    select(deliveries.c.wake_at)
    .where(deliveries.c.wake_at.is_not(None))
    .order_by(deliveries.c.wake_at, deliveries.c.id)
    .limit(1)
)


# Sent, as far as anybody knows; counted when it was sent, not when its outcome came.
_SENT = [State.CONFIRMING, State.PUBLISHED, State.UNCERTAIN, State.WITHDRAWN]
_LET_GO = [Event.ACCEPT, Event.PUBLISH, Event.LOSE]


_OUT = (
    select(func.max(attempts.c.begun_at))
    .join(deliveries, deliveries.c.id == attempts.c.delivery_id)
    .where(
        deliveries.c.account == bindparam("account"),
        deliveries.c.state.in_(_SENT),
        deliveries.c.since >= bindparam("since"),
        attempts.c.event.in_(_LET_GO),
        attempts.c.begun_at >= bindparam("since"),
    )
    .group_by(deliveries.c.id)
)


_PAUSE = select(pauses.c.until, pauses.c.code, pauses.c.sentence).where(
    pauses.c.account == bindparam("account")
)


_DOUBT = select(func.max(deliveries.c.wake_at)).where(
    deliveries.c.account == bindparam("account"),
    deliveries.c.state == State.UNCERTAIN,
    deliveries.c.wake_at.is_not(None),
)
