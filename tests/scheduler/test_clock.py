from datetime import datetime, time, timedelta

from redis import Redis
from sqlalchemy import Engine

from channels.base import Limits, Quota, Receipt, Span
from scheduler import ledger
from scheduler.clock import LEADER, Lead, Release
from scheduler.database import reading
from scheduler.delivery import State, Terms
from scheduler.limits import RedisMeter
from scheduler.plan import BEIJING, Rules
from scheduler.queue import Queue
from tests.support import NOW, claim, queue_one


def a_release(engine: Engine, redis: "Redis", rules: Rules | None = None) -> tuple[Release, Queue]:
    queue = Queue(redis, "a")
    queue.pull(1, 0.01)
    return Release(engine, queue, {"town": rules or Rules()}, Terms(), "clock"), queue


def pulled(queue: Queue) -> list[int]:
    return [entry.delivery_id for entry in queue.pull(2000, 0.01)]


def test_what_is_due_is_put_once(engine: Engine, redis: "Redis") -> None:
    release, queue = a_release(engine, redis)
    due = queue_one(engine, key="a" * 32)
    queue_one(engine, due_at=NOW + timedelta(minutes=1), key="b" * 32)
    assert release.due(NOW) == 1
    assert release.due(NOW) == 0
    assert pulled(queue) == [due]


def test_what_was_put_and_not_claimed_is_put_again(engine: Engine, redis: "Redis") -> None:
    release, queue = a_release(engine, redis)
    due = queue_one(engine)
    release.due(NOW)
    redis.flushall()
    queue.pull(1, 0.01)
    release.due(NOW + Terms().put_again)
    assert pulled(queue) == [due]


def test_a_lease_that_ended_becomes_doubt(engine: Engine, redis: "Redis") -> None:
    release, _ = a_release(engine, redis)
    due = queue_one(engine)
    claim(engine, due)
    release.due(NOW + Terms().lease)
    with reading(engine) as connection:
        assert ledger.load(connection, due).state is State.UNCERTAIN


def test_quiet_hours_put_off_and_say_so(engine: Engine, redis: "Redis") -> None:
    release, queue = a_release(engine, redis, Rules(quiet_from=time(9), quiet_until=time(12)))
    queue_one(engine)
    release.due(NOW)
    with reading(engine) as connection:
        (row,) = ledger.listing(connection)
        assert ledger.next_wake(connection) == NOW + timedelta(hours=2)
    assert row["sentence"] == "现在是安静时段，11月23日12:00后发出。"
    assert pulled(queue) == []


def test_spacing_lets_one_of_a_burst_go(engine: Engine, redis: "Redis") -> None:
    release, queue = a_release(engine, redis, Rules(spacing=timedelta(minutes=10)))
    first = queue_one(engine, key="a" * 32)
    queue_one(engine, key="b" * 32)
    release.due(NOW)
    assert pulled(queue) == [first]


def test_what_is_late_is_held(engine: Engine, redis: "Redis") -> None:
    release, queue = a_release(engine, redis, Rules(late_after=timedelta(hours=1)))
    late = queue_one(engine)
    release.due(NOW + timedelta(hours=2))
    with reading(engine) as connection:
        assert ledger.load(connection, late).state is State.HELD
    assert pulled(queue) == []


def test_one_leads_until_it_gives_up(redis: "Redis") -> None:
    first, second = Lead(redis, "first"), Lead(redis, "second")
    assert [first.hold(), second.hold(), first.hold()] == [True, False, True]
    first.give_up()
    assert second.hold()
    first.give_up()
    assert redis.get(LEADER) == b"second"


def test_an_account_that_left_the_configuration_is_held_with_its_name(engine: Engine, redis: "Redis") -> None:
    release, queue = a_release(engine, redis)
    queue_one(engine, account="gone")
    release.due(NOW)
    with reading(engine) as connection:
        (row,) = ledger.listing(connection, [State.HELD])
    assert row["sentence"] == "配置中没有账号 gone，请管理员核对。"
    assert pulled(queue) == []


def test_spacing_is_kept_after_an_outage(engine: Engine, redis: "Redis") -> None:
    rules = Rules(spacing=timedelta(minutes=10))
    release, queue = a_release(engine, redis, rules)
    waiting = [queue_one(engine, key=letter * 32) for letter in "abc"]
    back, sent = NOW + timedelta(hours=5), []
    for minute in range(25):
        now = back + timedelta(minutes=minute)
        release.due(now)
        for delivery_id in pulled(queue):
            (item,) = claim(engine, delivery_id, now=now)
            ledger.record(engine, item, item.answered(Receipt(item.key, True), now), now, "worker")
            sent.append((delivery_id, minute))
    assert sent == list(zip(waiting, [0, 10, 20], strict=True))


def test_what_was_late_by_an_outage_is_held_and_does_not_burst(engine: Engine, redis: "Redis") -> None:
    rules = Rules(late_after=timedelta(hours=1), spacing=timedelta(minutes=10))
    release, queue = a_release(engine, redis, rules)
    for letter in "abc":
        queue_one(engine, key=letter * 32)
    fresh = queue_one(engine, due_at=NOW + timedelta(hours=5), key="d" * 32)
    release.due(NOW + timedelta(hours=5))
    assert pulled(queue) == [fresh]
    with reading(engine) as connection:
        assert ledger.counts(connection) == {State.HELD: 3, State.QUEUED: 1}


def test_a_second_broadcast_of_the_day_waits_for_midnight_and_says_so(engine: Engine, redis: "Redis") -> None:
    release, queue = a_release(engine, redis, Rules(quotas=(Quota("群发", 1, Span.DAY),)))
    first, second = queue_one(engine, key="a" * 32), queue_one(engine, key="b" * 32)
    release.due(NOW)
    assert pulled(queue) == [first]
    with reading(engine) as connection:
        (row,) = ledger.listing(connection, ids=[second])
    assert row["sentence"] == "今天的群发（1 次）已用完，11月24日00:00后发出。"
    assert row["wake_at"].astimezone(BEIJING) == datetime(2026, 11, 24, tzinfo=BEIJING)


def test_no_more_is_let_go_than_the_days_calls_allow(engine: Engine, redis: "Redis") -> None:
    limits = Limits({"": 100}, needs={"share": 1, "timeline": 1})
    meter = RedisMeter(redis, engine, "town", lambda: NOW, limits)
    meter.take("comments", 95)
    queue = Queue(redis, "a")
    queue.pull(1, 0.01)
    release = Release(engine, queue, {"town": Rules()}, Terms(), "clock", {"town": meter})
    ids = [queue_one(engine, key=letter * 32) for letter in "abc"]
    release.due(NOW)
    assert pulled(queue) == ids[:2]
    with reading(engine) as connection:
        (row,) = ledger.listing(connection, ids=ids[2:])
    assert row["sentence"] == "今天剩下的接口次数不够再发一条，11月24日00:00后发出。"
