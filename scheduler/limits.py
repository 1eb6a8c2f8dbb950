"""An account's calls of today: counted in Redis, kept in the ledger, corrected by the platform.

A Redis that has forgotten is filled from the ledger, which hears of each tenth call; those that it may have
missed are taken as made. Without Redis nothing is counted, and so nothing is called.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import Engine

from channels.base import Limits, Spent
from channels.errors import Throttled, Unavailable
from scheduler import ledger
from scheduler.database import reading
from scheduler.plan import BEIJING, THIS, Rules, Standing, ends, next_midnight

ALL = ""
KEEP_EVERY = 10
REMEMBERED = timedelta(days=2)

Counts = dict[str, int]  # by call, ALL for all together


@dataclass(frozen=True)
class Gauge:
    """How far a limit is used up, and when it begins anew."""

    call: str  # ALL for all together; of a quota of deliveries, what they are in Chinese
    used: int
    most: int
    resets_at: datetime

    @property
    def left(self) -> int:
        return max(0, self.most - self.used)


def quotas(rules: Rules, standing: Standing, now: datetime) -> list[Gauge]:
    """The quotas of deliveries."""
    return [
        Gauge(
            f"{THIS[quota.span]}的{quota.words}",
            standing.count(quota.span, now),
            quota.most,
            ends(quota.span, now),
        )
        for quota in rules.all_quotas()
    ]


class RedisMeter:
    """`channels.base.Meter` of one account."""

    def __init__(
        self, redis: "Redis", engine: Engine, account: str, clock: Callable[[], datetime], limits: Limits
    ) -> None:
        self._redis, self._engine, self._account, self._clock = redis, engine, account, clock
        self._limits = limits

    def take(self, call: str, count: int = 1) -> None:
        now = self._clock()
        with _reaching_redis():
            used, told = self._add(call, count, now)
            refusal = self._refusal(call, used, self._daily(told))
            if refusal:
                self._count({call: -count, ALL: -count}, now)
                raise Throttled(next_midnight(now), refusal, "limit")
        if used[ALL] % KEEP_EVERY < count:
            self._keep(now, used)

    def used(self) -> Counts:
        """Calls made today (Beijing)."""
        now = self._clock()
        counts = _numbers(self._redis.hgetall(self._used_key(now)))
        return counts or self._kept(now)

    def gauges(self) -> list[Gauge]:
        """Each limit of the day, as far as it is used."""
        used, daily, end = self.used(), self._daily(self._told()), next_midnight(self._clock())
        return [Gauge(call, used.get(call, 0), most, end) for call, most in daily.items()]

    def names(self) -> list[str]:
        """The limited calls that matter today: made already, or needed by the next delivery."""
        made = {ALL, *self.used(), *self._limits.needs}
        return [call for call in self._limits.daily if call in made]

    def room(self) -> int | None:
        """How many deliveries today's calls still allow; None if no limit binds them."""
        needs = {**self._limits.needs, ALL: sum(self._limits.needs.values())}
        rooms = [gauge.left // needs[gauge.call] for gauge in self.gauges() if needs.get(gauge.call)]
        return min(rooms, default=None)

    def correct(self, spent: Mapping[str, Spent]) -> None:
        """Put the platform's own figures in the place of ours."""
        if not spent:
            return
        now = self._clock()
        used = self.used() | {call: each.used for call, each in spent.items()}
        pipe = self._redis.pipeline()
        pipe.hset(self._used_key(now), mapping=cast("Any", used))
        pipe.expire(self._used_key(now), REMEMBERED)
        pipe.hset(self._told_key(), mapping=cast("Any", {call: each.most for call, each in spent.items()}))
        pipe.execute()
        self._keep(now, used)

    def _add(self, call: str, count: int, now: datetime) -> tuple[Counts, Counts]:
        """Count, and read what is used today and what the platform told of its limits."""
        known, used, told = self._count({call: count, ALL: count}, now)
        kept = {} if known else self._kept(now)
        if kept:
            _, used, told = self._count(kept, now)
        return used, told

    def _count(self, more: Counts, now: datetime) -> tuple[bool, Counts, Counts]:
        """Whether anything of this day was known before, what is used with `more`, and the told limits."""
        key = self._used_key(now)
        pipe = self._redis.pipeline()
        pipe.exists(key)
        for call, count in more.items():
            pipe.hincrby(key, call, count)
        pipe.expire(key, REMEMBERED)
        pipe.hgetall(key)
        pipe.hgetall(self._told_key())
        known, *_, used, told = pipe.execute()
        return bool(known), _numbers(used), _numbers(told)

    def _refusal(self, call: str, used: Counts, daily: Counts) -> str:
        """Why this call may not be made today; empty if it may."""
        for name in (call, ALL):
            if name in daily and used[name] > daily[name]:
                return f"今天的接口次数（{daily[name]} 次）已用完，明天自动继续。"
        if ALL in daily and call not in self._limits.posting:
            others = used[ALL] - sum(used.get(name, 0) for name in self._limits.posting)
            most = daily[ALL] - self._limits.kept
            if others > most:
                return f"今天除发布以外的接口次数（{most} 次）已用完，余下的留给发布，明天自动继续。"
        return ""

    def _daily(self, told: Counts) -> Counts:
        return {**self._limits.daily, **told}

    def _told(self) -> Counts:
        return _numbers(self._redis.hgetall(self._told_key()))

    def _keep(self, now: datetime, used: Counts) -> None:
        with self._engine.begin() as connection:
            ledger.keep_calls(connection, self._account, _day(now), used)

    def _kept(self, now: datetime) -> Counts:
        with reading(self._engine) as connection:
            kept = ledger.kept_calls(connection, self._account, _day(now))
        return {**kept, ALL: kept.get(ALL, 0) + KEEP_EVERY - 1} if kept else {}

    def _used_key(self, now: datetime) -> str:
        return f"gongbao:calls:{self._account}:{_day(now)}"

    def _told_key(self) -> str:
        return f"gongbao:limits:{self._account}"


@contextmanager
def _reaching_redis() -> Iterator[None]:
    try:
        yield
    except RedisError:
        raise Unavailable("连不上 Redis，无法核对接口次数，稍后会自动再试。", "redis") from None


def _numbers(raw: Any) -> Counts:
    return {name.decode(): int(count) for name, count in raw.items()}


def _day(now: datetime) -> str:
    return f"{now.astimezone(BEIJING):%Y%m%d}"
