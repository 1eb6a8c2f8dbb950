from datetime import UTC, datetime
from pathlib import Path

import pytest
from redis import Redis
from sqlalchemy import Engine

from channels.base import Limits, Quota, Span, Spent
from channels.errors import Throttled, Unavailable
from channels.weibo import quotas as weibo
from scheduler.limits import Gauge, RedisMeter, quotas
from scheduler.plan import BEIJING, Rules, Standing
from tests.support import NOW, StandingClock

TOMORROW = datetime(2026, 11, 24, tzinfo=BEIJING)


class Counted:
    """Meters of one office: any number of processes, one Redis, one ledger."""

    def __init__(self, redis: "Redis", engine: Engine) -> None:
        self.redis, self.engine, self.clock = redis, engine, StandingClock()

    def meter(self, limits: Limits | None = None, account: str = "town") -> RedisMeter:
        return RedisMeter(self.redis, self.engine, account, self.clock, limits or Limits())


@pytest.fixture
def counted(redis: "Redis", engine: Engine) -> Counted:
    return Counted(redis, engine)


def test_calls_are_counted_by_name_and_together(counted: Counted) -> None:
    meter = counted.meter()
    meter.take("draft/add")
    meter.take("draft/add", 2)
    meter.take("draft/get")
    assert counted.meter().used() == {"draft/add": 3, "draft/get": 1, "": 4}


def test_the_days_limit_stops_until_beijing_midnight(counted: Counted) -> None:
    meter = counted.meter(Limits({"draft/add": 2}))
    meter.take("draft/add", 2)
    with pytest.raises(Throttled, match="明天") as caught:
        meter.take("draft/add")
    assert caught.value.until == TOMORROW


def test_a_call_that_was_not_made_is_not_counted(counted: Counted) -> None:
    meter = counted.meter(Limits({"": 1}))
    meter.take("share")
    for _ in range(3):
        with pytest.raises(Throttled):
            meter.take("share")
    assert meter.used()[""] == 1


def test_a_new_beijing_day_starts_at_nothing(counted: Counted) -> None:
    counted.clock.now = datetime(2026, 11, 23, 15, 59, tzinfo=UTC)
    meter = counted.meter(Limits({"": 1}))
    meter.take("share")
    counted.clock.forward(minutes=1)
    meter.take("share")
    assert meter.used() == {"share": 1, "": 1}


def test_accounts_do_not_count_for_each_other(counted: Counted) -> None:
    counted.meter(account="county").take("share")
    assert counted.meter().used() == {}


def test_reading_comments_never_starves_posting(counted: Counted) -> None:
    meter = counted.meter(weibo.limits("share"))
    meter.take("comments/to_me", weibo.CALLS_A_DAY - weibo.KEPT_FOR_POSTS)
    with pytest.raises(Throttled, match="留给发布"):
        meter.take("comments/to_me")
    for _ in range(weibo.KEPT_FOR_POSTS // 2):
        meter.take("statuses/share")
        meter.take("statuses/user_timeline")
    with pytest.raises(Throttled, match="100 次"):
        meter.take("statuses/share")


def test_posting_may_use_what_nobody_reads(counted: Counted) -> None:
    meter = counted.meter(weibo.limits("share"))
    meter.take("statuses/share", weibo.CALLS_A_DAY)
    with pytest.raises(Throttled):
        meter.take("comments/to_me")


@pytest.mark.parametrize(("made", "found"), [(9, 0), (10, 19), (47, 49)])
def test_a_flushed_redis_is_filled_from_the_ledger(counted: Counted, made: int, found: int) -> None:
    meter = counted.meter()
    for _ in range(made):
        meter.take("share")
    counted.redis.flushall()
    assert meter.used().get("", 0) == found
    meter.take("share")
    meter.take("share")
    assert meter.used()[""] == found + 2


def test_a_flush_does_not_give_a_used_up_day_back(counted: Counted) -> None:
    meter = counted.meter(Limits({"": 10}))
    meter.take("share", 10)
    counted.redis.flushall()
    with pytest.raises(Throttled):
        meter.take("share")


def test_yesterdays_calls_are_not_todays_after_a_loss(counted: Counted) -> None:
    counted.meter().take("share", 50)
    counted.redis.flushall()
    counted.clock.forward(days=1)
    counted.meter().take("share")
    assert counted.meter().used() == {"share": 1, "": 1}


def test_the_platforms_own_figures_count_more(counted: Counted) -> None:
    meter = counted.meter(Limits({"": 100}))
    meter.take("share", 3)
    meter.correct({"": Spent(used=7, most=8)})
    meter.take("share")
    assert meter.gauges() == [Gauge("", 8, 8, TOMORROW)]
    with pytest.raises(Throttled):
        meter.take("share")
    counted.redis.delete("gongbao:calls:town:20261123")
    assert meter.used()[""] >= 8


def test_figures_that_come_first_are_not_doubled_by_the_ledger(counted: Counted) -> None:
    counted.meter().take("draft/add", 10)
    counted.redis.flushall()
    counted.meter().correct({"draft/add": Spent(used=10, most=1000)})
    counted.meter().take("draft/add")
    assert counted.meter().used()["draft/add"] == 11


def test_room_is_what_the_scarcest_call_allows(counted: Counted) -> None:
    limits = Limits({"": 100, "submit": 10, "draft": 1000}, needs={"submit": 1, "draft": 2})
    meter = counted.meter(limits)
    assert meter.room() == 10
    meter.take("submit", 4)
    assert meter.room() == 6
    meter.take("other", 80)
    assert meter.room() == (100 - 84) // 3
    assert counted.meter().room() is None


def test_a_left_over_is_never_below_nothing() -> None:
    assert Gauge("", 120, 100, TOMORROW).left == 0


def test_without_redis_no_call_is_made(engine: Engine, tmp_path: Path) -> None:
    nobody = Redis(unix_socket_path=str(tmp_path / "nobody.sock"))
    with pytest.raises(Unavailable, match="Redis"):
        RedisMeter(nobody, engine, "town", StandingClock(), Limits()).take("share")


def test_quotas_are_shown_as_far_as_they_are_used() -> None:
    rules = Rules(quotas=(Quota("群发", 4, Span.MONTH),))
    (shown,) = quotas(rules, Standing((NOW,)), NOW)
    assert shown == Gauge("这个月的群发", 1, 4, datetime(2026, 12, 1, tzinfo=BEIJING))
