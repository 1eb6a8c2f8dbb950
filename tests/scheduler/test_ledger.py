import threading
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, event, select, text, update

from channels.base import Finished, Picture, Receipt, Unknowable
from channels.errors import AccountRefused, ContentRefused, Throttled, Uncertain
from scheduler import ledger
from scheduler.database import reading
from scheduler.delivery import Delivery, Event, State
from scheduler.ledger.clock import DUE
from scheduler.tables import attempts, deliveries, posts
from tests.support import NOW, a_post, claim, queue_one

PIXEL = Picture("章.png", "image/png", b"not looked at here", "示意图")


def load(engine: Engine, delivery_id: int) -> Delivery:
    with reading(engine) as connection:
        return ledger.load(connection, delivery_id)


def claimed(engine: Engine, delivery_id: int) -> Delivery:
    (item,) = claim(engine, delivery_id)
    return item


def content(engine: Engine, delivery_id: int) -> ledger.Content:
    with reading(engine) as connection:
        (job,) = ledger.load_jobs(connection, [delivery_id])
    return job.content


def events(engine: Engine, delivery_id: int) -> list[str]:
    with reading(engine) as connection:
        return [row["event"] for row in ledger.history(connection, delivery_id)]


def test_a_frozen_post_comes_back_as_it_was_signed(engine: Engine) -> None:
    post = replace(a_post(), cover=PIXEL, pictures=(PIXEL,))
    with engine.begin() as connection:
        post_id = ledger.freeze(connection, post, NOW)
        delivery_id = ledger.submit(
            connection, account="town", posts=[post_id], due_at=NOW, now=NOW, key="a" * 32
        )
    assert content(engine, delivery_id).posts() == (post,)


def test_a_post_changed_after_signing_is_not_handed_out(engine: Engine) -> None:
    delivery_id = queue_one(engine)
    with engine.begin() as connection:
        changed = connection.execute(select(posts.c.content)).scalar_one().replace("通知", "通报")
        connection.execute(update(posts).values(content=changed))
    with pytest.raises(ledger.Tampered, match="与签发时不一致"):
        content(engine, delivery_id).posts()


def test_of_many_who_claim_one_gets_it(engine: Engine) -> None:
    delivery_id = queue_one(engine)
    got: list[Delivery] = []
    threads = [threading.Thread(target=lambda: got.extend(claim(engine, delivery_id))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [item.attempt for item in got] == [1]


def test_an_account_sends_one_delivery_at_a_time(engine: Engine) -> None:
    first, second = queue_one(engine, key="a" * 32), queue_one(engine, key="b" * 32)
    other = queue_one(engine, account="county", key="c" * 32)
    claimed(engine, first)
    assert [item.id for item in claim(engine, second, other)] == [other]


def test_a_late_worker_changes_nothing(engine: Engine) -> None:
    item = claimed(engine, queue_one(engine))
    assert ledger.record(engine, item, item.lapsed(NOW), NOW, "clock")
    assert not ledger.record(engine, item, item.answered(Receipt("1", True), NOW), NOW, "late")
    assert load(engine, item.id).state is State.UNCERTAIN
    assert events(engine, item.id) == ["submit", "lose"]


def test_a_resting_account_cannot_be_claimed_until_it_is_well(engine: Engine) -> None:
    item = claimed(engine, queue_one(engine, key="a" * 32))
    ledger.record(engine, item, item.refused(AccountRefused("请更新授权。", "40001"), NOW), NOW, "worker")
    assert claim(engine, item.id) == []
    later = NOW + timedelta(minutes=11)
    (again,) = claim(engine, item.id, now=later)
    assert again.attempt == 2


def test_the_platforms_word_closes_the_delivery(engine: Engine) -> None:
    item = claimed(engine, queue_one(engine))
    ledger.record(engine, item, item.answered(Receipt("77", False), NOW), NOW, "worker")
    out = Finished("77", Receipt("77", True, ("https://example.test/77",)))
    assert ledger.finish(engine, "town", out, NOW)
    assert not ledger.finish(engine, "town", out, NOW)
    assert events(engine, item.id) == ["submit", "accept", "publish"]


def test_a_later_word_adds_what_the_first_left_out(engine: Engine) -> None:
    item = claimed(engine, queue_one(engine))
    accepted = Receipt("77", False, details={"msg_data_id": "5"})
    ledger.record(engine, item, item.answered(accepted, NOW), NOW, "worker")
    asked = load(engine, item.id)
    ledger.record(engine, asked, asked.answered(Receipt("77", True), NOW), NOW, "worker")
    told = Receipt("77", True, ("https://example.test/77",), {"SentCount": "9"})
    assert ledger.finish(engine, "town", Finished("77", told), NOW)
    assert not ledger.finish(engine, "town", Finished("77", told), NOW)
    assert load(engine, item.id).receipt == Receipt(
        "77", True, ("https://example.test/77",), {"msg_data_id": "5", "SentCount": "9"}
    )


def test_a_late_word_about_an_earlier_job_does_not_settle_the_next_try(engine: Engine) -> None:
    item = claimed(engine, queue_one(engine))
    ledger.record(engine, item, item.answered(Receipt("77", False), NOW), NOW, "worker")
    failed = Finished("77", error=ContentRefused("标题不合规。", "3"))
    assert ledger.finish(engine, "town", failed, NOW)
    again = load(engine, item.id)
    ledger.record(engine, again, again.deferred(NOW, "张三重新发送"), NOW, "张三")
    assert not ledger.finish(engine, "town", failed, NOW)
    trying = claimed(engine, item.id)
    assert not ledger.finish(engine, "town", failed, NOW)
    ledger.record(engine, trying, trying.refused(Uncertain(), NOW), NOW, "worker")
    assert not ledger.finish(engine, "town", failed, NOW)
    assert load(engine, item.id).state is State.UNCERTAIN


def test_the_platforms_word_may_come_before_the_answer_is_recorded(engine: Engine) -> None:
    item = claimed(engine, queue_one(engine))
    assert not ledger.finish(engine, "town", Finished("77", error=ContentRefused("标题不合规。", "3")), NOW)
    ledger.record(engine, item, item.answered(Receipt("77", False), NOW), NOW, "worker")
    found = load(engine, item.id)
    assert found.state is State.FAILED
    assert events(engine, item.id) == ["submit", "accept", "reject"]


def test_due_finds_what_waits_longest(engine: Engine) -> None:
    late, soon = (queue_one(engine, due_at=NOW + timedelta(minutes=m), key=str(m) * 32) for m in (9, 5))
    queue_one(engine, due_at=NOW + timedelta(days=1), key="d" * 32)
    with reading(engine) as connection:
        found = [row[0] for row in ledger.due(connection, NOW + timedelta(minutes=10), 10)]
        assert found == [soon, late]
        assert ledger.next_wake(connection) == NOW + timedelta(minutes=5)


def test_the_due_query_uses_its_index(engine: Engine) -> None:
    """Without the index a claim costs a scan of everything that ever was."""
    explain = "EXPLAIN QUERY PLAN" if engine.dialect.name == "sqlite" else "EXPLAIN"
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL enable_seqscan = off"))  # an empty table is cheaper to scan

        @event.listens_for(connection, "before_cursor_execute", retval=True)
        def ask_for_the_plan(_c: object, _u: object, statement: str, values: object, *_: object) -> object:
            return f"{explain} {statement}", values

        rows = connection.execute(DUE, {"now": NOW, "limit": 10}).cursor
        assert rows is not None
        assert "ix_deliveries_wake" in " ".join(str(row) for row in rows.fetchall())


def test_notes_survive_and_are_overwritten(engine: Engine) -> None:
    delivery_id = queue_one(engine)
    notes = ledger.DeliveryNotes(engine, delivery_id)
    assert notes.get("draft") is None
    notes.put("draft", "m1")
    notes.put("draft", "m2")
    assert ledger.DeliveryNotes(engine, delivery_id).get("draft") == "m2"
    uploads = ledger.AccountUploads(engine, "town")
    uploads.put("image:abc", "http://example.test/a.jpg")
    assert uploads.get("image:abc") == "http://example.test/a.jpg"
    assert ledger.AccountUploads(engine, "county").get("image:abc") is None


def test_standing_tells_when_what_is_out_was_sent(engine: Engine) -> None:
    item = claimed(engine, queue_one(engine))
    accepted = item.answered(Receipt("1", False), NOW)
    ledger.record(engine, item, accepted, NOW + timedelta(minutes=1), "worker")
    running = load(engine, item.id)
    tomorrow = NOW + timedelta(days=1)
    ledger.record(engine, running, running.answered(Receipt("1", True), tomorrow), tomorrow, "platform")
    with reading(engine) as connection:
        assert ledger.standing(connection, "town", NOW + timedelta(hours=1)).out == (NOW,)
        assert ledger.standing(connection, "town", tomorrow).out == ()
        assert ledger.standing(connection, "town", tomorrow, since=NOW).out == (NOW,)


def test_what_was_withdrawn_has_used_its_share_and_what_was_refused_has_not(engine: Engine) -> None:
    out, refused = queue_one(engine, key="a" * 32), queue_one(engine, key="b" * 32)
    item = claimed(engine, refused)
    ledger.record(engine, item, item.refused(ContentRefused(), NOW), NOW, "worker")
    item = claimed(engine, out)
    ledger.record(engine, item, item.answered(Receipt("1", True), NOW), NOW, "worker")
    item = load(engine, out)
    ledger.record(engine, item, item.withdrawn("有误。"), NOW, "陈静")
    with reading(engine) as connection:
        assert ledger.standing(connection, "town", NOW).out == (NOW,)


def test_put_off_leaves_what_is_being_sent_alone(engine: Engine) -> None:
    item = claimed(engine, queue_one(engine))
    with engine.begin() as connection:
        ledger.put_off(connection, [item.id], NOW + timedelta(days=1))
        kept = connection.execute(select(deliveries.c.wake_at)).scalar_one()
    assert kept == NOW + item.terms.lease


def test_listing_names_the_titles(engine: Engine) -> None:
    queue_one(engine)
    with reading(engine) as connection:
        (row,) = ledger.listing(connection, [State.QUEUED])
        assert row["titles"] == ["关于测试的通知"]
        assert ledger.counts(connection) == {State.QUEUED: 1}
        assert connection.execute(select(attempts.c.event)).scalars().all() == [Event.SUBMIT]


def test_of_several_outcomes_written_at_once_an_overtaken_one_stops_all(engine: Engine) -> None:
    first = claimed(engine, queue_one(engine, key="a" * 32))
    second = claimed(engine, queue_one(engine, account="county", key="b" * 32))
    ledger.record(engine, first, first.lapsed(NOW), NOW, "clock")
    outcomes = [ledger.Outcome(item, item.answered(Receipt("1", True), NOW), NOW) for item in (first, second)]
    with engine.begin() as connection:
        assert not ledger.write(connection, outcomes, "worker")
        connection.rollback()
    assert load(engine, second.id).state is State.SENDING


def test_an_account_waits_while_one_is_looked_up_but_not_while_one_waits_for_a_person(
    engine: Engine,
) -> None:
    first, second = claimed(engine, queue_one(engine, key="a" * 32)), queue_one(engine, key="b" * 32)
    ledger.record(engine, first, first.refused(Uncertain(), NOW), NOW, "worker")
    assert claim(engine, second) == []
    doubted = load(engine, first.id)
    ledger.record(engine, doubted, doubted.looked_up(Unknowable("看不到。"), NOW), NOW, "worker")
    assert [item.id for item in claim(engine, second)] == [second]


def rest(engine: Engine, now: datetime) -> timedelta:
    with reading(engine) as connection:
        (row,) = ledger.rests(connection, now)
    until: datetime = row["until"]
    return until - now


def refuse(engine: Engine, delivery_id: int, now: datetime) -> timedelta:
    """One try that the platform turns down for the account's sake; returns how long it rests."""
    (item,) = claim(engine, delivery_id, now=now)
    ledger.record(engine, item, item.refused(AccountRefused("请重新授权。", "21327"), now), now, "worker")
    return rest(engine, now)


def test_a_dead_token_is_tried_ever_less_often(engine: Engine) -> None:
    delivery_id, now, rests = queue_one(engine), NOW, []
    for _ in range(4):
        rests.append(refuse(engine, delivery_id, now))
        assert load(engine, delivery_id).state is State.QUEUED
        now += rests[-1]
    assert [each / timedelta(minutes=1) for each in rests] == [10, 30, 120, 120]


def test_a_delivery_rests_with_its_account(engine: Engine) -> None:
    delivery_id = queue_one(engine)
    refuse(engine, delivery_id, NOW)
    refuse(engine, delivery_id, NOW + timedelta(minutes=10))
    with reading(engine) as connection:
        assert ledger.next_wake(connection) == NOW + timedelta(minutes=40)


def test_the_next_success_ends_the_row_of_refusals(engine: Engine) -> None:
    first, second = queue_one(engine, key="a" * 32), queue_one(engine, key="b" * 32)
    refuse(engine, first, NOW)
    later = NOW + timedelta(minutes=10)
    (item,) = claim(engine, first, now=later)
    ledger.record(engine, item, item.answered(Receipt("1", True), later), later, "worker")
    assert refuse(engine, second, later) == timedelta(minutes=10)


def test_a_late_worker_does_not_make_the_account_rest(engine: Engine) -> None:
    item = claimed(engine, queue_one(engine))
    ledger.record(engine, item, item.lapsed(NOW), NOW, "clock")
    refused = item.refused(AccountRefused(), NOW)
    assert not ledger.record(engine, item, refused, NOW, "worker")
    with reading(engine) as connection:
        assert ledger.rests(connection, NOW) == []


def test_resuming_wakes_what_waited_because_of_the_account(engine: Engine) -> None:
    waiting, later = queue_one(engine, key="a" * 32), queue_one(engine, key="b" * 32)
    doubtful = claimed(engine, queue_one(engine, key="c" * 32))
    ledger.record(engine, doubtful, doubtful.refused(Uncertain(), NOW), NOW, "worker")
    doubtful = load(engine, doubtful.id)
    refused = doubtful.not_looked_up(AccountRefused("请重新授权。", "21327"), NOW)
    ledger.record(engine, doubtful, refused, NOW, "worker")
    with engine.begin() as connection:
        ledger.put_off(connection, [waiting, later], NOW + timedelta(minutes=10))
        connection.execute(
            update(deliveries).where(deliveries.c.id == later).values(due_at=NOW + timedelta(hours=1))
        )
        assert ledger.resume(connection, "town", NOW)
        assert not ledger.resume(connection, "town", NOW)
        due = {row[0] for row in ledger.due(connection, NOW, 10)}
    assert due == {waiting, doubtful.id}


def test_a_throttled_account_rests_for_all_its_deliveries(engine: Engine) -> None:
    first, second = queue_one(engine, key="a" * 32), queue_one(engine, key="b" * 32)
    item = claimed(engine, first)
    until = NOW + timedelta(hours=2)
    ledger.record(engine, item, item.refused(Throttled(until), NOW), NOW, "worker")
    assert claim(engine, second) == []
    assert rest(engine, NOW) == timedelta(hours=2)
