"""A channel that plays its platform in memory, a clock that stands still, and posts to send."""

import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine

from channels.base import (
    Found,
    LookedUp,
    NotThere,
    Parcel,
    Post,
    Problem,
    Push,
    Receipt,
    Received,
)
from scheduler import ledger
from scheduler.delivery import Delivery, State
from scheduler.queue import Entry, Errand

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)  # a Monday, 10:00 in Beijing


class StandingClock:
    """Time moves only when told to."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **span: float) -> datetime:
        self.now += timedelta(**span)
        return self.now


class MemoryChannel:
    """Publishes at once into `out`. `answers` is what the next calls do instead: raise, or return."""

    def __init__(self, *answers: Exception | Receipt) -> None:
        self.answers = list(answers)
        self.out: list[str] = []
        self.withdrawn: list[int] = []  # places, of one delivery
        self.lock = threading.Lock()

    def check(self, posts: Sequence[Post]) -> list[Problem]:
        return []

    def publish(self, parcel: Parcel) -> Receipt:
        with self.lock:
            answer = self.answers.pop(0) if self.answers else None
            if isinstance(answer, Exception):
                raise answer
            self.out.append(parcel.key)
            return answer or Receipt(parcel.key, True, ("https://example.test/1",) * len(parcel.posts))

    def confirm(self, parcel: Parcel, receipt: Receipt) -> Receipt:
        answer = self.answers.pop(0) if self.answers else None
        if isinstance(answer, Exception):
            raise answer
        return answer or Receipt(receipt.reference, True, ("https://example.test/1",))

    def look_up(self, parcel: Parcel) -> LookedUp:
        if self.answers and isinstance(self.answers[0], Exception):
            raise self.answers.pop(0)  # type: ignore[misc]
        if parcel.key in self.out:
            return Found(Receipt(parcel.key, True), "在已发布列表中找到。")
        return NotThere("已发布列表中没有。")

    def withdraw(self, receipt: Receipt, index: int) -> None:
        answer = self.answers.pop(0) if self.answers else None
        if isinstance(answer, Exception):
            raise answer
        self.withdrawn.append(index)

    def look_at(self, receipt: Receipt, index: int) -> LookedUp:
        if self.answers and isinstance(self.answers[0], Exception):
            raise self.answers.pop(0)  # type: ignore[misc]
        if index in self.withdrawn:
            return NotThere("已发布列表中没有了。")
        return Found(receipt, "在已发布列表中。")

    def receive(self, push: Push) -> Received:
        return Received(b"success")


def a_post(title: str = "关于测试的通知") -> Post:
    return Post(title=title, html=f"<p>{title}正文。</p>", text=f"{title}正文。")


def queue_one(engine: Engine, account: str = "town", due_at: datetime = NOW, key: str = "0" * 32) -> int:
    with engine.begin() as connection:
        post = ledger.freeze(connection, a_post(), NOW)
        return ledger.submit(connection, account=account, posts=[post], due_at=due_at, now=NOW, key=key)


def claim(engine: Engine, *ids: int, now: datetime = NOW) -> list[Delivery]:
    with engine.begin() as connection:
        return [job.item for job in ledger.claim(connection, ids, now)]


def an_entry(item: Delivery) -> Entry:
    """The line of the queue that the clock would write for it."""
    return Entry(b"0-1", item.id, item.account, Errand.SEND if item.state is State.QUEUED else Errand.ASK)
