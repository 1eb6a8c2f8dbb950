from datetime import timedelta

import pytest
from sqlalchemy import Engine, update

from channels.base import Channel, Receipt
from channels.errors import ContentRefused, Duplicate, Throttled, Unavailable, Uncertain
from scheduler import ledger
from scheduler.database import reading
from scheduler.delivery import Delivery, State
from scheduler.plan import Rules
from scheduler.queue import Entry
from scheduler.tables import posts
from scheduler.worker import Worker
from tests.support import NOW, MemoryChannel, StandingClock, an_entry, claim, queue_one


class Stage:
    """A worker with one account, its platform in memory, and a clock that stands still."""

    def __init__(self, engine: Engine, *answers: Exception | Receipt, rules: Rules | None = None) -> None:
        self.engine, self.clock, self.channel = engine, StandingClock(), MemoryChannel(*answers)
        channels: dict[str, Channel] = {"town": self.channel}
        self.worker = Worker(
            engine,
            channels,
            clock=self.clock,
            name="worker",
            rules={"town": rules} if rules else {},
        )
        self.id = queue_one(engine)

    def delivery(self) -> Delivery:
        with reading(self.engine) as connection:
            return ledger.load(connection, self.id)

    def step(self, **later: float) -> State:
        self.clock.forward(**later)
        self.worker.handle(an_entry(self.delivery()))
        return self.delivery().state


def test_a_post_goes_out_once(engine: Engine) -> None:
    stage = Stage(engine)
    assert stage.step() is State.PUBLISHED
    assert stage.step() is State.PUBLISHED
    assert len(stage.channel.out) == 1


def test_a_platform_that_could_not_be_reached_is_tried_again(engine: Engine) -> None:
    stage = Stage(engine, Unavailable())
    assert stage.step() is State.QUEUED
    assert stage.step(minutes=1) is State.PUBLISHED
    assert stage.delivery().attempt == 2


def test_an_unknown_outcome_that_was_out_is_found_and_not_sent_again(engine: Engine) -> None:
    stage = Stage(engine, Uncertain())
    assert stage.step() is State.UNCERTAIN
    stage.channel.out.append(stage.delivery().key)
    assert stage.step(minutes=1) is State.PUBLISHED
    assert len(stage.channel.out) == 1


def test_an_unknown_outcome_that_was_not_out_goes_again_after_three_looks(engine: Engine) -> None:
    stage = Stage(engine, Uncertain())
    states = [stage.step(minutes=10) for _ in range(5)]
    assert states == [State.UNCERTAIN, State.UNCERTAIN, State.UNCERTAIN, State.QUEUED, State.PUBLISHED]
    assert len(stage.channel.out) == 1


def test_what_nobody_foresaw_is_looked_up(engine: Engine) -> None:
    assert Stage(engine, ZeroDivisionError()).step() is State.UNCERTAIN


def test_a_duplicate_is_adopted(engine: Engine) -> None:
    stage = Stage(engine, Duplicate())
    stage.channel.out.append(stage.delivery().key)
    assert [stage.step(), stage.step()] == [State.UNCERTAIN, State.PUBLISHED]


def test_a_refused_text_ends_with_the_platforms_reason(engine: Engine) -> None:
    stage = Stage(engine, ContentRefused("标题超过32个字。", "45003"))
    assert stage.step() is State.FAILED
    with reading(engine) as connection:
        last = ledger.history(connection, stage.id)[-1]
    assert (last["code"], last["sentence"]) == ("45003", "标题超过32个字。")


def test_a_throttled_account_waits_until_it_may(engine: Engine) -> None:
    stage = Stage(engine, Throttled(NOW + timedelta(hours=1)))
    assert stage.step() is State.QUEUED
    with reading(engine) as connection:
        assert ledger.next_wake(connection) == NOW + timedelta(hours=1)


def test_an_accepted_job_is_confirmed(engine: Engine) -> None:
    stage = Stage(engine, Receipt("7", False), Unavailable(), Receipt("7", False))
    assert [stage.step() for _ in range(4)] == [State.CONFIRMING] * 3 + [State.PUBLISHED]


def test_a_changed_post_is_held_and_never_sent(engine: Engine) -> None:
    stage = Stage(engine)
    with engine.begin() as connection:
        connection.execute(update(posts).values(sha256="0" * 64))
    assert stage.step() is State.HELD
    assert stage.channel.out == []


def test_a_busy_account_is_told_apart_from_a_lost_race(engine: Engine) -> None:
    stage = Stage(engine)
    other = queue_one(engine, key="f" * 32)
    claim(engine, other)
    assert not stage.worker.handle(an_entry(stage.delivery()))


@pytest.mark.parametrize("rules", [Rules(per_day=1), Rules(spacing=timedelta(hours=30))])
def test_the_plan_is_asked_again_before_sending(engine: Engine, rules: Rules) -> None:
    stage = Stage(engine, rules=rules)
    stage.step()
    second = queue_one(engine, key="f" * 32)
    assert not stage.worker.handle(Entry(b"2", second, "town"))
    with reading(engine) as connection:
        assert ledger.load(connection, second).state is State.QUEUED
    assert len(stage.channel.out) == 1
