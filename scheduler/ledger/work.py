"""What the worker does: claim, load, record, and the platform's own word."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, bindparam, delete, exists, insert, null, select, update

from channels.base import Finished, Receipt
from channels.errors import Refused
from scheduler.database import upsert
from scheduler.delivery import TRANSITIONS, Change, Delivery, Event, State, Terms
from scheduler.ledger.content import load_content
from scheduler.ledger.values import Job, Outcome, delivery, receipt_of, receipt_row
from scheduler.tables import (
    attempts,
    deliveries,
    finishes,
    pauses,
    withdrawals,
)
from scheduler.withdrawal.life import AHEAD

ASKING = (State.CONFIRMING, State.UNCERTAIN, State.PUBLISHED)  # what the platform's word may settle


def load(connection: Connection, delivery_id: int, terms: Terms | None = None) -> Delivery:
    """One delivery as it stands. Raises LookupError."""
    row = connection.execute(_LOAD, {"id": delivery_id}).one_or_none()
    if row is None:
        raise LookupError(f"没有投递 {delivery_id}。")
    return delivery(row._asdict(), terms)


def claim(connection: Connection, ids: Sequence[int], now: datetime, terms: Terms | None = None) -> list[Job]:
    """Take queued deliveries for sending, at most one for each account; returns those that were got.

    Of two who try, the database lets one through: a row must still be queued, its account must neither rest
    nor be at work, and a unique index allows one *sending* delivery for each account. Raises IntegrityError
    if another process was faster by a moment; nothing is claimed then.

    An account waits while one of its deliveries is being looked up: what is sent meanwhile would push the
    one in doubt off the short list that a platform shows. A delivery that waits for a person stops nobody.
    What is to be withdrawn does not go out.
    """
    if not ids:
        return []
    values = {"ids": ids, "b_now": now, "b_wake_at": now + (terms or Terms()).lease}
    rows = connection.execute(_CLAIM, values).all()
    return _with_content(connection, [delivery(row._asdict(), terms) for row in rows])


def load_jobs(connection: Connection, ids: Sequence[int], terms: Terms | None = None) -> list[Job]:
    """Deliveries as they stand, with their content."""
    if not ids:
        return []
    rows = connection.execute(select(deliveries).where(deliveries.c.id.in_(ids))).all()
    return _with_content(connection, [delivery(row._asdict(), terms) for row in rows])


def still_queued(connection: Connection, ids: Sequence[int]) -> set[int]:
    """Those that nobody has taken."""
    if not ids:
        return set()
    query = select(deliveries.c.id).where(deliveries.c.id.in_(ids), deliveries.c.state == State.QUEUED)
    return set(connection.execute(query).scalars())


def record(engine: Engine, item: Delivery, change: Change, now: datetime, actor: str) -> bool:
    """Write what became of a delivery. False: it has moved on since `item` was read, nothing is written."""
    with engine.begin() as connection:
        return write(connection, [Outcome(item, change, now)], actor)


def write(connection: Connection, outcomes: Sequence[Outcome], actor: str) -> bool:
    """As `record`, several at once, inside the caller's transaction. On False the caller must roll back.

    The update repeats the version that was read, so a worker that wakes up late cannot overwrite.
    """
    if not outcomes:
        return True
    outcomes = [_with_rest(connection, outcome) for outcome in outcomes]
    updated = connection.execute(_RECORD, [_new_values(outcome) for outcome in outcomes]).rowcount
    if updated != len(outcomes):
        return False
    connection.execute(_ADD_ATTEMPT, [_attempt(outcome, actor) for outcome in outcomes])
    for outcome in outcomes:
        if outcome.change.pause_until is not None:
            _pause(connection, outcome)
        if outcome.item.state is State.SENDING and outcome.change.event in (Event.ACCEPT, Event.PUBLISH):
            connection.execute(delete(pauses).where(pauses.c.account == outcome.item.account))
        if outcome.change.state is State.CONFIRMING and outcome.change.receipt is not None:
            _apply_kept_finish(connection, outcome)
    return True


def finish(
    engine: Engine, account: str, finished: Finished, now: datetime, terms: Terms | None = None
) -> bool:
    """The platform told an outcome. False: no delivery waits for it; kept in case the answer comes later."""
    with engine.begin() as connection:
        row = connection.execute(_BY_REFERENCE, {"account": account, "reference": finished.reference}).first()
        if row is None:
            _keep_finish(connection, account, finished, now)
            return False
        item = delivery(row._asdict(), terms)
        if item.state not in ASKING or (item.state, _event(finished)) not in TRANSITIONS:
            return False
        if _told_before(item, finished):
            return False
        return write(connection, [Outcome(item, item.finished(finished, now), now)], "platform")


def _new_values(outcome: Outcome) -> dict[str, Any]:
    item, change = outcome.item, outcome.change
    receipt = _known(item, change)
    return {
        "b_id": item.id,
        "b_version": item.version,
        "state": change.state,
        "version": item.version + 1,
        "failures": change.failures,
        "looks": change.looks,
        "due_at": change.due_at or item.due_at,
        "wake_at": change.wake_at,
        "since": outcome.at if change.state is not item.state else item.since or outcome.at,
        "reference": receipt.reference if receipt else "",
        "receipt": receipt_row(receipt),
        "code": change.code,
        "sentence": change.sentence,
    }


def _known(item: Delivery, change: Change) -> Receipt | None:
    if item.receipt is None or change.receipt is None or change.event is Event.DEFER:
        return change.receipt or item.receipt
    return item.receipt.then(change.receipt)


def _attempt(outcome: Outcome, actor: str) -> dict[str, Any]:
    item, change = outcome.item, outcome.change
    return {
        "delivery_id": item.id,
        "number": item.attempt,
        "event": change.event,
        "state": change.state,
        "begun_at": item.since if item.state is State.SENDING else None,
        "at": outcome.at,
        "actor": actor,
        "code": change.code,
        "sentence": change.sentence,
        "receipt": receipt_row(change.receipt),
    }


def _with_rest(connection: Connection, outcome: Outcome) -> Outcome:
    """A delivery whose account must rest rests with it.

    A rest ends by itself: the next try shows whether the cause is gone. Each refusal in a row makes it
    longer, so that a dead token does not eat the day's calls.
    """
    until = outcome.change.pause_until
    if outcome.change.account_refused:
        until = outcome.at + outcome.item.terms.rest(_refusals(connection, outcome))
    if until is None:
        return outcome
    return replace(outcome, change=replace(outcome.change, wake_at=until, pause_until=until))


def _refusals(connection: Connection, outcome: Outcome) -> int:
    """How often in a row the account was refused, this time included."""
    if not outcome.change.account_refused:
        return 0
    return 1 + (connection.execute(_REFUSALS, {"account": outcome.item.account}).scalar() or 0)


def _pause(connection: Connection, outcome: Outcome) -> None:
    change = outcome.change
    rest = {"until": change.pause_until, "code": change.code, "sentence": change.sentence}
    refusals = {"refusals": _refusals(connection, outcome)}
    upsert(connection, pauses, {"account": outcome.item.account}, rest | refusals)


def _told_before(item: Delivery, finished: Finished) -> bool:
    """A published delivery may still learn its addresses and counts: only the platform's word has them."""
    if item.state is not State.PUBLISHED or item.receipt is None or finished.receipt is None:
        return False
    return item.receipt.then(finished.receipt) == item.receipt


def _event(finished: Finished) -> Event:
    return Event.PUBLISH if finished.receipt else Event.REJECT


def _keep_finish(connection: Connection, account: str, finished: Finished, now: datetime) -> None:
    error = finished.error
    row = {
        "receipt": receipt_row(finished.receipt),
        "code": error.code if error else "",
        "sentence": error.sentence if error else "",
    }
    key = {"account": account, "reference": finished.reference}
    upsert(connection, finishes, key, {"at": now, "finish": row})


def _apply_kept_finish(connection: Connection, outcome: Outcome) -> None:
    """An outcome may come before the answer to the submit call was recorded."""
    item, receipt = outcome.item, outcome.change.receipt
    key = {"account": item.account, "reference": receipt.reference if receipt else ""}
    kept = connection.execute(_KEPT_FINISH, key).scalar()
    if kept is None:
        return
    out = receipt_of(kept["receipt"])
    error = None if out else Refused(kept["sentence"], kept["code"])
    waiting = load(connection, item.id, item.terms)
    change = waiting.finished(Finished(key["reference"], out, error), outcome.at)
    write(connection, [Outcome(waiting, change, outcome.at)], "platform")


def _with_content(connection: Connection, items: Sequence[Delivery]) -> list[Job]:
    content = load_content(connection, [item.id for item in items])
    return [Job(item, content[item.id]) for item in items]


_LOAD = select(deliveries).where(deliveries.c.id == bindparam("id"))


_BY_REFERENCE = (
    select(deliveries)
    .where(deliveries.c.account == bindparam("account"), deliveries.c.reference == bindparam("reference"))
    .order_by(deliveries.c.id.desc())
)


_AT_WORK = deliveries.alias("at_work")


_CLAIM = (
    update(deliveries)
    .where(
        deliveries.c.id.in_(bindparam("ids", expanding=True)),
        deliveries.c.state == State.QUEUED,
        ~exists().where(pauses.c.account == deliveries.c.account, pauses.c.until > bindparam("b_now")),
        ~exists().where(_AT_WORK.c.account == deliveries.c.account, _AT_WORK.c.state == State.SENDING),
        ~exists().where(withdrawals.c.delivery_id == deliveries.c.id, withdrawals.c.state.in_(AHEAD)),
        ~exists().where(
            _AT_WORK.c.account == deliveries.c.account,
            _AT_WORK.c.state == State.UNCERTAIN,
            _AT_WORK.c.wake_at.is_not(None),
        ),
    )
    .values(
        state=State.SENDING,
        version=deliveries.c.version + 1,
        attempt=deliveries.c.attempt + 1,
        looks=0,
        since=bindparam("b_now"),
        wake_at=bindparam("b_wake_at"),
        reference="",  # a late word about an earlier job must not be taken for this try's
        receipt=null(),
    )
    .returning(deliveries)
)


_RECORD = (
    update(deliveries)
    .where(deliveries.c.id == bindparam("b_id"), deliveries.c.version == bindparam("b_version"))
    .values(
        {
            name: bindparam(name)
            for name in (
                "state",
                "version",
                "failures",
                "looks",
                "due_at",
                "wake_at",
                "since",
                "reference",
                "receipt",
                "code",
                "sentence",
            )
        }
    )
)


_REFUSALS = select(pauses.c.refusals).where(pauses.c.account == bindparam("account"))


_ADD_ATTEMPT = insert(attempts)


_KEPT_FINISH = select(finishes.c.finish).where(
    finishes.c.account == bindparam("account"), finishes.c.reference == bindparam("reference")
)
