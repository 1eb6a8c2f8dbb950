"""Deliveries a second: plan -> Redis -> claim -> no-op channel -> record, SQLite FULL, one process.

Spread over 16 accounts, as a county hosts them for its towns; one account goes one post after the other.
Reference in the same run: Celery (solo pool, Redis, no result store) on the same no-op.

    python -m tests.benchmarks.bench_deliveries [--count 3000] [--accounts 16] [--threads 16]
"""

import argparse
import logging
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import structlog
from redis import Redis

from channels.base import Channel
from scheduler.clock import Clock, Lead, Release
from scheduler.crew import Crew
from scheduler.delivery import Terms
from scheduler.embedded import EmbeddedRedis
from scheduler.plan import Rules
from scheduler.queue import Queue
from scheduler.worker import Worker
from tests.benchmarks.parts import NoOp, a_ledger, fill, report

CELERY = Path(__file__).with_name("celery_noop.py")


def gongbao(folder: Path, redis: "Redis", count: int, accounts: int, threads: int) -> float:
    """Deliveries a second, from the first release to the last record."""
    redis.flushall()
    engine = a_ledger(folder)
    names = [f"a{number}" for number in range(accounts)]
    fill(engine, count, names, datetime.now(UTC))
    channel = NoOp(count)
    rules = dict.fromkeys(names, Rules())
    channels: dict[str, Channel] = dict.fromkeys(names, channel)
    queue = Queue(redis, "bench")
    now = lambda: datetime.now(UTC)  # noqa: E731
    worker = Worker(engine, channels, clock=now, name="bench")
    crew = Crew(queue, worker, threads, now)
    clock = Clock(
        engine, queue, Lead(redis, "bench"), Release(engine, queue, rules, Terms(), "bench"), now=now
    )
    began = time.perf_counter()
    crew.start()
    clock.start()
    assert channel.full.wait(300)
    crew.stop(30)
    seconds = time.perf_counter() - began
    clock.stop(5)
    engine.dispose()
    return count / seconds


def celery(redis_url: str, count: int, folder: Path) -> float:
    """Jobs a second of a solo worker that finds them all waiting."""
    answer = subprocess.run(
        [sys.executable, str(CELERY), redis_url, str(count), str(folder / "done")],
        capture_output=True,
        text=True,
        check=True,
    )
    return float(answer.stdout.split()[-1])


def main() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=3000)
    parser.add_argument("--accounts", type=int, default=16)
    parser.add_argument("--threads", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=3)
    wanted = parser.parse_args()
    ours, theirs = [], []
    for _ in range(wanted.rounds):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            server = EmbeddedRedis(folder / "redis")
            server.start()
            with Redis.from_url(server.url) as redis:
                theirs.append(celery(f"redis+socket://{server.socket}", wanted.count, folder))
                ours.append(gongbao(folder, redis, wanted.count, wanted.accounts, wanted.threads))
            server.stop()
    our, their = sorted(ours)[len(ours) // 2], sorted(theirs)[len(theirs) // 2]
    report("celery, solo pool, redis, no results", their, "jobs/s")
    report("deliveries, SQLite FULL, one process", our, "deliveries/s", our / their, "celery")


if __name__ == "__main__":
    main()
