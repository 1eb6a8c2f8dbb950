from datetime import time, timedelta

from redis import Redis
from sqlalchemy import Engine

from scheduler import ledger
from scheduler.clock import LEADER, Lead, Release
from scheduler.database import reading
from scheduler.delivery import State, Terms
from scheduler.plan import Rules
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
