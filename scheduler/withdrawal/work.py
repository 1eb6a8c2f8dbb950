"""Who carries withdrawals out: the clock puts on the queue what is due, the worker calls the platform."""

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import Connection, Engine

from channels.base import Channel
from channels.errors import ChannelError
from scheduler import delivery, ledger
from scheduler.database import reading
from scheduler.delivery import Delivery, Terms
from scheduler.ledger.values import Row
from scheduler.queue import Errand, Queue
from scheduler.withdrawal import rows
from scheduler.withdrawal.life import Change, State, Withdrawal

log = structlog.get_logger(__name__)

AT_ONCE = 100


@dataclass(frozen=True)
class Job:
    """A withdrawal in hand, and the delivery it takes something from."""

    item: Delivery
    withdrawal: Withdrawal


@dataclass(frozen=True)
class Outcome:
    """What became of a withdrawal, to be written."""

    item: Delivery
    withdrawal: Withdrawal
    change: Change
    at: datetime


class Recall:
    """The clock's part: what is due goes onto the queue, what is not out yet never does."""

    def __init__(
        self, engine: Engine, queue: Queue, accounts: Container[str], terms: Terms, name: str
    ) -> None:
        self._engine, self._queue, self._terms, self._name = engine, queue, terms, name
        self._accounts = accounts

    def due(self, now: datetime) -> int:
        """Look at what is due at `now`; returns how many withdrawals that were."""
        with reading(self._engine) as connection:
            overtaken = rows.overtaken(connection, now, AT_ONCE)
            found = rows.due(connection, now, AT_ONCE)
        for delivery_id in overtaken:
            self._hold(delivery_id, now)
        self._put([row for row in found if self._is_ready(row, now)], now)
        return len(found)

    def _is_ready(self, row: Row, now: datetime) -> bool:
        if row["account"] not in self._accounts:
            self._reject(row, now)
        elif row["state"] == State.WITHDRAWING:
            self._lapse(row, now)
        elif row["state"] == State.UNCERTAIN or row["delivery_state"] == delivery.State.PUBLISHED:
            return True
        else:
            self._spare_or_wait(row, now)
        return False

    def _reject(self, row: Row, now: datetime) -> None:
        sentence = f"配置中没有账号 {row['account']}，请到平台后台手工撤回。"
        with self._engine.begin() as connection:
            item = rows.load(connection, row["id"], self._terms)
            if item.state in (State.CONFIRMED, State.UNCERTAIN):
                rows.write(connection, item, item.rejected(sentence), now, self._name)
            else:
                rows.write(connection, item, item.lapsed(now), now, self._name)

    def _lapse(self, row: Row, now: datetime) -> None:
        with self._engine.begin() as connection:
            item = rows.load(connection, row["id"], self._terms)
            if item.state is State.WITHDRAWING and item.version == row["version"]:
                rows.write(connection, item, item.lapsed(now), now, self._name)
                log.warning("lease ended", withdrawal=item.id, account=item.account)

    def _spare_or_wait(self, row: Row, now: datetime) -> None:
        """Not out: it never will be. On its way: what becomes of it is waited for."""
        with self._engine.begin() as connection:
            item = rows.load(connection, row["id"], self._terms)
            if item.state is State.CONFIRMED and not rows.spare(connection, item, now, self._name):
                later = now + self._terms.put_again
                rows.put_off(connection, [item.id], later, "投递还没有结果，有了结果马上撤回。")

    def _hold(self, delivery_id: int, now: datetime) -> None:
        with self._engine.begin() as connection:
            rows.hold(connection, ledger.load(connection, delivery_id, self._terms), now, self._name)

    def _put(self, ready: Sequence[Row], now: datetime) -> None:
        """Marked first, as deliveries are: a crash in between costs a minute."""
        if not ready:
            return
        with self._engine.begin() as connection:
            rows.put_off(connection, [row["id"] for row in ready], now + self._terms.put_again)
        self._queue.put((row["delivery_id"], row["account"], Errand.WITHDRAW) for row in ready)


class Takedown:
    """The worker's part: claim, call, write."""

    def __init__(
        self,
        channels: Mapping[str, Channel],
        clock: Callable[[], datetime],
        terms: Terms,
        name: str,
    ) -> None:
        self._channels, self._clock, self._terms, self._name = channels, clock, terms, name

    def claim(self, connection: Connection, delivery_ids: Sequence[int], now: datetime) -> list[Job]:
        claimed = rows.claim(connection, delivery_ids, now, self._terms)
        return [Job(ledger.load(connection, each.delivery_id, self._terms), each) for each in claimed]

    def do(self, job: Job) -> Outcome:
        """Take the post down, or see whether it is gone. Raises nothing."""
        change = self._withdraw(job) if job.withdrawal.state is State.WITHDRAWING else self._look_at(job)
        return Outcome(job.item, job.withdrawal, change, self._clock())

    def write(self, connection: Connection, done: Sequence[Outcome]) -> bool:
        """False: one of them has moved on since it was read; the caller must roll back."""
        return all(rows.write(connection, each.withdrawal, each.change, each.at, self._name) for each in done)

    def _withdraw(self, job: Job) -> Change:
        item, delivery_ = job.withdrawal, job.item
        assert delivery_.receipt is not None  # published, or it would not have been claimed
        try:
            self._channels[delivery_.account].withdraw(delivery_.receipt, item.position)
        except Exception as error:
            _note_unforeseen(item, error)
            return item.refused(error, self._clock())
        return item.answered()

    def _look_at(self, job: Job) -> Change:
        item, delivery_ = job.withdrawal, job.item
        assert delivery_.receipt is not None
        try:
            found = self._channels[delivery_.account].look_at(delivery_.receipt, item.position)
        except Exception as error:
            _note_unforeseen(item, error)
            return item.not_looked_at(error, self._clock())
        return item.looked_at(found, self._clock())


def _note_unforeseen(item: Withdrawal, error: Exception) -> None:
    if not isinstance(error, ChannelError):
        log.error("unforeseen", withdrawal=item.id, account=item.account, exc_info=error)
