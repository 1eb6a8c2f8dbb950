"""A delivery, a clock that stands still, and the whole way from the clock through the queue to a worker."""

from collections.abc import Sequence

from redis import Redis
from sqlalchemy import Engine

from channels.base import Channel
from scheduler import ledger
from scheduler.clock import Release
from scheduler.database import reading
from scheduler.delivery import State as DeliveryState
from scheduler.delivery import Terms
from scheduler.ledger.values import Row
from scheduler.plan import Rules
from scheduler.queue import Queue
from scheduler.withdrawal import rows
from scheduler.withdrawal.life import State
from scheduler.withdrawal.rows import Place
from scheduler.worker import Worker
from tests.support import NOW, MemoryChannel, StandingClock, a_post


class Stage:
    def __init__(self, engine: Engine, redis: "Redis", posts: int = 1) -> None:
        self.engine, self.clock, self.channel = engine, StandingClock(), MemoryChannel()
        self.queue = Queue(redis, "a")
        self.queue.pull(1, 0.01)
        accounts: dict[str, Channel] = {"town": self.channel}
        self.worker = Worker(engine, accounts, clock=self.clock, name="worker")
        self.release = Release(engine, self.queue, {"town": Rules()}, Terms(), "scheduler")
        with engine.begin() as connection:
            frozen = [ledger.freeze(connection, a_post(f"通知{nth}"), NOW) for nth in range(posts)]
            self.id = ledger.submit(
                connection, account="town", posts=frozen, due_at=NOW, now=NOW, key="a" * 32
            )

    def turn(self, **later: float) -> None:
        """The clock looks, and a worker does what it finds on the queue."""
        self.clock.forward(**later)
        self.release.due(self.clock())
        entries = self.queue.pull(10, 0.01)
        for entry in entries:
            self.worker.handle(entry)
        self.queue.ack(entries)

    def ask(self, *positions: int, who: str = "张三") -> list[int]:
        places = [Place(self.id, position) for position in positions or (0,)]
        with self.engine.begin() as connection:
            return rows.ask(connection, places, who, "内容有误", self.clock())

    def confirm(self, numbers: Sequence[int], who: str = "李四") -> None:
        with self.engine.begin() as connection:
            rows.confirm(connection, numbers, who, self.clock())

    def withdraw(self, *positions: int) -> list[int]:
        """Asked for and confirmed."""
        numbers = self.ask(*positions)
        self.confirm(numbers)
        return numbers

    def states(self) -> list[State]:
        with reading(self.engine) as connection:
            return [State(row["state"]) for row in rows.listing(connection)][::-1]

    def steps(self, number: int) -> list[Row]:
        with reading(self.engine) as connection:
            return rows.history(connection, number)

    def delivery(self) -> DeliveryState:
        with reading(self.engine) as connection:
            return ledger.load(connection, self.id).state

    def last_attempt(self) -> Row:
        with reading(self.engine) as connection:
            return ledger.history(connection, self.id)[-1]
