"""The clock: what is due goes onto the queue. One leader at a time; two at once would do no harm."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import structlog
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import Engine

from scheduler import ledger
from scheduler.database import reading
from scheduler.delivery import State, Terms
from scheduler.limits import RedisMeter
from scheduler.plan import Go, Hold, Rules, Standing, plan
from scheduler.queue import Errand, Queue
from scheduler.withdrawal.work import Recall

log = structlog.get_logger(__name__)

AT_ONCE = 1000
LEADER = "gongbao:leader"
LEASE = timedelta(seconds=3)

Due = tuple[int, str, State, datetime]


class Release:
    """Looks at what is due, asks the plan, and puts on the queue what may go."""

    def __init__(
        self,
        engine: Engine,
        queue: Queue,
        rules: Mapping[str, Rules],
        terms: Terms,
        name: str,
        meters: Mapping[str, RedisMeter] | None = None,
    ) -> None:
        self._engine, self._queue, self._rules, self._terms, self._name = engine, queue, rules, terms, name
        self._recall = Recall(engine, queue, rules, terms, name)
        self._meters = meters or {}

    def due(self, now: datetime) -> int:
        """Release what is due at `now`; returns how many deliveries were looked at."""
        self._recall.due(now)
        with reading(self._engine) as connection:
            rows = ledger.due(connection, now, AT_ONCE)
        if not rows:
            return 0
        for row in rows:
            if row[2] is State.SENDING:
                self._lapse(row[0], now)
        ready = [row for row in rows if row[2] in (State.CONFIRMING, State.UNCERTAIN)]
        queued = [row for row in rows if row[2] is State.QUEUED]
        ready += self._may_go(queued, now)
        self._put(ready, now)
        return len(rows)

    def _put(self, ready: list[Due], now: datetime) -> None:
        """Marked first: a crash in between costs a minute, the other order would cost a second look."""
        if not ready:
            return
        with self._engine.begin() as connection:
            ledger.put_off(connection, [row[0] for row in ready], now + self._terms.put_again)
        self._queue.put(
            (row[0], row[1], Errand.SEND if row[2] is State.QUEUED else Errand.ASK) for row in ready
        )

    def _may_go(self, queued: list[Due], now: datetime) -> list[Due]:
        ready: list[Due] = []
        standings: dict[str, Standing] = {}
        for row in queued:
            delivery_id, account, _, due_at = row
            rules = self._rules.get(account)
            if rules is None:
                self._hold(delivery_id, f"配置中没有账号 {account}，请管理员核对。", now)
                continue
            if account not in standings:
                standings[account] = self._standing(account, rules, now)
            match plan(due_at, rules, standings[account], now):
                case Go():
                    ready.append(row)
                    standings[account] = standings[account].after_one_more(now)
                case Hold(sentence):
                    self._hold(delivery_id, sentence, now)
                case wait:
                    with self._engine.begin() as connection:
                        ledger.put_off(connection, [delivery_id], wait.until, wait.sentence)
        return ready

    def _standing(self, account: str, rules: Rules, now: datetime) -> Standing:
        with reading(self._engine) as connection:
            standing = ledger.standing(connection, account, now, rules.looks_back_to(now))
        meter = self._meters.get(account)
        return replace(standing, room=meter.room()) if meter else standing

    def _lapse(self, delivery_id: int, now: datetime) -> None:
        with self._engine.begin() as connection:
            item = ledger.load(connection, delivery_id, self._terms)
            if item.state is State.SENDING:
                ledger.write(connection, [ledger.Outcome(item, item.lapsed(now), now)], self._name)
                log.warning("lease ended", delivery=delivery_id, account=item.account)

    def _hold(self, delivery_id: int, sentence: str, now: datetime) -> None:
        with self._engine.begin() as connection:
            item = ledger.load(connection, delivery_id, self._terms)
            if item.state is State.QUEUED:
                ledger.write(connection, [ledger.Outcome(item, item.held(sentence), now)], self._name)


class Lead:
    """A lease in Redis that says which process releases. Without Redis nobody leads: nothing could be put."""

    def __init__(self, redis: "Redis", name: str, lease: timedelta = LEASE) -> None:
        self._redis, self._name, self._lease = redis, name.encode(), lease

    def hold(self) -> bool:
        """Take or renew the lease."""
        if self._redis.set(LEADER, self._name, nx=True, px=self._lease):
            return True
        if self._redis.get(LEADER) != self._name:
            return False
        return bool(self._redis.pexpire(LEADER, self._lease))

    def give_up(self) -> None:
        if self._redis.get(LEADER) == self._name:
            self._redis.delete(LEADER)


class Clock:
    """A thread that releases what is due, sleeps to the next due time, and is woken by a nudge."""

    def __init__(
        self,
        engine: Engine,
        queue: Queue,
        lead: Lead,
        release: Release,
        *,
        now: Callable[[], datetime],
        tick: timedelta = timedelta(seconds=1),
    ) -> None:
        self._engine, self._queue, self._lead, self._release = engine, queue, lead, release
        self._now, self._tick = now, tick
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="clock", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def alive(self) -> bool:
        return self._thread.is_alive()

    def stop(self, seconds: float) -> None:
        self._stopping.set()
        self._thread.join(seconds)
        try:
            self._lead.give_up()
        except RedisError as error:
            log.warning("lease not given up", reason=type(error).__name__)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._turn()
            except RedisError as error:
                log.warning("queue unreachable", reason=type(error).__name__)
                self._stopping.wait(1.0)
            except Exception as error:
                log.error("release failed", exc_info=error)
                self._stopping.wait(1.0)

    def _turn(self) -> None:
        pause = self._tick.total_seconds()
        if self._lead.hold():
            while self._release.due(self._now()) == AT_ONCE and not self._stopping.is_set():
                pass
            pause = self._to_next_due()
        self._queue.wait_for_nudge(pause)

    def _to_next_due(self) -> float:
        """Seconds to the next due delivery, a tick at most."""
        with reading(self._engine) as connection:
            wake_at = ledger.next_wake(connection)
        if wake_at is None:
            return self._tick.total_seconds()
        return max(0.0, min(wake_at - self._now(), self._tick).total_seconds())
