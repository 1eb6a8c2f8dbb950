"""What the benchmarks share: a ledger full of deliveries, a channel that does nothing, a printed line."""

import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine, insert

from channels.base import Parcel, Receipt
from scheduler import ledger
from scheduler.database import metadata, open_engine
from scheduler.delivery import State
from scheduler.tables import deliveries, delivery_posts
from tests.support import MemoryChannel, a_post


class NoOp(MemoryChannel):
    """Publishes nothing at once; tells when it was asked `wanted` times."""

    def __init__(self, wanted: int) -> None:
        super().__init__()
        self.wanted, self.count, self.full = wanted, 0, threading.Event()

    def publish(self, parcel: Parcel) -> Receipt:
        with self.lock:
            self.count += 1
            if self.count == self.wanted:
                self.full.set()
        return Receipt(parcel.key, published=True)


def a_ledger(folder: Path) -> Engine:
    """SQLite as in production: WAL, every commit on the disk."""
    engine = open_engine(f"sqlite:///{folder / 'gongbao.db'}")
    metadata.create_all(engine)
    return engine


def fill(
    engine: Engine,
    count: int,
    accounts: Sequence[str],
    due_at: datetime,
    *,
    first: int = 0,
    apart: timedelta = timedelta(microseconds=1),
    batch: int = 10_000,
) -> None:
    """`count` queued deliveries of one post each, spread over the accounts, due `apart` from each other."""
    now = datetime.now(UTC)
    with engine.begin() as connection:
        post = ledger.freeze(connection, a_post(), now)
        for start in range(first, first + count, batch):
            numbers = range(start, min(start + batch, first + count))
            rows = [_row(n, accounts[n % len(accounts)], due_at + apart * (n - first), now) for n in numbers]
            connection.execute(insert(deliveries), rows)
            order = [{"delivery_id": row["id"], "position": 0, "post_id": post} for row in rows]
            connection.execute(insert(delivery_posts), order)


def _row(number: int, account: str, due_at: datetime, now: datetime) -> dict[str, object]:
    return {
        "id": number + 1,
        "key": f"{number:032x}",
        "account": account,
        "state": State.QUEUED,
        "version": 0,
        "attempt": 0,
        "failures": 0,
        "looks": 0,
        "due_at": due_at,
        "wake_at": due_at,
        "since": now,
        "reference": "",
        "code": "",
        "sentence": "",
    }


def report(name: str, figure: float, unit: str, ratio: float | None = None, to: str = "") -> None:
    """One line: what, how much, and how that compares with a reference of the same run."""
    beside = f"   {ratio:.2f} x {to}" if ratio is not None else ""
    print(f"{name:<58} {figure:>12,.2f} {unit}{beside}", flush=True)
