"""How often each call of an account was made today, in Redis.

Without Redis the count starts anew: the platform then says no by itself, and the delivery waits for its day.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import cast

from redis import Redis

from channels.errors import Throttled
from scheduler.plan import BEIJING, next_midnight

KEPT = timedelta(days=2)


class RedisMeter:
    """`channels.base.Meter` of one account. `daily` holds our own limit of a call; "" is all together."""

    def __init__(
        self, redis: "Redis", account: str, clock: Callable[[], datetime], daily: Mapping[str, int]
    ) -> None:
        self._redis, self._account, self._clock, self._daily = redis, account, clock, daily

    def take(self, call: str, count: int = 1) -> None:
        now = self._clock()
        key = self._key(now)
        pipe = self._redis.pipeline(transaction=False)
        for name in (call, ""):
            pipe.hincrby(key, name, count)
        pipe.expire(key, KEPT)
        for name, used in zip((call, ""), pipe.execute()[:2], strict=True):
            limit = self._daily.get(name)
            if limit is not None and used > limit:
                raise Throttled(
                    next_midnight(now), f"今天的接口次数（{limit} 次）已用完，明天自动继续。", "limit"
                )

    def used(self) -> dict[str, int]:
        """Calls made today (Beijing), by name; "" is all together."""
        kept = cast("dict[bytes, bytes]", self._redis.hgetall(self._key(self._clock())))
        return {name.decode(): int(count) for name, count in kept.items()}

    def _key(self, now: datetime) -> str:
        return f"gongbao:calls:{self._account}:{now.astimezone(BEIJING):%Y%m%d}"
