import threading
from datetime import timedelta

from redis import Redis

from scheduler.duties import HEARTBEAT, HEARTBEAT_KEPT, Duties, Duty, Heartbeat
from tests.support import NOW, StandingClock

SOON = timedelta(milliseconds=20)
PATIENCE = 20


class Counting:
    """Tells when it was called often enough; the first calls may fail."""

    def __init__(self, wanted: int, failures: int = 0) -> None:
        self.wanted, self.failures = wanted, failures
        self.calls = 0
        self.full = threading.Event()

    def __call__(self) -> None:
        self.calls += 1
        if self.calls >= self.wanted:
            self.full.set()
        if self.calls <= self.failures:
            raise ZeroDivisionError


def at_work(*duties: Duty) -> Duties:
    started = Duties(list(duties))
    started.start()
    return started


def test_a_duty_is_called_at_once_and_again() -> None:
    count = Counting(3)
    duties = at_work(Duty("count", SOON, count))
    assert count.full.wait(PATIENCE)
    duties.stop()


def test_a_duty_of_a_long_turn_has_its_first_at_once() -> None:
    count = Counting(1)
    duties = at_work(Duty("count", timedelta(days=1), count))
    assert count.full.wait(PATIENCE)
    duties.stop()


def test_a_duty_that_fails_has_its_next_turn_and_stops_no_other() -> None:
    failing, well = Counting(3, failures=2), Counting(3)
    duties = at_work(Duty("failing", SOON, failing), Duty("well", SOON, well))
    assert failing.full.wait(PATIENCE)
    assert well.full.wait(PATIENCE)
    duties.stop()


def test_no_turn_overtakes_the_one_before() -> None:
    begun, let_go, calls = threading.Event(), threading.Event(), []

    def slow() -> None:
        calls.append(1)
        begun.set()
        let_go.wait(PATIENCE)

    other = Counting(5)
    duties = at_work(Duty("slow", SOON, slow), Duty("other", SOON, other))
    assert begun.wait(PATIENCE)
    assert other.full.wait(PATIENCE)
    assert len(calls) == 1
    let_go.set()
    duties.stop()


def test_a_role_is_alive_as_long_as_one_process_plays_it(redis: "Redis") -> None:
    first, second = Heartbeat(redis, "first"), Heartbeat(redis, "second")
    assert not first.alive("worker")
    first.beat("worker", NOW)
    second.beat("worker", NOW)
    first.end(["worker"])
    assert Heartbeat(redis).alive("worker")
    second.end(["worker"])
    assert not Heartbeat(redis).alive("worker")


def test_roles_are_told_apart(redis: "Redis") -> None:
    Heartbeat(redis, "first").beat("scheduler", NOW)
    assert not Heartbeat(redis).alive("worker")


def test_a_heartbeat_that_stops_without_a_word_ends_by_itself(redis: "Redis") -> None:
    Heartbeat(redis, "dead").beat("worker", NOW)
    assert 0 < redis.ttl(f"{HEARTBEAT}worker") <= HEARTBEAT_KEPT.total_seconds()


def test_a_dead_process_is_forgotten_by_the_next_beat(redis: "Redis") -> None:
    clock = StandingClock()
    Heartbeat(redis, "dead").beat("worker", clock())
    alive = Heartbeat(redis, "alive")
    alive.beat("worker", clock.forward(minutes=1))
    alive.end(["worker"])
    assert not alive.alive("worker")
