from datetime import UTC, datetime, time, timedelta

import pytest

from scheduler.plan import BEIJING, Go, Hold, Rules, Standing, Wait, plan
from tests.support import NOW

NIGHT = Rules(quiet_from=time(22), quiet_until=time(7))


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=BEIJING)


def test_without_rules_it_goes() -> None:
    assert plan(NOW, Rules(), Standing(), NOW) == Go()


@pytest.mark.parametrize(
    ("now", "until"),
    [
        (at(22, 22), at(23, 7)),
        (at(22, 23, 59), at(23, 7)),
        (at(23, 0), at(23, 7)),
        (at(23, 6, 59), at(23, 7)),
    ],
)
def test_quiet_hours_end_in_the_morning(now: datetime, until: datetime) -> None:
    verdict = plan(now, NIGHT, Standing(), now.astimezone(UTC))
    assert isinstance(verdict, Wait)
    assert verdict.until == until


@pytest.mark.parametrize("now", [at(23, 7), at(23, 12), at(23, 21, 59)])
def test_the_day_is_not_quiet(now: datetime) -> None:
    assert plan(now, NIGHT, Standing(), now) == Go()


def test_quiet_hours_within_a_day() -> None:
    noon = Rules(quiet_from=time(12), quiet_until=time(14))
    assert plan(NOW, noon, Standing(), at(23, 13)) == Wait(
        at(23, 14), "现在是安静时段，11月23日14:00后发出。"
    )
    assert plan(NOW, noon, Standing(), at(23, 14)) == Go()


def test_a_used_up_day_waits_for_midnight() -> None:
    verdict = plan(NOW, Rules(per_day=1), Standing(NOW, 1), NOW)
    assert verdict == Wait(at(24, 0), "今天的1次已用完，明天发出。")


def test_posts_keep_their_distance() -> None:
    rules = Rules(spacing=timedelta(minutes=10))
    verdict = plan(NOW, rules, Standing(NOW - timedelta(minutes=4), 1), NOW)
    assert verdict == Wait(NOW + timedelta(minutes=6), "与上一条保持间隔，11月23日10:06发出。")
    assert plan(NOW, rules, Standing(NOW - timedelta(minutes=10), 1), NOW) == Go()


def test_a_resting_account_waits_and_says_why() -> None:
    until = NOW + timedelta(minutes=10)
    verdict = plan(NOW, Rules(), Standing(paused_until=until, pause_sentence="请更新授权。"), NOW)
    assert verdict == Wait(until, "账号暂停中：请更新授权。")


def test_what_is_late_is_held_for_a_person() -> None:
    rules = Rules(late_after=timedelta(hours=1))
    verdict = plan(NOW - timedelta(minutes=61), rules, Standing(), NOW)
    assert verdict == Hold("已超过原定时间1小时1分钟，请确认是否还要发布。")
    assert plan(NOW - timedelta(minutes=60), rules, Standing(), NOW) == Go()


def test_an_account_waits_while_a_delivery_of_its_is_in_doubt() -> None:
    until = NOW + timedelta(minutes=3)
    verdict = plan(NOW, Rules(), Standing(doubt_until=until), NOW)
    assert verdict == Wait(until, "上一条的结果还在查对，查清后再发。")
