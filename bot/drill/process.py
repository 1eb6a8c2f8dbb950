"""A process of the office, taken one step at a time: clock, crew and callback around the true parts.

It does what `scheduler.clock.Clock` and `scheduler.crew.Crew` do in threads. Losing the object loses all that
a crash would lose.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from requests.adapters import BaseAdapter

from bot.app import House
from bot.drill.machine import Machine
from bot.settings import Settings
from channels.base import Push
from channels.emulator import Outgoing
from scheduler import ledger
from scheduler.crew import BUSY_PAUSE, Lanes
from scheduler.queue import Entry
from scheduler.worker import Done, Work

if TYPE_CHECKING:
    from random import Random

HANDS = 2  # deliveries in hand at once
Step = Callable[[], None]


class Office(House):
    """The house of one process, on the machine that outlives it."""

    def __init__(
        self, settings: Settings, clock: Callable[[], datetime], machine: Machine, adapter: BaseAdapter
    ) -> None:
        super().__init__(settings, clock)
        self.engine, self.redis, self.adapter = machine.engine, machine.redis, adapter


class Process:
    """`name` is its place in the story; `skew` sets its clock wrong."""

    def __init__(
        self, name: str, make: Callable[["Process"], Office], machine: Machine, random: "Random"
    ) -> None:
        self.name, self.skew = name, timedelta(0)
        self._make, self._machine, self._random = make, machine, random
        self.back_at: datetime | None = None  # when it is started again
        self.start()

    def start(self) -> None:
        self.back_at = None
        self.rests_until: datetime | None = None
        self.office = self._make(self)
        self._lanes = Lanes()
        self._in_hand: dict[int, Entry] = {}
        self._wanted: list[Entry] = []
        self._jobs: list[Work] = []
        self._outcomes: list[Done] = []
        self._finished: list[Entry] = []
        self._reclaims = True

    def die(self, back_at: datetime) -> None:
        self.back_at = back_at

    def idle_until(self) -> datetime | None:
        """When it comes back, or goes on after a trouble; None: now."""
        return self.back_at or self.rests_until

    def go_on(self) -> None:
        if self.back_at is not None:
            self.start()
        self.rests_until = None

    def steps(self, next_wake: datetime | None) -> list[Step]:
        """What it could do now."""
        possible: list[tuple[bool, Step]] = [
            (self._reclaims, self._reclaim),
            (self._machine.unread > 0, self._fetch),
            (bool(self._finished), self._acknowledge),
            (self._has_books(), self._keep_books),
            (bool(self._jobs), self._work),
            (next_wake is not None and next_wake <= self.office.clock(), self._release),
        ]
        return [step for can, step in possible if can]

    def receive(self, account: str, push: Outgoing) -> bytes:
        """As `bot.webhook` does."""
        received = self.office.channels[account].receive(Push(push.method, push.query, push.body))
        if received.finished is not None:
            now, terms = self.office.clock(), self.office.terms
            ledger.finish(self.office.engine, account, received.finished, now, terms)
        return received.answer

    # The clock

    def _release(self) -> None:
        self.office.release.due(self.office.clock())

    # The crew

    def _reclaim(self) -> None:
        self._line_up(self.office.queue.reclaim(idle_ms=0))
        self._reclaims = False

    def _fetch(self) -> None:
        entries = self.office.queue.pull(self._random.choice((1, 1, 10)), 0.001)
        self._machine.unread = max(0, self._machine.unread - len(entries)) if entries else 0
        self._line_up(entries)

    def _line_up(self, entries: Sequence[Entry]) -> None:
        self._finished += self._lanes.add(entries)

    def _acknowledge(self) -> None:
        self.office.queue.ack(self._finished)
        self._finished = []

    def _has_books(self) -> bool:
        return bool(self._outcomes or self._wanted or (self._lanes.ready() and len(self._in_hand) < HANDS))

    def _keep_books(self) -> None:
        """What is done stays in hand until the database has taken it."""
        if not self._wanted:
            self._wanted = self._lanes.take(HANDS - len(self._in_hand))
            self._in_hand.update((entry.delivery_id, entry) for entry in self._wanted)
        done = list(self._outcomes)
        jobs, busy = self.office.worker.exchange(done, self._wanted)
        wanted, self._wanted, self._outcomes = self._wanted, [], []
        for outcome in done:
            self._lay_down(self._in_hand[outcome.item.id])
        self._jobs += jobs
        self._drop(wanted, {job.item.id for job in jobs}, busy)

    def _lay_down(self, entry: Entry) -> None:
        del self._in_hand[entry.delivery_id]
        self._lanes.done(entry)
        self._finished.append(entry)

    def _drop(self, wanted: Sequence[Entry], got: set[int], busy: set[int]) -> None:
        behind: list[Entry] = []
        for entry in wanted:
            if entry.delivery_id in busy:
                behind += self._lanes.clear(entry.account)
            if entry.delivery_id not in got:
                self._lay_down(entry)
        self._finished += behind
        back = [*busy, *(entry.delivery_id for entry in behind)]
        if back:
            self.office.worker.hand_back(back, self.office.clock() + BUSY_PAUSE)

    def _work(self) -> None:
        job = self._jobs.pop(self._random.randrange(len(self._jobs)))
        self._outcomes.append(self.office.worker.do(job))
