from datetime import UTC, datetime

import pytest
from redis import Redis

from channels.errors import Throttled
from scheduler.limits import RedisMeter
from scheduler.plan import BEIJING
from tests.support import NOW, StandingClock


def test_calls_are_counted_by_name_and_together(redis: "Redis") -> None:
    meter = RedisMeter(redis, "town", StandingClock(), {})
    meter.take("draft/add")
    meter.take("draft/add", 2)
    meter.take("draft/get")
    assert meter.used() == {"draft/add": 3, "draft/get": 1, "": 4}


def test_the_days_limit_stops_until_beijing_midnight(redis: "Redis") -> None:
    meter = RedisMeter(redis, "town", StandingClock(), {"draft/add": 2})
    meter.take("draft/add", 2)
    with pytest.raises(Throttled, match="明天") as caught:
        meter.take("draft/add")
    assert caught.value.until == datetime(2026, 11, 24, tzinfo=BEIJING)


def test_a_new_beijing_day_starts_at_nothing(redis: "Redis") -> None:
    clock = StandingClock(datetime(2026, 11, 23, 15, 59, tzinfo=UTC))
    meter = RedisMeter(redis, "town", clock, {"": 1})
    meter.take("share")
    clock.forward(minutes=1)
    meter.take("share")
    assert meter.used() == {"share": 1, "": 1}


def test_accounts_do_not_count_for_each_other(redis: "Redis") -> None:
    RedisMeter(redis, "town", StandingClock(NOW), {}).take("share")
    assert RedisMeter(redis, "county", StandingClock(NOW), {}).used() == {}
