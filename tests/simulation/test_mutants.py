"""Builds that are broken on purpose: the drill must see each of them."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from itertools import islice
from typing import Any

import pytest
from sqlalchemy import Connection, update

from bot.drill import search, story
from bot.drill.machine import Machine
from bot.drill.story import Story, What
from channels.base import LookedUp, NotThere
from channels.emulator import Fault
from channels.errors import ChannelError, Uncertain
from scheduler import ledger
from scheduler.clock import Release
from scheduler.database import reading
from scheduler.delivery import Change, Delivery, Event, State, Terms
from scheduler.ledger import Job
from scheduler.queue import Entry
from scheduler.tables import deliveries
from scheduler.worker import Worker

ROUNDS = 150

Patch = pytest.MonkeyPatch


def claim_without_guard(patch: Patch) -> None:
    """Whoever has an entry sends, wherever the delivery stands."""
    right = ledger.claim

    def claim(
        connection: Connection, ids: Sequence[int], now: datetime, terms: Terms | None = None
    ) -> list[Job]:
        connection.execute(update(deliveries).where(deliveries.c.id.in_(ids)).values(state=State.QUEUED))
        return right(connection, ids, now, terms)

    patch.setattr(ledger, "claim", claim)


def retry_on_time_out(patch: Patch) -> None:
    """No answer counts as a refusal."""
    right = Delivery.refused

    def refused(self: Delivery, error: Exception, now: datetime) -> Change:
        if isinstance(error, Uncertain):
            return self._after(Event.DEFER, error, wake_at=now + self.terms.back_off)
        return right(self, error, now)

    patch.setattr(Delivery, "refused", refused)


def lapse_sends_again(patch: Patch) -> None:
    """A worker that went silent counts as one that sent nothing."""
    patch.setattr(Delivery, "lapsed", lambda self, now: self._after(Event.DEFER, wake_at=now))


def no_lease(patch: Patch) -> None:
    """Nobody asks after a worker that went silent."""
    patch.setattr(Release, "_lapse", lambda *_: None)


def sent_before_the_claim_is_committed(patch: Patch) -> None:
    right = Worker.exchange

    def exchange(self: Worker, done: Any, wanted: Sequence[Entry]) -> Any:
        with reading(self._engine) as connection:
            jobs = ledger.load_jobs(connection, [entry.delivery_id for entry in wanted])
        for job in jobs:
            if job.item.state is State.QUEUED:
                with suppress(ChannelError):
                    self._channels[job.item.account].publish(self._parcel(job))
        return right(self, done, wanted)

    patch.setattr(Worker, "exchange", exchange)


def believes_the_first_look(patch: Patch) -> None:
    """Not there at once counts as not there for ever."""
    right = Delivery.looked_up

    def looked_up(self: Delivery, found: LookedUp, now: datetime) -> Change:
        if isinstance(found, NotThere):
            found = NotThere(found.evidence, certain=True)
        return right(self, found, now)

    patch.setattr(Delivery, "looked_up", looked_up)


def late_sender(patch: Patch) -> None:
    """A process that slept past its lease sends all the same."""
    patch.setattr(Worker, "_still_ours", lambda *_: True)


MUTANTS: list[tuple[Callable[[Patch], None], str]] = [
    (claim_without_guard, What.REDIS_AFTER),
    (retry_on_time_out, Fault.SLOW_AFTER),
    (lapse_sends_again, What.CRASH_AFTER),
    (no_lease, What.CRASH_AFTER),
    (sent_before_the_claim_is_committed, What.CRASH_AFTER),
    (believes_the_first_look, What.LATE),
    (late_sender, What.PAUSE),
]


@pytest.mark.parametrize(("mutant", "word"), MUTANTS, ids=[mutant.__name__ for mutant, _ in MUTANTS])
def test_the_drill_catches_a_broken_build(
    machine: Machine, monkeypatch: Patch, mutant: Callable[[Patch], None], word: str
) -> None:
    mutant(monkeypatch)
    assert any(search.play(machine, told).complaints for told in rounds(word))


@pytest.mark.parametrize("word", sorted({word for _, word in MUTANTS}))
def test_the_true_build_passes_the_same_stories(machine: Machine, word: str) -> None:
    assert [told.seed for told in islice(rounds(word), 6) if search.play(machine, told).complaints] == []


def rounds(word: str) -> Iterable[Story]:
    return (story.drawn(seed, word) for seed in range(ROUNDS))
