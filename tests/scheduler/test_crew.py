import threading
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from redis import Redis
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from channels.base import Channel, Parcel, Receipt
from scheduler import ledger
from scheduler.clock import Clock, Lead, Release
from scheduler.crew import Crew, Lanes
from scheduler.database import reading
from scheduler.delivery import State, Terms
from scheduler.plan import Rules
from scheduler.queue import Entry, Errand, Queue
from scheduler.worker import Worker
from tests.support import NOW, MemoryChannel, StandingClock, claim, queue_one


def entry(number: int, account: str = "town") -> Entry:
    return Entry(str(number).encode(), number, account)


def test_a_lane_hands_out_one_entry_at_a_time_in_order() -> None:
    lanes = Lanes()
    lanes.add([entry(1), entry(2), entry(3, "county")])
    assert lanes.take(9) == [entry(1), entry(3, "county")]
    assert lanes.take(9) == []
    lanes.done(entry(1))
    assert lanes.take(9) == [entry(2)]


def test_an_entry_put_twice_waits_once() -> None:
    lanes = Lanes()
    lanes.add([entry(1)])
    again = Entry(b"other id", 1, "town")
    assert lanes.add([again]) == [again]
    assert len(lanes) == 1


def test_clearing_takes_out_what_waits_and_not_what_is_in_hand() -> None:
    lanes = Lanes()
    lanes.add([entry(1), entry(2), entry(3, "county")])
    lanes.take(1)
    assert lanes.clear_all() == [entry(2), entry(3, "county")]
    lanes.done(entry(1))
    assert not lanes.ready()


class Counting(MemoryChannel):
    """Tells when it has published as many as wanted."""

    def __init__(self, wanted: int) -> None:
        super().__init__()
        self.wanted, self.full = wanted, threading.Event()

    def publish(self, parcel: Parcel) -> Receipt:
        receipt = super().publish(parcel)
        if len(self.out) == self.wanted:
            self.full.set()
        return receipt


def run(engine: Engine, redis: "Redis", channel: Counting) -> tuple[Clock, Crew]:
    clock = StandingClock()
    queue = Queue(redis, "a")
    channels: dict[str, Channel] = dict.fromkeys(("town", "county", "village"), channel)
    worker = Worker(engine, channels, clock=clock, name="worker")
    release = Release(engine, queue, dict.fromkeys(("town", "county", "village"), Rules()), Terms(), "clock")
    return (
        Clock(engine, queue, Lead(redis, "clock"), release, now=clock),
        Crew(queue, worker, 4, clock),
    )


def test_clock_and_crew_bring_everything_out_once(engine: Engine, redis: "Redis") -> None:
    names = ("town", "county", "village")
    for number in range(60):
        queue_one(engine, account=names[number % 3], key=f"{number:032x}")
    channel = Counting(60)
    clock, crew = run(engine, redis, channel)
    clock.start()
    crew.start()
    assert channel.full.wait(30)
    assert crew.stop(30)
    clock.stop(5)
    assert len(set(channel.out)) == len(channel.out) == 60
    with reading(engine) as connection:
        assert ledger.counts(connection) == {State.PUBLISHED: 60}


class Slow(MemoryChannel):
    """Holds each publication until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.begun, self.let_go = threading.Event(), threading.Event()

    def publish(self, parcel: Parcel) -> Receipt:
        self.begun.set()
        self.let_go.wait(30)
        return super().publish(parcel)


def test_a_graceful_stop_finishes_what_is_in_hand_and_hands_back_the_rest(
    engine: Engine, redis: "Redis"
) -> None:
    for number in range(3):
        queue_one(engine, key=f"{number:032x}")
    channel, clock = Slow(), StandingClock()
    queue = Queue(redis, "a")
    crew = Crew(queue, Worker(engine, {"town": channel}, clock=clock, name="worker"), 2, clock)
    Release(engine, queue, dict.fromkeys(("town", "county", "village"), Rules()), Terms(), "clock").due(NOW)
    crew.start()
    assert channel.begun.wait(10)
    channel.let_go.set()
    assert crew.stop(30)
    with reading(engine) as connection:
        assert State.SENDING not in ledger.counts(connection)
        out = ledger.counts(connection).get(State.PUBLISHED, 0)
    assert out == len(channel.out) >= 1
    assert queue.waiting() == 0


def test_a_database_that_goes_away_does_not_end_the_bookkeeper(engine: Engine, redis: "Redis") -> None:
    first, second = queue_one(engine, key="a" * 32), queue_one(engine, account="county", key="b" * 32)
    claim(engine, first)
    channel, clock = Counting(1), StandingClock()
    worker = Unable(engine, {"town": channel, "county": channel}, clock=clock, name="worker")
    queue = Queue(redis, "a")
    crew = Crew(queue, worker, 2, clock)
    third = queue_one(engine, key="c" * 32)
    queue.put([(third, "town", Errand.SEND), (second, "county", Errand.SEND)])
    crew.start()
    assert channel.full.wait(30)
    assert worker.asked.wait(30)
    assert crew.alive()
    assert crew.stop(30)


class Unable(Worker):
    """Its database is away just when something is to be handed back."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.asked = threading.Event()

    def hand_back(self, ids: Sequence[int], until: datetime) -> None:
        self.asked.set()
        raise OperationalError("UPDATE deliveries", {}, Exception("gone"))
