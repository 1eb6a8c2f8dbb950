"""1,000 deliveries due at one moment: when is the last one on the queue, and is one missing?

Measured with the true clock thread, asleep until the moment comes; and again for a program that was down over
the due time. Reference in the same run: writing the same 1,000 lines to the same Redis stream, nothing else.

    python -m tests.benchmarks.bench_burst
"""

import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from redis import Redis
from sqlalchemy import Engine

from scheduler.clock import Clock, Lead, Release
from scheduler.delivery import Terms
from scheduler.embedded import EmbeddedRedis
from scheduler.plan import Rules
from scheduler.queue import Errand, Queue
from tests.benchmarks.parts import a_ledger, fill, report

COUNT = 1000
AHEAD = timedelta(seconds=2)
ACCOUNTS = [f"a{number}" for number in range(20)]


def last_late(engine: Engine, redis: "Redis", due_at: datetime) -> float:
    """Milliseconds from the due moment (or the start, if later) to the last line on the stream."""
    queue = Queue(redis, "bench")
    release = Release(engine, queue, dict.fromkeys(ACCOUNTS, Rules()), Terms(), "bench")
    clock = Clock(engine, queue, Lead(redis, "bench"), release, now=lambda: datetime.now(UTC))
    started = datetime.now(UTC)
    clock.start()
    _wait_until(lambda: queue.waiting() >= COUNT)
    late = datetime.now(UTC) - max(due_at, started)
    clock.stop(5)
    assert queue.waiting() == COUNT, "dropped or doubled"
    return late.total_seconds() * 1000


def bare(redis: "Redis") -> float:
    began = time.perf_counter()
    Queue(redis, "bench").put((number, "a0", Errand.SEND) for number in range(COUNT))
    return (time.perf_counter() - began) * 1000


def measure(due_in: timedelta) -> tuple[float, float]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        server = EmbeddedRedis(folder / "redis")
        server.start()
        with Redis.from_url(server.url) as redis:
            reference = bare(redis)
            redis.flushall()
            engine = a_ledger(folder)
            due_at = datetime.now(UTC) + due_in
            fill(engine, COUNT, ACCOUNTS, due_at, apart=timedelta(0))
            late = last_late(engine, redis, due_at)
            engine.dispose()
        server.stop()
    return late, reference


def _wait_until(reached: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not reached():
        assert time.monotonic() < deadline
        time.sleep(0.001)


def main() -> None:
    for words, due_in in (("asleep until then", AHEAD), ("down over the due time", -timedelta(hours=1))):
        rounds = sorted(measure(due_in) for _ in range(5))
        late, reference = rounds[len(rounds) // 2]
        report(f"1,000 due at once, {words}: last released", late, "ms", late / reference, "bare XADD")


if __name__ == "__main__":
    main()
