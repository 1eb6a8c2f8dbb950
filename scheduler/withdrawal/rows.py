"""Withdrawals in the ledger: each step in one transaction with its history and its effect on the delivery."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select, tuple_, update

from scheduler import delivery as deliveries_life
from scheduler import ledger
from scheduler.delivery import Delivery, Terms, WrongState
from scheduler.ledger.values import Row
from scheduler.tables import deliveries, delivery_posts, withdrawal_steps, withdrawals
from scheduler.withdrawal.life import AHEAD, Change, Event, State, Withdrawal

NOT_OUT = (deliveries_life.State.QUEUED, deliveries_life.State.HELD, deliveries_life.State.FAILED)
OVER = (deliveries_life.State.CANCELLED, deliveries_life.State.WITHDRAWN)
ASIDE = "有人申请撤回，先暂缓发送。"


class NothingThere(Exception):
    """There is no such withdrawal, or nothing to withdraw; the message is for staff."""


@dataclass(frozen=True)
class Place:
    """One post of one delivery; `position` counts from 0."""

    delivery_id: int
    position: int


def places_of_post(connection: Connection, post_id: int) -> list[Place]:
    """Everywhere a post went, or is to go."""
    return _places(connection, delivery_posts.c.post_id == post_id)


def places_of_delivery(connection: Connection, delivery_id: int) -> list[Place]:
    return _places(connection, delivery_posts.c.delivery_id == delivery_id)


def ask(connection: Connection, places: Sequence[Place], who: str, reason: str, now: datetime) -> list[int]:
    """Ask for the withdrawal of these; what is still queued is held meanwhile. Returns the new ids.

    What is withdrawn already, or asked for, is left as it is. Raises NothingThere if that leaves nothing.
    """
    asked = [_ask(connection, place, who, reason, now) for place in places]
    new = [number for number in asked if number is not None]
    if not new:
        raise NothingThere("没有可以撤回的投递：都已取消、已撤回，或正在撤回。")
    return new


def confirm(
    connection: Connection, ids: Iterable[int], who: str, now: datetime, terms: Terms | None = None
) -> None:
    """The second person agrees to all of these. What is not out yet is cancelled at once."""
    for number in sorted(set(ids)):
        item = load(connection, number, terms)
        write(connection, item, item.confirmed(who, now), now, who)
        spare(connection, load(connection, number, terms), now, who)


def drop(connection: Connection, ids: Iterable[int], who: str, reason: str, now: datetime) -> None:
    """Leave these where they are. What was held for them stays held, for a person to send or cancel."""
    for number in sorted(set(ids)):
        item = load(connection, number)
        write(connection, item, item.dropped(who, reason), now, who)


def ask_with_consent(
    connection: Connection, places: Sequence[Place], who: str, reason: str, signer: str, now: datetime
) -> list[int]:
    """Ask for what `signer` agreed to when the post was signed: no second person is waited for."""
    ids = ask(connection, places, who, reason, now)
    for number in ids:
        item = load(connection, number)
        change = replace(item.confirmed(signer, now), sentence=f"{signer}签发时已同意到期撤回。")
        write(connection, item, change, now, who)
        spare(connection, load(connection, number), now, who)
    return ids


def spare(connection: Connection, item: Withdrawal, now: datetime, actor: str) -> bool:
    """Keep a post from going out whose withdrawal is confirmed. False: it is out, or may be.

    Of a delivery with other posts only the whole can be stopped; it is held, and a person decides.
    """
    delivery = ledger.load(connection, item.delivery_id, item.terms)
    if delivery.state is deliveries_life.State.CANCELLED:
        write(connection, item, item.cancelled("投递已取消，没有发出。"), now, actor)
        return True
    if delivery.state not in NOT_OUT:
        return False
    if len(places_of_delivery(connection, delivery.id)) == 1:
        change = delivery.cancelled(f"{_who(item)}撤回：{item.reason}")
        _move_delivery(connection, delivery, change, now, actor)
        write(connection, item, item.cancelled("还没有发出，已取消投递。"), now, actor)
        return True
    hold(connection, delivery, now, actor)
    put_off(
        connection,
        [item.id],
        now + item.terms.put_again,
        f"还没有发出，已暂缓整次群发；请取消投递 {delivery.id}，把其余稿件另行编排。",
    )
    return True


def hold(connection: Connection, delivery: Delivery, now: datetime, actor: str) -> None:
    """Hold a queued delivery while its withdrawal is decided; any other is left alone."""
    if delivery.state is deliveries_life.State.QUEUED:
        _move_delivery(connection, delivery, delivery.held(ASIDE), now, actor)


def load(connection: Connection, number: int, terms: Terms | None = None) -> Withdrawal:
    """One withdrawal as it stands, locked until the transaction ends. Raises NothingThere."""
    query = _WITH_ACCOUNT.where(withdrawals.c.id == number).with_for_update(of=withdrawals)
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        raise NothingThere(f"没有撤回 {number}，编号见 gongbao withdrawal list。")
    return withdrawal(row, terms)


def claim(
    connection: Connection, delivery_ids: Sequence[int], now: datetime, terms: Terms | None = None
) -> list[Withdrawal]:
    """What is to be done about these deliveries, one for each: taken for withdrawing, or in doubt."""
    found = [_next_of(connection, delivery_id, terms) for delivery_id in delivery_ids]
    return [
        mine for item in found if item is not None and (mine := _taken(connection, item, now)) is not None
    ]


def write(connection: Connection, item: Withdrawal, change: Change, now: datetime, actor: str) -> bool:
    """Where the withdrawal stands after the change, and the step itself. False: it has moved on since.

    A delivery whose last post is gone is withdrawn in the same transaction.
    """
    values = {
        "state": change.state,
        "version": item.version + 1,
        "failures": change.failures,
        "wake_at": change.wake_at,
        "since": now if change.state is not item.state else item.since or now,
        "code": change.code,
        "sentence": change.sentence,
    } | ({"confirmed_by": change.confirmed_by} if change.confirmed_by else {})
    read = (withdrawals.c.id == item.id, withdrawals.c.version == item.version)
    if not connection.execute(update(withdrawals).where(*read).values(values)).rowcount:
        return False
    _add_step(connection, item.id, change, now, actor)
    if change.state is State.WITHDRAWN:
        _lock_delivery(connection, item.delivery_id)
        _withdraw_delivery(connection, item, change, now, actor)
    return True


def due(connection: Connection, now: datetime, limit: int) -> list[Row]:
    """Withdrawals to look at now, with `account` and `delivery_state`, longest waiting first."""
    return [dict(row) for row in connection.execute(DUE, {"now": now, "limit": limit}).mappings()]


def overtaken(connection: Connection, now: datetime, limit: int) -> list[int]:
    """Deliveries that came back into the queue while their withdrawal is decided."""
    return list(connection.execute(_OVERTAKEN, {"now": now, "limit": limit}).scalars())


def put_off(connection: Connection, ids: Sequence[int], until: datetime, sentence: str = "") -> None:
    """Look at these again at `until`; what is in a worker's hands is left alone."""
    values = {"wake_at": until, **({"sentence": sentence} if sentence else {})}
    waiting = withdrawals.c.state.in_([State.CONFIRMED, State.UNCERTAIN])
    connection.execute(update(withdrawals).where(withdrawals.c.id.in_(ids), waiting).values(values))


def listing(
    connection: Connection,
    states: Sequence[State] = (),
    ids: Sequence[int] = (),
    places: Sequence[Place] | None = None,
    limit: int = 200,
) -> list[Row]:
    """Withdrawals with account and title, newest first; of all places unless told."""
    query = _WITH_ACCOUNT.order_by(withdrawals.c.id.desc()).limit(limit)
    if states:
        query = query.where(withdrawals.c.state.in_(states))
    if ids:
        query = query.where(withdrawals.c.id.in_(ids))
    if places is not None:
        here = tuple_(withdrawals.c.delivery_id, withdrawals.c.position)
        query = query.where(here.in_([(place.delivery_id, place.position) for place in places]))
    rows = connection.execute(query).mappings().all()
    titles = ledger.titles(connection, sorted({row["delivery_id"] for row in rows}))
    return [dict(row) | {"title": titles[row["delivery_id"]][row["position"]]} for row in rows]


def history(connection: Connection, number: int) -> list[Row]:
    """Every step of a withdrawal, oldest first."""
    query = select(withdrawal_steps).where(withdrawal_steps.c.withdrawal_id == number)
    return [dict(row) for row in connection.execute(query.order_by(withdrawal_steps.c.id)).mappings()]


def withdrawal(row: Any, terms: Terms | None = None) -> Withdrawal:
    """A row of `withdrawals` with its account as the value that decides."""
    return Withdrawal(
        id=row["id"],
        delivery_id=row["delivery_id"],
        position=row["position"],
        account=row["account"],
        state=State(row["state"]),
        asked_by=row["asked_by"],
        reason=row["reason"],
        confirmed_by=row["confirmed_by"],
        version=row["version"],
        failures=row["failures"],
        since=row["since"],
        terms=terms or Terms(),
    )


def _places(connection: Connection, condition: Any) -> list[Place]:
    query = select(delivery_posts.c.delivery_id, delivery_posts.c.position).where(condition)
    order = (delivery_posts.c.delivery_id, delivery_posts.c.position)
    return [Place(*row) for row in connection.execute(query.order_by(*order))]


def _ask(connection: Connection, place: Place, who: str, reason: str, now: datetime) -> int | None:
    """The new id; None if there is nothing to do."""
    _lock_delivery(connection, place.delivery_id)
    delivery = ledger.load(connection, place.delivery_id)
    at = (withdrawals.c.delivery_id == place.delivery_id, withdrawals.c.position == place.position)
    standing = select(withdrawals.c.id).where(*at, withdrawals.c.state != State.DROPPED)
    if delivery.state in OVER or connection.execute(standing).first():
        return None
    hold(connection, delivery, now, who)
    row = {
        "delivery_id": place.delivery_id,
        "position": place.position,
        "state": State.ASKED,
        "version": 0,
        "failures": 0,
        "since": now,
        "asked_by": who,
        "reason": reason,
        "confirmed_by": "",
        "code": "",
        "sentence": reason,
    }
    number: int = connection.execute(insert(withdrawals).values(row).returning(withdrawals.c.id)).scalar_one()
    _add_step(connection, number, Change(Event.ASK, State.ASKED, sentence=reason), now, who)
    return number


def _next_of(connection: Connection, delivery_id: int, terms: Terms | None) -> Withdrawal | None:
    """The one that waits longest; what waits for a person is passed over."""
    query = (
        _WITH_ACCOUNT.where(
            withdrawals.c.delivery_id == delivery_id,
            deliveries.c.state == deliveries_life.State.PUBLISHED,
            withdrawals.c.state.in_([State.CONFIRMED, State.UNCERTAIN]),
            withdrawals.c.wake_at.is_not(None),
        )
        .order_by(withdrawals.c.wake_at, withdrawals.c.id)
        .limit(1)
    )
    row = connection.execute(query).mappings().one_or_none()
    return withdrawal(row, terms) if row else None


def _taken(connection: Connection, item: Withdrawal, now: datetime) -> Withdrawal | None:
    """A lease on it; what is in doubt is only looked at, which needs none."""
    if item.state is State.UNCERTAIN:
        return item
    change = item.claimed(now)
    values = {"state": change.state, "version": item.version + 1, "wake_at": change.wake_at, "since": now}
    read = (withdrawals.c.id == item.id, withdrawals.c.version == item.version)
    if not connection.execute(update(withdrawals).where(*read).values(values)).rowcount:
        return None
    return replace(item, state=change.state, version=item.version + 1, since=now)


def _lock_delivery(connection: Connection, delivery_id: int) -> None:
    """Whoever takes down another post of it waits, and then sees what became of this one."""
    query = select(deliveries.c.id).where(deliveries.c.id == delivery_id).with_for_update()
    connection.execute(query).first()


def _withdraw_delivery(
    connection: Connection, item: Withdrawal, change: Change, now: datetime, actor: str
) -> None:
    delivery = ledger.load(connection, item.delivery_id, item.terms)
    gone = delivery.withdrawn(f"{_who(item)}撤回：{item.reason}　{change.sentence}")
    standing = select(func.count()).where(
        withdrawals.c.delivery_id == delivery.id, withdrawals.c.state == State.WITHDRAWN
    )
    if connection.execute(standing).scalar_one() == len(places_of_delivery(connection, delivery.id)):
        _move_delivery(connection, delivery, gone, now, actor)


def _move_delivery(
    connection: Connection, delivery: Delivery, change: deliveries_life.Change, now: datetime, actor: str
) -> None:
    if not ledger.write(connection, [ledger.Outcome(delivery, change, now)], actor):
        raise WrongState(f"投递 {delivery.id} 的状态刚刚变了，请查看后再试。")


def _who(item: Withdrawal) -> str:
    """Once somebody has confirmed it, both are named."""
    return f"{item.asked_by}申请、{item.confirmed_by}同意" if item.confirmed_by else item.asked_by


def _add_step(connection: Connection, number: int, change: Change, now: datetime, actor: str) -> None:
    row = {
        "withdrawal_id": number,
        "event": change.event,
        "state": change.state,
        "at": now,
        "actor": actor,
        "code": change.code,
        "sentence": change.sentence,
    }
    connection.execute(insert(withdrawal_steps).values(row))


_WITH_ACCOUNT = select(withdrawals, deliveries.c.account, deliveries.c.state.label("delivery_state")).join(
    deliveries, deliveries.c.id == withdrawals.c.delivery_id
)


DUE = (
    _WITH_ACCOUNT.where(withdrawals.c.wake_at <= bindparam("now"))
    .order_by(withdrawals.c.wake_at, withdrawals.c.id)
    .limit(bindparam("limit"))
)


_OVERTAKEN = (
    select(deliveries.c.id)
    .join(withdrawals, withdrawals.c.delivery_id == deliveries.c.id)
    .where(
        withdrawals.c.state.in_(AHEAD),
        deliveries.c.state == deliveries_life.State.QUEUED,
        deliveries.c.wake_at <= bindparam("now"),
    )
    .distinct()
    .limit(bindparam("limit"))
)
