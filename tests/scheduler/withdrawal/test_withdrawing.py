from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from redis import Redis
from sqlalchemy import Engine, event, text

from channels.errors import NotAccepted, Refused, Throttled, Unavailable, Uncertain
from scheduler import ledger
from scheduler.database import reading
from scheduler.delivery import State as DeliveryState
from scheduler.delivery import Terms
from scheduler.queue import Entry, Errand
from scheduler.withdrawal import rows
from scheduler.withdrawal.life import SamePerson, State
from scheduler.withdrawal.rows import DUE, NothingThere, Place
from scheduler.withdrawal.work import Recall
from tests.scheduler.withdrawal.stage import Stage
from tests.support import NOW, an_entry


@pytest.fixture
def stage(engine: Engine, redis: "Redis") -> Stage:
    return Stage(engine, redis)


@pytest.fixture
def out(stage: Stage) -> Stage:
    """A delivery that is published."""
    stage.turn()
    assert stage.delivery() is DeliveryState.PUBLISHED
    return stage


def test_a_published_post_is_taken_down_once(out: Stage) -> None:
    out.withdraw()
    out.turn()
    out.turn(minutes=5)
    assert (out.states(), out.delivery()) == ([State.WITHDRAWN], DeliveryState.WITHDRAWN)
    assert out.channel.withdrawn == [0]


def test_the_delivery_says_who_withdrew_it_and_why(out: Stage) -> None:
    out.withdraw()
    out.turn()
    last = out.last_attempt()
    assert (last["event"], last["actor"]) == ("withdraw", "worker")
    assert last["sentence"] == "张三申请、李四同意撤回：内容有误　平台答复已撤回。"


def test_every_step_is_kept(out: Stage) -> None:
    (number,) = out.withdraw()
    out.turn()
    assert [(step["event"], step["actor"]) for step in out.steps(number)] == [
        ("ask", "张三"),
        ("confirm", "李四"),
        ("withdraw", "worker"),
    ]


def test_nothing_is_taken_down_before_a_second_person_agrees(out: Stage) -> None:
    numbers = out.ask()
    out.turn(minutes=30)
    with pytest.raises(SamePerson):
        out.confirm(numbers, "张三")
    out.turn(minutes=30)
    assert (out.states(), out.channel.withdrawn) == ([State.ASKED], [])


def test_one_that_cannot_be_confirmed_leaves_all_unconfirmed(out: Stage) -> None:
    with pytest.raises(NothingThere, match="没有撤回 99"):
        out.confirm([*out.ask(), 99])
    assert out.states() == [State.ASKED]


def test_the_same_post_is_not_asked_for_twice(out: Stage) -> None:
    out.ask()
    with pytest.raises(NothingThere, match="没有可以撤回的投递"):
        out.ask(who="王五")


def test_what_was_dropped_may_be_asked_for_again(out: Stage) -> None:
    numbers = out.ask()
    with out.engine.begin() as connection:
        rows.drop(connection, numbers, "李四", "内容没有错", NOW)
    out.withdraw()
    out.turn()
    assert out.states() == [State.DROPPED, State.WITHDRAWN]


def test_an_answer_that_was_lost_is_proven_by_a_look(out: Stage) -> None:
    (number,) = out.withdraw()
    out.channel.answers.append(Uncertain())
    out.turn()
    assert out.states() == [State.UNCERTAIN]
    out.channel.withdrawn.append(0)  # it was done all the same
    out.turn(minutes=1)
    assert (out.states(), out.delivery()) == ([State.WITHDRAWN], DeliveryState.WITHDRAWN)
    assert out.steps(number)[-1]["sentence"] == "已发布列表中没有了。"


def test_a_call_that_did_nothing_is_made_again_after_the_look(out: Stage) -> None:
    out.withdraw()
    out.channel.answers.append(Uncertain())
    out.turn()
    out.turn(minutes=1)
    assert (out.states(), out.channel.withdrawn) == ([State.CONFIRMED], [])
    out.turn(minutes=1)
    assert (out.states(), out.channel.withdrawn) == ([State.WITHDRAWN], [0])


@pytest.mark.parametrize("error", [Unavailable(), Throttled(NOW + timedelta(minutes=1)), NotAccepted()])
def test_what_the_platform_did_not_take_is_tried_again(out: Stage, error: Exception) -> None:
    out.withdraw()
    out.channel.answers.append(error)
    out.turn()
    assert out.states() == [State.CONFIRMED]
    out.turn(minutes=10)
    assert out.states() == [State.WITHDRAWN]


def test_what_the_platform_refuses_is_for_a_person(out: Stage) -> None:
    (number,) = out.withdraw()
    out.channel.answers.append(Refused("头条文章不能通过接口删除。", "article"))
    out.turn()
    out.turn(hours=1)
    assert (out.states(), out.delivery()) == ([State.IMPOSSIBLE], DeliveryState.PUBLISHED)
    assert (out.steps(number)[-1]["code"], out.channel.withdrawn) == ("article", [])


def test_a_person_who_took_it_down_by_hand_ends_it(out: Stage) -> None:
    (number,) = out.withdraw()
    out.channel.answers.append(Refused())
    out.turn()
    with out.engine.begin() as connection:
        item = rows.load(connection, number)
        assert rows.write(connection, item, item.done_by_hand("李四", "已在后台删除"), NOW, "李四")
    assert (out.states(), out.delivery()) == ([State.WITHDRAWN], DeliveryState.WITHDRAWN)


def test_a_worker_that_died_on_it_is_made_up_for(out: Stage) -> None:
    out.withdraw()
    with out.engine.begin() as connection:
        (item,) = rows.claim(connection, [out.id], out.clock())
    assert item.state is State.WITHDRAWING
    out.turn(minutes=3)
    assert out.states() == [State.UNCERTAIN]
    out.turn()
    assert out.states() == [State.CONFIRMED]
    out.turn(minutes=1)
    assert (out.states(), out.channel.withdrawn) == ([State.WITHDRAWN], [0])


def test_a_worker_that_wakes_up_late_changes_nothing(out: Stage) -> None:
    out.withdraw()
    entry = Entry(b"1", out.id, "town", Errand.WITHDRAW)
    (job,), _ = out.worker.exchange([], [entry])
    outcome = out.worker.do(job)
    out.turn(minutes=3)
    assert out.states() == [State.UNCERTAIN]
    out.worker.exchange([outcome], [])
    assert out.states() == [State.UNCERTAIN]
    out.turn()
    assert out.states() == [State.WITHDRAWN]


def test_of_two_workers_one_gets_it(out: Stage) -> None:
    out.withdraw()
    entry = Entry(b"1", out.id, "town", Errand.WITHDRAW)
    first, _ = out.worker.exchange([], [entry])
    second, _ = out.worker.exchange([], [entry])
    assert (len(first), second) == (1, [])


def test_what_is_still_queued_is_held_when_asked_and_cancelled_when_confirmed(stage: Stage) -> None:
    numbers = stage.ask()
    assert stage.delivery() is DeliveryState.HELD
    stage.turn(hours=1)
    stage.confirm(numbers)
    assert (stage.states(), stage.delivery()) == ([State.CANCELLED], DeliveryState.CANCELLED)
    assert stage.channel.out == []


def test_what_was_held_for_a_withdrawal_that_is_dropped_waits_for_a_person(stage: Stage) -> None:
    with stage.engine.begin() as connection:
        rows.drop(
            connection, rows.ask(connection, [Place(stage.id, 0)], "张三", "错", NOW), "李四", "没错", NOW
        )
    assert stage.delivery() is DeliveryState.HELD


def test_a_delivery_in_flight_is_waited_for_and_then_taken_down(stage: Stage) -> None:
    stage.channel.answers.append(Uncertain())
    stage.turn()
    assert stage.delivery() is DeliveryState.UNCERTAIN
    stage.withdraw()
    stage.channel.out.append("a" * 32)  # it was out all the same
    stage.turn()
    assert (stage.states(), stage.delivery()) == ([State.CONFIRMED], DeliveryState.UNCERTAIN)
    stage.turn(minutes=1)
    assert stage.delivery() is DeliveryState.PUBLISHED
    stage.turn(minutes=1)
    assert (stage.states(), stage.channel.withdrawn) == ([State.WITHDRAWN], [0])


def test_a_delivery_that_comes_back_to_the_queue_does_not_go_out(stage: Stage) -> None:
    stage.channel.answers.append(Uncertain())
    stage.turn()
    stage.ask()
    for _ in range(5):
        stage.turn(minutes=11)
    assert (stage.delivery(), stage.channel.out) == (DeliveryState.HELD, [])


def test_an_old_entry_of_the_queue_does_not_get_what_is_to_be_withdrawn(stage: Stage) -> None:
    stage.channel.answers.append(Uncertain())
    stage.turn()
    stage.ask()
    with stage.engine.begin() as connection:
        item = ledger.load(connection, stage.id)
        ledger.write(connection, [ledger.Outcome(item, item.deferred(NOW, ""), NOW)], "王五")
        back = ledger.load(connection, stage.id)
    stage.worker.handle(an_entry(back))
    assert (stage.delivery(), stage.channel.out) == (DeliveryState.QUEUED, [])


def test_a_delivery_that_failed_is_cancelled(stage: Stage) -> None:
    stage.channel.answers.append(Refused())
    stage.turn()
    stage.withdraw()
    assert (stage.states(), stage.delivery()) == ([State.CANCELLED], DeliveryState.CANCELLED)


def test_a_delivery_that_was_cancelled_cannot_be_withdrawn(stage: Stage) -> None:
    stage.withdraw()
    with pytest.raises(NothingThere):
        stage.ask()


def test_an_account_that_left_the_configuration_is_for_a_person(out: Stage) -> None:
    out.withdraw()
    Recall(out.engine, out.queue, (), Terms(), "scheduler").due(out.clock())
    with reading(out.engine) as connection:
        (row,) = rows.listing(connection)
    assert (row["state"], row["sentence"]) == (
        State.IMPOSSIBLE,
        "配置中没有账号 town，请到平台后台手工撤回。",
    )


class TestBroadcast:
    """A delivery of three posts."""

    @pytest.fixture
    def stage(self, engine: Engine, redis: "Redis") -> Stage:
        return Stage(engine, redis, posts=3)

    def test_one_post_of_it_leaves_the_others_out(self, out: Stage) -> None:
        out.withdraw(1)
        out.turn()
        assert (out.states(), out.delivery()) == ([State.WITHDRAWN], DeliveryState.PUBLISHED)
        assert out.channel.withdrawn == [1]

    def test_it_is_withdrawn_with_its_last_post(self, out: Stage) -> None:
        states = []
        for position in range(3):
            out.withdraw(position)
            out.turn()
            states.append(out.delivery())
        assert states == [DeliveryState.PUBLISHED, DeliveryState.PUBLISHED, DeliveryState.WITHDRAWN]
        assert out.channel.withdrawn == [0, 1, 2]

    def test_the_last_two_may_be_taken_down_at_the_same_moment(self, out: Stage) -> None:
        out.withdraw(0)
        out.turn()
        out.withdraw(1, 2)
        entry = Entry(b"1", out.id, "town", Errand.WITHDRAW)
        jobs = [out.worker.exchange([], [entry])[0][0] for _ in range(2)]
        outcomes = [out.worker.do(job) for job in jobs]
        with ThreadPoolExecutor(2) as threads:
            list(threads.map(lambda outcome: out.worker.exchange([outcome], []), outcomes))
        assert out.delivery() is DeliveryState.WITHDRAWN

    def test_one_post_of_what_is_not_out_holds_the_whole(self, stage: Stage) -> None:
        stage.withdraw(1)
        stage.turn(minutes=1)
        assert (stage.states(), stage.delivery()) == ([State.CONFIRMED], DeliveryState.HELD)
        with stage.engine.begin() as connection:
            (row,) = rows.listing(connection)
            item = ledger.load(connection, stage.id)
            ledger.write(connection, [ledger.Outcome(item, item.cancelled(""), NOW)], "王五")
        assert f"请取消投递 {stage.id}，把其余稿件另行编排" in row["sentence"]
        stage.turn(minutes=2)
        assert stage.states() == [State.CANCELLED]


def test_what_is_due_is_found_by_its_index(engine: Engine) -> None:
    explain = "EXPLAIN QUERY PLAN" if engine.dialect.name == "sqlite" else "EXPLAIN"
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL enable_seqscan = off"))  # an empty table is cheaper to scan

        @event.listens_for(connection, "before_cursor_execute", retval=True)
        def ask_for_the_plan(_c: object, _u: object, statement: str, values: object, *_: object) -> object:
            return f"{explain} {statement}", values

        plan = connection.execute(DUE, {"now": NOW, "limit": 10}).cursor
        assert plan is not None
        assert "ix_withdrawals_wake" in " ".join(str(row) for row in plan.fetchall())
