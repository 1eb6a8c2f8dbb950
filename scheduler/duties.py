"""What comes round by the clock on the wall: APScheduler calls the duties, nothing is stored in it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from redis import Redis
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)

HEARTBEAT = "gongbao:heartbeat:"
HEARTBEAT_EVERY = timedelta(seconds=5)
HEARTBEAT_KEPT = timedelta(seconds=20)


@dataclass(frozen=True)
class Duty:
    """`call` is made every `every`; a missed turn is made up once, and no turn overtakes the one before."""

    name: str
    every: timedelta
    call: Callable[[], object]


class Duties:
    def __init__(self, duties: list[Duty]) -> None:
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        )
        for duty in duties:
            self._scheduler.add_job(
                _quietly(duty),
                "interval",
                seconds=duty.every.total_seconds(),
                id=duty.name,
                next_run_time=datetime.now(UTC),
            )

    def start(self) -> None:
        self._scheduler.start()

    def stop(self) -> None:
        self._scheduler.shutdown(wait=False)


class Heartbeat:
    """Says in Redis that `process` plays a role; without Redis nobody is seen, and readiness says so."""

    def __init__(self, redis: "Redis", process: str = "") -> None:
        self._redis, self._process = redis, process

    def beat(self, role: str, now: datetime) -> None:
        pipe = self._redis.pipeline()
        pipe.zadd(HEARTBEAT + role, {self._process: now.timestamp()})
        pipe.zremrangebyscore(HEARTBEAT + role, "-inf", (now - HEARTBEAT_KEPT).timestamp())
        pipe.expire(HEARTBEAT + role, HEARTBEAT_KEPT)
        pipe.execute()

    def end(self, roles: Iterable[str]) -> None:
        """This process plays them no more."""
        try:
            for role in roles:
                self._redis.zrem(HEARTBEAT + role, self._process)
        except RedisError as error:
            log.warning("heartbeat not ended", reason=type(error).__name__)

    def alive(self, role: str) -> bool:
        """Whether some process plays it."""
        return bool(self._redis.exists(HEARTBEAT + role))


def _quietly(duty: Duty) -> Callable[[], None]:
    """A duty that fails is logged and has its next turn."""

    def turn() -> None:
        try:
            duty.call()
        except Exception as error:
            log.warning("duty failed", duty=duty.name, reason=type(error).__name__)

    return turn
