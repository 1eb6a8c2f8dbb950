"""The threads that work off the queue: many accounts at once, one account's deliveries in order.

One thread fetches from the queue, one keeps the books, the others call platforms. The bookkeeper writes what
is done and claims what comes next in one transaction, so the busier it is the fewer commits a delivery costs.
"""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from queue import SimpleQueue

import structlog
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from scheduler.queue import Entry, Queue
from scheduler.worker import Done, Work, Worker

log = structlog.get_logger(__name__)

PULL_AT_ONCE = 200
PULL_SECONDS = 0.5
MOST_WAITING = 400  # entries that wait in this process; the rest stays for others
BUSY_PAUSE = timedelta(seconds=1)
TROUBLE_SECONDS = 1.0


class Lanes:
    """Entries that wait in this process, a lane for each account; a lane hands out one entry at a time."""

    def __init__(self) -> None:
        self._lanes: dict[str, deque[Entry]] = {}
        self._free: deque[str] = deque()  # accounts that have entries and none in hand
        self._known: set[int] = set()

    def __len__(self) -> int:
        return len(self._known)

    def add(self, entries: Sequence[Entry]) -> list[Entry]:
        """Line them up; returns those whose delivery is here already."""
        again = []
        for entry in entries:
            if entry.delivery_id in self._known:
                again.append(entry)
                continue
            self._known.add(entry.delivery_id)
            if entry.account not in self._lanes:
                self._lanes[entry.account] = deque()
                self._free.append(entry.account)
            self._lanes[entry.account].append(entry)
        return again

    def ready(self) -> bool:
        """Whether `take` would give something."""
        return bool(self._free)

    def take(self, most: int) -> list[Entry]:
        """The heads of up to `most` lanes that have none in hand."""
        count = min(most, len(self._free))
        return [self._lanes[self._free.popleft()].popleft() for _ in range(count)]

    def done(self, entry: Entry) -> None:
        """The lane may hand out its next."""
        self._known.discard(entry.delivery_id)
        if self._lanes[entry.account]:
            self._free.append(entry.account)
        else:
            del self._lanes[entry.account]

    def clear(self, account: str) -> list[Entry]:
        """Take out what waits behind the entry in hand."""
        lane = self._lanes.get(account, deque())
        waiting = list(lane)
        lane.clear()
        self._known.difference_update(entry.delivery_id for entry in waiting)
        return waiting

    def clear_all(self) -> list[Entry]:
        self._free.clear()
        return [entry for account in self._lanes for entry in self.clear(account)]


class Crew:
    """`threads` deliveries at once."""

    def __init__(self, queue: Queue, worker: Worker, threads: int, clock: Callable[[], datetime]) -> None:
        self._queue, self._worker, self._clock = queue, worker, clock
        self._changed = threading.Condition()  # guards all that follows
        self._lanes = Lanes()
        self._in_hand: dict[int, Entry] = {}
        self._outcomes: list[Done] = []
        self._finished: list[Entry] = []  # to be acknowledged
        self._stopping = False
        self._jobs: SimpleQueue[Work | None] = SimpleQueue()
        self._threads = threads
        self._fetcher = threading.Thread(target=self._fetch, name="fetch", daemon=True)
        self._clerk = threading.Thread(target=self._keep_books, name="books", daemon=True)
        self._hands = [
            threading.Thread(target=self._work, name=f"send-{number}", daemon=True)
            for number in range(threads)
        ]

    def start(self) -> None:
        for thread in (self._fetcher, self._clerk, *self._hands):
            thread.start()

    def alive(self) -> bool:
        """Whether it still works off the queue."""
        return self._fetcher.is_alive() and self._clerk.is_alive()

    def stop(self, seconds: float) -> bool:
        """Finish what is in hand, give back what waits. False: something was not done within `seconds`.

        What is still being sent then stays *sending*; after its lease it is looked up, not sent again.
        """
        with self._changed:
            self._stopping = True
            waiting = self._lanes.clear_all()
            self._finished += waiting
            self._changed.notify_all()
        self._hand_back([entry.delivery_id for entry in waiting], self._clock())
        self._clerk.join(seconds)
        self._fetcher.join(PULL_SECONDS * 4)
        return not self._clerk.is_alive()

    def reclaim(self) -> None:
        """Take over what dead workers held; a duty of the clock."""
        self._line_up(self._queue.reclaim())

    # The fetcher

    def _fetch(self) -> None:
        while not self._stopping:
            try:
                self._acknowledge()
                if self._room():
                    self._line_up(self._queue.pull(PULL_AT_ONCE, PULL_SECONDS))
            except RedisError as error:
                log.warning("queue unreachable", reason=type(error).__name__)
                self._wait(TROUBLE_SECONDS)
        try:
            self._clerk.join()
            self._acknowledge()
        except RedisError as error:
            log.warning("not acknowledged", reason=type(error).__name__)

    def _room(self) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: len(self._lanes) < MOST_WAITING, PULL_SECONDS)

    def _line_up(self, entries: Sequence[Entry]) -> None:
        with self._changed:
            if self._stopping:
                return  # they stay unacknowledged, for whoever reclaims them
            self._finished += self._lanes.add(entries)
            self._changed.notify_all()

    def _acknowledge(self) -> None:
        with self._changed:
            finished, self._finished = self._finished, []
        try:
            self._queue.ack(finished)
        except RedisError:
            with self._changed:
                self._finished += finished
            raise

    # The bookkeeper

    def _keep_books(self) -> None:
        while True:
            done, wanted = self._collect()
            if not done and not wanted:
                break
            self._exchange(done, wanted)
        for _ in self._hands:
            self._jobs.put(None)

    def _collect(self) -> tuple[list[Done], list[Entry]]:
        """What was done, and what may be claimed now. Neither: stopped, with nothing in hand."""
        with self._changed:
            self._changed.wait_for(self._something_to_do)
            done, self._outcomes = self._outcomes, []
            for outcome in done:
                entry = self._in_hand.pop(outcome.item.id)
                self._lanes.done(entry)
                self._finished.append(entry)
            wanted = self._lanes.take(0 if self._stopping else self._threads - len(self._in_hand))
            self._in_hand.update((entry.delivery_id, entry) for entry in wanted)
            self._changed.notify_all()
            return done, wanted

    def _something_to_do(self) -> bool:
        if self._outcomes or (self._stopping and not self._in_hand):
            return True
        free = self._threads - len(self._in_hand)
        return free > 0 and not self._stopping and self._lanes.ready()

    def _exchange(self, done: list[Done], wanted: list[Entry]) -> None:
        """Until the database has taken it: what is known of a delivery must not be lost."""
        while True:
            try:
                jobs, busy = self._worker.exchange(done, wanted)
                break
            except SQLAlchemyError as error:
                log.error("database unreachable", reason=type(error).__name__)
                self._wait(TROUBLE_SECONDS)
            except Exception as error:
                log.error("books not kept", exc_info=error)
                jobs, busy = [], set()  # after its lease each is looked up, or put again
                break
        for job in jobs:
            self._jobs.put(job)
        self._drop(wanted, {job.item.id for job in jobs}, busy)

    def _drop(self, wanted: list[Entry], got: set[int], busy: set[int]) -> None:
        """What was not got has moved on; or its account is busy or rests, and the lane waits."""
        missed = [entry for entry in wanted if entry.delivery_id not in got]
        if not missed:
            return
        with self._changed:
            behind = [
                other
                for entry in missed
                if entry.delivery_id in busy
                for other in self._lanes.clear(entry.account)
            ]
            for entry in missed:
                del self._in_hand[entry.delivery_id]
                self._lanes.done(entry)
            self._finished += [*missed, *behind]
        self._hand_back([*busy, *(entry.delivery_id for entry in behind)], self._clock() + BUSY_PAUSE)

    def _hand_back(self, ids: Sequence[int], until: datetime) -> None:
        """Without the database nothing is lost by it: what was put and not claimed is put again."""
        if not ids:
            return
        try:
            self._worker.hand_back(ids, until)
        except SQLAlchemyError as error:
            log.error("not handed back", reason=type(error).__name__)

    # The hands

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            outcome = self._worker.do(job)
            with self._changed:
                self._outcomes.append(outcome)
                self._changed.notify_all()

    def _wait(self, seconds: float) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._stopping, seconds)
