"""The last look before sending: an objection holds the delivery, and nothing is sent."""

from sqlalchemy import Engine

from channels.base import Post
from scheduler import ledger
from scheduler.database import reading
from scheduler.delivery import State
from scheduler.worker import Worker
from tests.support import MemoryChannel, StandingClock, an_entry, queue_one


def test_an_objection_holds_the_delivery(engine: Engine) -> None:
    channel, seen = MemoryChannel(), list[Post]()

    def look(post: Post) -> str:
        seen.append(post)
        return "正文里有身份证号。"

    worker = Worker(engine, {"town": channel}, clock=StandingClock(), name="worker", look=look)
    number = queue_one(engine)
    with reading(engine) as connection:
        worker.handle(an_entry(ledger.load(connection, number)))
    with reading(engine) as connection:
        held = ledger.load(connection, number)
    assert held.state is State.HELD
    assert len(seen) == 1
    assert channel.out == []
