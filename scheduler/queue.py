"""The work queue: a Redis stream with a consumer group.

At least once is all it promises, and all that is asked of it: the ledger's claim lets each delivery through
once. A flushed Redis costs a minute, then the clock puts again what was not claimed.
"""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, cast

from redis import Redis
from redis.exceptions import ResponseError

STREAM = "gongbao:queue"
GROUP = "workers"
NUDGE = "gongbao:nudge"
DEAD_AFTER_MS = 120_000  # an entry held this long belongs to a worker that is gone
DEAF_SECONDS = 0.1


class Errand(IntEnum):
    """What is wanted of the platform."""

    ASK = 0  # what became of the delivery?
    SEND = 1
    WITHDRAW = 2  # one of the delivery's posts, or see whether it is gone


@dataclass(frozen=True)
class Entry:
    """One line of the stream: look at this delivery."""

    id: bytes
    delivery_id: int
    account: str
    errand: Errand = Errand.SEND


class Queue:
    """`consumer` names this process in the group."""

    def __init__(self, redis: "Redis", consumer: str = "") -> None:
        self._redis = redis
        self._consumer = consumer

    def put(self, deliveries: Iterable[tuple[int, str, Errand]]) -> None:
        """Put (id, account, errand), in order, in one round trip."""
        pipe = self._redis.pipeline(transaction=False)
        for delivery_id, account, errand in deliveries:
            pipe.xadd(STREAM, {"d": delivery_id, "a": account, "e": int(errand)})
        pipe.execute()

    def pull(self, count: int, seconds: float) -> list[Entry]:
        """Up to `count` new entries; waits up to `seconds` (more than 0) for the first."""
        try:
            found = self._redis.xreadgroup(
                GROUP, self._consumer, {STREAM: ">"}, count=count, block=max(1, int(seconds * 1000))
            )
        except ResponseError as error:
            if "NOGROUP" not in str(error):
                raise
            self._make_group()
            return []
        return _entries(cast("Any", found)[0][1]) if found else []

    def ack(self, entries: Sequence[Entry]) -> None:
        """These are done with. An entry acknowledged twice, or lost in a flush, does no harm."""
        if not entries:
            return
        ids = [entry.id for entry in entries]
        pipe = self._redis.pipeline(transaction=False)
        pipe.xack(STREAM, GROUP, *ids)
        pipe.xdel(STREAM, *ids)
        pipe.execute()

    def reclaim(self, count: int = 100, idle_ms: int = DEAD_AFTER_MS) -> list[Entry]:
        """Take over what dead workers left unacknowledged."""
        try:
            answer = self._redis.xautoclaim(STREAM, GROUP, self._consumer, idle_ms, count=count)
        except ResponseError as error:
            if "NOGROUP" not in str(error):
                raise
            self._make_group()
            return []
        return _entries(cast("Any", answer)[1])

    def nudge(self) -> None:
        """Wake the clock: something new is due."""
        pipe = self._redis.pipeline(transaction=False)
        pipe.lpush(NUDGE, 1)
        pipe.ltrim(NUDGE, 0, 0)
        pipe.execute()

    def wait_for_nudge(self, seconds: float) -> None:
        """Return after `seconds`, or sooner if somebody nudges; the last moment is slept through.

        A server ends such a wait up to a tenth of a second late, and one of a millisecond never.
        """
        until = time.monotonic() + seconds
        heard = seconds > 2 * DEAF_SECONDS and self._redis.blpop([NUDGE], timeout=seconds - DEAF_SECONDS)
        if not heard:
            time.sleep(max(0.0, until - time.monotonic()))

    def waiting(self) -> int:
        """How many entries are in the stream, handed out ones included."""
        return self._redis.xlen(STREAM)

    def _make_group(self) -> None:
        try:
            self._redis.xgroup_create(STREAM, GROUP, id="0", mkstream=True)
        except ResponseError as error:
            if "BUSYGROUP" not in str(error):
                raise


def _entries(raw: Any) -> list[Entry]:
    """An entry deleted meanwhile comes back without fields."""
    return [
        Entry(id_, int(fields[b"d"]), fields[b"a"].decode(), Errand(int(fields[b"e"])))
        for id_, fields in raw
        if fields
    ]
