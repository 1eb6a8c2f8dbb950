from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.base import Quota, Span
from scheduler.plan import BEIJING, Go, Hold, Rules, Standing, Wait, begins, ends, plan
from tests.support import NOW

A_POST_AN_HOUR = Quota("微博", 1, Span.HOUR)
A_BROADCAST_A_DAY = Quota("群发", 1, Span.DAY)
A_BROADCAST_A_MONTH = Quota("群发", 1, Span.MONTH)
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
    verdict = plan(NOW, Rules(per_day=1), Standing((NOW,)), NOW)
    assert verdict == Wait(at(24, 0), "今天的投递（1 次）已用完，11月24日00:00后发出。")


@pytest.mark.parametrize(
    ("quota", "until", "sentence"),
    [
        (A_POST_AN_HOUR, at(23, 11), "这个小时的微博（1 次）已用完，11月23日11:00后发出。"),
        (A_BROADCAST_A_DAY, at(24, 0), "今天的群发（1 次）已用完，11月24日00:00后发出。"),
        (A_BROADCAST_A_MONTH, datetime(2026, 12, 1, tzinfo=BEIJING), "12月1日00:00后发出。"),
    ],
)
def test_a_quota_waits_for_the_next_hour_day_or_month(quota: Quota, until: datetime, sentence: str) -> None:
    verdict = plan(NOW, Rules(quotas=(quota,)), Standing((NOW,)), NOW + timedelta(minutes=59))
    assert isinstance(verdict, Wait)
    assert verdict.until == until
    assert verdict.sentence.endswith(sentence)
    assert plan(NOW, Rules(quotas=(quota,)), Standing((NOW,)), until) == Go()


def test_of_two_quotas_the_longer_wait_counts() -> None:
    rules = Rules(quotas=(A_BROADCAST_A_DAY, A_BROADCAST_A_MONTH))
    verdict = plan(NOW, rules, Standing((NOW,)), NOW)
    assert isinstance(verdict, Wait)
    assert verdict.until == datetime(2026, 12, 1, tzinfo=BEIJING)


def test_what_is_let_go_takes_its_place_at_once() -> None:
    standing = Standing(room=2).after_one_more(NOW)
    assert plan(NOW, Rules(), standing, NOW) == Go()
    assert isinstance(plan(NOW, Rules(per_day=1), standing, NOW), Wait)
    last = plan(NOW, Rules(), standing.after_one_more(NOW), NOW)
    assert last == Wait(at(24, 0), "今天剩下的接口次数不够再发一条，11月24日00:00后发出。")


@given(st.integers(0, 40_000_000), st.sampled_from(Span))
def test_a_span_ends_where_the_next_begins(seconds: int, span: Span) -> None:
    now = NOW + timedelta(seconds=seconds)
    assert begins(span, now) <= now < ends(span, now)
    assert begins(span, ends(span, now)) == ends(span, now)
    assert begins(span, ends(span, now) - timedelta(microseconds=1)) == begins(span, now)


def test_rules_look_back_no_further_than_they_must() -> None:
    assert Rules().looks_back_to(NOW) == NOW
    assert Rules(spacing=timedelta(hours=1), per_day=9).looks_back_to(NOW) == at(23, 0)
    assert Rules(per_day=9, quotas=(A_BROADCAST_A_MONTH,)).looks_back_to(NOW) == at(1, 0)


def test_posts_keep_their_distance() -> None:
    rules = Rules(spacing=timedelta(minutes=10))
    verdict = plan(NOW, rules, Standing((NOW - timedelta(minutes=4),)), NOW)
    assert verdict == Wait(NOW + timedelta(minutes=6), "与上一条保持间隔，11月23日10:06发出。")
    assert plan(NOW, rules, Standing((NOW - timedelta(minutes=10),)), NOW) == Go()


def test_a_resting_account_waits_and_says_why() -> None:
    until = NOW + timedelta(minutes=10)
    verdict = plan(NOW, Rules(), Standing(paused_until=until, pause_sentence="请更新授权。"), NOW)
    assert verdict == Wait(until, "账号暂停中：请更新授权。")


def test_what_is_late_is_held_for_a_person() -> None:
    rules = Rules(late_after=timedelta(hours=1))
    verdict = plan(NOW - timedelta(minutes=61), rules, Standing(), NOW)
    assert verdict == Hold("已超过原定时间1小时1分钟，请确认是否还要发布。")
    assert plan(NOW - timedelta(minutes=60), rules, Standing(), NOW) == Go()


def test_waiting_out_the_quiet_hours_is_not_late() -> None:
    rules = Rules(time(22), time(7), late_after=timedelta(hours=1))
    assert plan(at(22, 23), rules, Standing(), at(23, 7)) == Go()
    assert isinstance(plan(at(22, 23), rules, Standing(), at(23, 8, 1)), Hold)


@pytest.mark.parametrize("now", [at(24, 0), at(24, 8, 30), at(30, 9)])
def test_a_broadcast_that_missed_its_day_is_held(now: datetime) -> None:
    verdict = plan(at(23, 8, 30), Rules(same_day=True), Standing(), now)
    assert verdict == Hold("原定11月23日08:30发出，当天没有发出，请确认是否还要发布。")


def test_until_midnight_a_broadcast_is_of_its_day() -> None:
    assert plan(at(23, 8, 30), Rules(same_day=True), Standing(), at(23, 23, 59)) == Go()


def test_an_account_waits_while_a_delivery_of_its_is_in_doubt() -> None:
    until = NOW + timedelta(minutes=3)
    verdict = plan(NOW, Rules(), Standing(doubt_until=until), NOW)
    assert verdict == Wait(until, "上一条的结果还在查对，查清后再发。")
