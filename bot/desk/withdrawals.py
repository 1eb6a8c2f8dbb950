"""Taking back what is out: one person asks, another agrees, and the queue does the rest."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, or_, select

from bot import audit
from bot.drafts import WORDS
from bot.drafts import State as DraftState
from bot.errors import RuleBroken
from bot.importing.titles import tidy
from bot.tables import draft_versions, drafts
from scheduler import delivery, ledger
from scheduler.database import reading
from scheduler.delivery import Terms
from scheduler.plan import BEIJING
from scheduler.tables import deliveries, delivery_posts, withdrawals
from scheduler.withdrawal import rows
from scheduler.withdrawal.life import Change, State, Withdrawal
from scheduler.withdrawal.rows import Place

CLOCK = "clock"  # on record for what is done by itself


class Withdrawals:
    """What people do about withdrawals; each verb is one transaction. Raises RuleBroken or WrongState."""

    def __init__(self, engine: Engine, terms: Terms) -> None:
        self._engine, self._terms = engine, terms

    def ask_for_item(self, draft_id: int, who: str, reason: str, now: datetime) -> list[int]:
        """Ask for the withdrawal of a signed item from everywhere; returns the withdrawals' numbers."""
        with self._engine.begin() as connection:
            places = rows.places_of_post(connection, _post_of(connection, draft_id))
            return _ask(connection, places, who, reason, now)

    def ask_for_delivery(
        self, delivery_id: int, who: str, reason: str, now: datetime, position: int | None = None
    ) -> list[int]:
        """The same for one delivery, or for one of its posts; `position` counts from 0."""
        with self._engine.begin() as connection:
            places = rows.places_of_delivery(connection, delivery_id)
            if not places:
                raise RuleBroken(f"没有投递 {delivery_id}，编号见 gongbao delivery list。")
            if position is not None:
                places = [place for place in places if place.position == position]
            if not places:
                raise RuleBroken(f"投递 {delivery_id} 里没有第 {(position or 0) + 1} 篇，请核对。")
            return _ask(connection, places, who, reason, now)

    def confirm(self, numbers: Sequence[int], who: str, now: datetime) -> None:
        """The second person agrees to all of these, or to none if one cannot be."""
        who = _name(who)
        with self._engine.begin() as connection:
            rows.confirm(connection, numbers, who, now, self._terms)
            _put_on_record(connection, "confirm", numbers, who, "", now)

    def drop(self, numbers: Sequence[int], who: str, reason: str, now: datetime) -> None:
        """Leave these where they are."""
        who, reason = _name(who), _reason(reason)
        with self._engine.begin() as connection:
            rows.drop(connection, numbers, who, reason, now)
            _put_on_record(connection, "drop", numbers, who, reason, now)

    def settle(self, number: int, who: str, reason: str, now: datetime) -> None:
        """A person took it down, or saw that it is gone."""
        who, reason = _name(who), _reason(reason)
        self._decide("settle", number, who, reason, now, lambda item: item.done_by_hand(who, reason))

    def retry(self, number: int, who: str, reason: str, now: datetime) -> None:
        """Take down once more what could not be; what is uncertain is looked at again instead."""
        who, reason = _name(who), _reason(reason)
        self._decide("retry", number, who, reason, now, lambda item: item.tried_again(who, reason, now))

    def listing(
        self, states: Sequence[State] = (), numbers: Sequence[int] = (), delivery_id: int | None = None
    ) -> list[Mapping[str, Any]]:
        """The newest first, with account and title."""
        with reading(self._engine) as connection:
            places = None if delivery_id is None else rows.places_of_delivery(connection, delivery_id)
            return rows.listing(connection, states, numbers, places)

    def history(self, number: int) -> list[Mapping[str, Any]]:
        with reading(self._engine) as connection:
            return rows.history(connection, number)

    def take_down_expired(self, now: datetime) -> list[int]:
        """Ask for what may be shown no longer. Who signed it agreed to that; a person's no is kept to."""
        with reading(self._engine) as connection:
            found = connection.execute(_EXPIRED.where(draft_versions.c.expires_at <= now)).mappings().all()
        return [number for row in found for number in self._take_down(dict(row), now)]

    def _take_down(self, row: Mapping[str, Any], now: datetime) -> list[int]:
        day = row["expires_at"].astimezone(BEIJING)
        reason = f"展示期限已到（{day:%Y-%m-%d %H:%M}）"
        with self._engine.begin() as connection:
            place = Place(row["delivery_id"], row["position"])
            try:
                numbers = rows.ask_with_consent(connection, [place], CLOCK, reason, row["passed"][-1], now)
            except rows.NothingThere:
                return []  # another process was faster
            _put_on_record(connection, "ask", numbers, CLOCK, reason, now)
            return numbers

    def _decide(
        self,
        act: str,
        number: int,
        who: str,
        reason: str,
        now: datetime,
        decision: Callable[[Withdrawal], Change],
    ) -> None:
        with self._engine.begin() as connection:
            item = rows.load(connection, number, self._terms)
            _want_it_out(connection, item)
            rows.write(connection, item, decision(item), now, who)
            _put_on_record(connection, act, [number], who, reason, now)


def _post_of(connection: Connection, draft_id: int) -> int:
    row = connection.execute(select(drafts).where(drafts.c.id == draft_id)).one_or_none()
    if row is None:
        raise RuleBroken(f"没有编号为 {draft_id} 的稿件，请用 gongbao item list 查看编号。")
    if row.post_id is None:
        words = WORDS[DraftState(row.state)]
        raise RuleBroken(f"稿件 {draft_id} 现在是“{words}”，还没有签发，没有可撤回的发布。")
    return int(row.post_id)


def _ask(connection: Connection, places: Sequence[Place], who: str, reason: str, now: datetime) -> list[int]:
    who, reason = _name(who), _reason(reason)
    numbers = rows.ask(connection, places, who, reason, now)
    _put_on_record(connection, "ask", numbers, who, reason, now)
    return numbers


def _want_it_out(connection: Connection, item: Withdrawal) -> None:
    """Before its delivery's own outcome is known, nobody can say that a post is gone."""
    state = ledger.load(connection, item.delivery_id).state
    if state is not delivery.State.PUBLISHED:
        raise RuleBroken(
            f"投递 {item.delivery_id} 现在是“{delivery.WORDS[state]}”，请先处理投递，再认定撤回 {item.id}。"
        )


def _name(who: str) -> str:
    name = tidy(who)
    if not name:
        raise RuleBroken("没有写明是谁在办理，请写上姓名。")
    return name


def _reason(reason: str) -> str:
    if not reason.strip():
        raise RuleBroken("没有写明理由，请用 --reason 写上；理由会留在记录里。")
    return reason.strip()


def _put_on_record(
    connection: Connection, act: str, numbers: Sequence[int], who: str, reason: str, now: datetime
) -> None:
    for row in sorted(rows.listing(connection, ids=numbers), key=lambda row: row["id"]):
        details = {name: row[name] for name in ("delivery_id", "position", "state", "title")}
        audit.record(
            connection,
            at=now,
            actor=who,
            act=act,
            kind="withdrawal",
            object_id=row["id"],
            details=details | {"reason": reason or row["reason"]},
        )


_ASKED_FOR = (
    select(withdrawals.c.id)
    .where(
        withdrawals.c.delivery_id == delivery_posts.c.delivery_id,
        withdrawals.c.position == delivery_posts.c.position,
        or_(withdrawals.c.state != State.DROPPED, withdrawals.c.asked_by == CLOCK),
    )
    .exists()
)


_EXPIRED = (
    select(
        drafts.c.passed, draft_versions.c.expires_at, delivery_posts.c.delivery_id, delivery_posts.c.position
    )
    .join(
        draft_versions,
        (draft_versions.c.draft_id == drafts.c.id) & (draft_versions.c.version == drafts.c.version),
    )
    .join(delivery_posts, delivery_posts.c.post_id == drafts.c.post_id)
    .join(deliveries, deliveries.c.id == delivery_posts.c.delivery_id)
    .where(
        draft_versions.c.expires_at.is_not(None),
        deliveries.c.state.not_in([delivery.State.CANCELLED, delivery.State.WITHDRAWN]),
        ~_ASKED_FOR,
    )
    .order_by(delivery_posts.c.delivery_id, delivery_posts.c.position)
    .limit(100)
)
