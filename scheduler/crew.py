"""The threads that work off the queue: many accounts at once, one account's deliveries in order."""

import threading
from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from redis.exceptions import RedisError

from scheduler.queue import Entry, Queue
from scheduler.worker import Worker

log = structlog.get_logger(__name__)

PULL_AT_ONCE = 100
PULL_SECONDS = 0.5
AHEAD_PER_THREAD = 50  # entries held by this process; the rest stays for others
BUSY_PAUSE = timedelta(seconds=1)


class Lanes:
    """Entries waiting in this process, a lane for each account; a lane is worked by one thread at a time."""

    def __init__(self) -> None:
        self._lanes: dict[str, deque[Entry]] = {}
        self._ready: deque[str] = deque()
        self._known: set[int] = set()
        self._changed = threading.Condition()
        self._closed = False

    def add(self, entries: list[Entry]) -> list[Entry]:
        """Line them up; returns those that were here already."""
        with self._changed:
            fresh = [entry for entry in entries if entry.delivery_id not in self._known]
            for entry in fresh:
                self._known.add(entry.delivery_id)
                lane = self._lanes.get(entry.account)
                if lane is None:
                    lane = self._lanes[entry.account] = deque()
                    self._ready.append(entry.account)
                lane.append(entry)
            self._changed.notify(len(fresh))
            return [entry for entry in entries if entry not in fresh]

    def take(self) -> Entry | None:
        """The next entry of a lane that no thread works; waits for one. None: closed."""
        with self._changed:
            while not self._ready and not self._closed:
                self._changed.wait()
            if self._closed:
                return None
            return self._lanes[self._ready.popleft()].popleft()

    def done(self, entry: Entry) -> None:
        """The lane is free for its next entry."""
        with self._changed:
            self._known.discard(entry.delivery_id)
            if self._lanes[entry.account]:
                self._ready.append(entry.account)
            else:
                del self._lanes[entry.account]
            self._changed.notify_all()

    def empty_lane(self, account: str) -> list[Entry]:
        """Take out what waits behind the entry that is being worked."""
        with self._changed:
            return self._take_out(self._lanes.get(account, deque()))

    def wait_for_room(self, most: int, seconds: float) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: len(self._known) < most, seconds)

    def close(self) -> list[Entry]:
        """Hand out nothing more; returns what was waiting."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
            return [entry for lane in self._lanes.values() for entry in self._take_out(lane)]

    def _take_out(self, lane: deque[Entry]) -> list[Entry]:
        waiting = list(lane)
        lane.clear()
        self._known.difference_update(entry.delivery_id for entry in waiting)
        return waiting


class Crew:
    """`threads` workers and one that fetches for them."""

    def __init__(self, queue: Queue, worker: Worker, threads: int, clock: Callable[[], datetime]) -> None:
        self._queue, self._worker, self._clock = queue, worker, clock
        self._lanes = Lanes()
        self._most_ahead = threads * AHEAD_PER_THREAD
        self._done: deque[Entry] = deque()
        self._stopping = threading.Event()
        self._fetcher = threading.Thread(target=self._fetch, name="fetch", daemon=True)
        self._hands = [
            threading.Thread(target=self._work, name=f"work-{number}", daemon=True)
            for number in range(threads)
        ]

    def start(self) -> None:
        for thread in (self._fetcher, *self._hands):
            thread.start()

    def stop(self, seconds: float) -> bool:
        """Finish what is in hand, give back what waits. False: something was not done within `seconds`.

        What is still being sent then stays *sending*; after its lease it is looked up, not sent again.
        """
        deadline = self._clock() + timedelta(seconds=seconds)
        self._stopping.set()
        waiting = self._lanes.close()
        if waiting:
            self._worker.hand_back([entry.delivery_id for entry in waiting], self._clock())
            self._done.extend(waiting)
        for thread in (*self._hands, self._fetcher):
            thread.join(max(0.0, (deadline - self._clock()).total_seconds()))
        return not any(thread.is_alive() for thread in self._hands)

    def _fetch(self) -> None:
        while not self._stopping.is_set():
            try:
                self._acknowledge()
                if self._lanes.wait_for_room(self._most_ahead, PULL_SECONDS):
                    self._line_up(self._queue.pull(PULL_AT_ONCE, PULL_SECONDS))
            except RedisError as error:
                log.warning("queue unreachable", reason=type(error).__name__)
                self._stopping.wait(1.0)
        self._acknowledge_quietly()

    def reclaim(self) -> None:
        """Take over what dead workers held; a duty of the clock."""
        self._line_up(self._queue.reclaim())

    def _line_up(self, entries: list[Entry]) -> None:
        self._done.extend(self._lanes.add(entries))

    def _work(self) -> None:
        while (entry := self._lanes.take()) is not None:
            try:
                if not self._worker.handle(entry.delivery_id):
                    self._give_back(entry)
            except LookupError:
                log.warning("unknown delivery", delivery=entry.delivery_id)
            except Exception as error:
                log.error("work failed", delivery=entry.delivery_id, exc_info=error)
            finally:
                self._lanes.done(entry)
                self._done.append(entry)

    def _give_back(self, entry: Entry) -> None:
        """The account is at work elsewhere or rests: the whole lane waits."""
        behind = self._lanes.empty_lane(entry.account)
        ids = [entry.delivery_id, *(other.delivery_id for other in behind)]
        self._worker.hand_back(ids, self._clock() + BUSY_PAUSE)
        self._done.extend(behind)

    def _acknowledge(self) -> None:
        done = [self._done.popleft() for _ in range(len(self._done))]
        try:
            self._queue.ack(done)
        except RedisError:
            self._done.extend(done)
            raise

    def _acknowledge_quietly(self) -> None:
        try:
            self._acknowledge()
        except RedisError as error:
            log.warning("not acknowledged", reason=type(error).__name__)
