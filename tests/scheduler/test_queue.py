import time

import pytest
from redis import Redis

from scheduler.queue import Errand, Queue

ONE, TWO = (1, "town", Errand.SEND), (2, "county", Errand.ASK)


def ids(queue: Queue) -> list[int]:
    return [entry.delivery_id for entry in queue.pull(10, 0.01)]


def ready(redis: "Redis", consumer: str = "a") -> Queue:
    queue = Queue(redis, consumer)
    queue.pull(1, 0.01)  # makes the group
    return queue


def test_what_is_put_is_pulled_once_and_in_order(redis: "Redis") -> None:
    queue = ready(redis)
    queue.put([ONE, TWO])
    assert ids(queue) == [1, 2]
    assert ids(queue) == []


def test_what_was_put_before_the_group_was_made_is_pulled(redis: "Redis") -> None:
    queue = Queue(redis, "a")
    queue.put([ONE])
    assert ids(queue) + ids(queue) == [1]


def test_an_acknowledged_entry_leaves_the_stream(redis: "Redis") -> None:
    queue = ready(redis)
    queue.put([ONE])
    entries = queue.pull(10, 0.01)
    queue.ack(entries)
    queue.ack(entries)
    assert queue.waiting() == 0


def test_two_consumers_share_the_work(redis: "Redis") -> None:
    first, second = ready(redis, "a"), Queue(redis, "b")
    first.put([ONE, TWO])
    assert [first.pull(1, 0.01)[0].delivery_id, second.pull(1, 0.01)[0].delivery_id] == [1, 2]


def test_what_a_dead_worker_held_is_taken_over(redis: "Redis") -> None:
    dead, alive = ready(redis, "dead"), Queue(redis, "alive")
    dead.put([ONE])
    dead.pull(10, 0.01)
    assert [entry.delivery_id for entry in alive.reclaim(idle_ms=0)] == [1]


def test_a_flushed_redis_is_set_up_again(redis: "Redis") -> None:
    queue = ready(redis)
    queue.put([ONE])
    redis.flushall()
    assert ids(queue) == []
    assert queue.reclaim() == []
    queue.put([TWO])
    assert ids(queue) == [2]


def test_a_nudge_wakes_who_waits_and_does_not_pile_up(redis: "Redis") -> None:
    queue = Queue(redis)
    for _ in range(5):
        queue.nudge()
    queue.wait_for_nudge(10)
    assert redis.llen("gongbao:nudge") == 0


@pytest.mark.parametrize("seconds", [0.0, 0.0004, 0.001, 0.1, 0.2005, 0.3])
def test_a_wait_ends_in_time_however_short(redis: "Redis", seconds: float) -> None:
    began = time.monotonic()
    Queue(redis).wait_for_nudge(seconds)
    assert seconds <= time.monotonic() - began < seconds + 5
