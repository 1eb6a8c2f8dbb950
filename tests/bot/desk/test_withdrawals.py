from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine

from bot import audit
from bot.desk import Desk, Withdrawals
from bot.errors import RuleBroken
from channels.base import Receipt
from scheduler import ledger
from scheduler.database import reading
from scheduler.delivery import State as DeliveryState
from scheduler.delivery import Terms, WrongState
from scheduler.ledger.values import Row
from scheduler.withdrawal.life import State
from scheduler.withdrawal.rows import NothingThere
from tests.bot.desk.office import DRAFTER, LEADER, OFFICE, desk, proposal
from tests.support import NOW, claim

EXPIRY = NOW + timedelta(days=7)


class Counter:
    """A desk with one signed item, on two accounts."""

    def __init__(self, engine: Engine, expires_at: datetime | None = None) -> None:
        self.engine, self.desk = engine, desk(engine)
        self.withdrawals = Withdrawals(engine, Terms())
        self.item, self.deliveries = signed(self.desk, expires_at)

    def publish(self, delivery_id: int) -> None:
        (item,) = claim(self.engine, delivery_id)
        address = f"https://example.test/{delivery_id}"
        change = item.answered(Receipt(str(delivery_id), True, (address,)), NOW)
        assert ledger.record(self.engine, item, change, NOW, "worker")

    def rows(self) -> list[Row]:
        return self.withdrawals.listing()[::-1]

    def states(self) -> list[str]:
        return [row["state"] for row in self.rows()]

    def delivery_states(self) -> list[DeliveryState]:
        with reading(self.engine) as connection:
            return [ledger.load(connection, number).state for number in self.deliveries]


def signed(at: Desk, expires_at: datetime | None = None) -> tuple[int, tuple[int, ...]]:
    (item,) = at.add([proposal(expires_at=expires_at)], DRAFTER, NOW)
    at.submit(item, DRAFTER, NOW, 1)
    at.review(item, OFFICE, NOW, 1)
    return item, at.sign_off(item, LEADER, NOW, 1).deliveries


@pytest.fixture
def counter(engine: Engine) -> Counter:
    return Counter(engine)


def test_one_act_asks_for_every_account(counter: Counter) -> None:
    counter.publish(counter.deliveries[0])
    numbers = counter.withdrawals.ask_for_item(counter.item, DRAFTER, "姓名有误", NOW)
    assert [row["account"] for row in counter.rows()] == ["town_wechat", "town_weibo"]
    assert counter.delivery_states() == [DeliveryState.PUBLISHED, DeliveryState.HELD]
    counter.withdrawals.confirm(numbers, OFFICE, NOW)
    assert counter.states() == [State.CONFIRMED, State.CANCELLED]
    assert counter.delivery_states() == [DeliveryState.PUBLISHED, DeliveryState.CANCELLED]


def test_one_delivery_may_be_withdrawn_alone(counter: Counter) -> None:
    counter.withdrawals.ask_for_delivery(counter.deliveries[1], DRAFTER, "姓名有误", NOW)
    assert [row["account"] for row in counter.rows()] == ["town_weibo"]


def test_the_item_shows_its_withdrawals(counter: Counter) -> None:
    counter.withdrawals.ask_for_item(counter.item, DRAFTER, "姓名有误", NOW)
    shown = counter.desk.show(counter.item).withdrawals
    assert {(row["reason"], row["asked_by"], row["title"]) for row in shown} == {
        ("姓名有误", DRAFTER, "关于防汛的通知")
    }


def test_every_act_is_on_the_record(counter: Counter) -> None:
    first, second = counter.withdrawals.ask_for_item(counter.item, DRAFTER, "姓名有误", NOW)
    counter.withdrawals.confirm([first], OFFICE, NOW)
    counter.withdrawals.drop([second], OFFICE, "这里没有错", NOW)
    with reading(counter.engine) as connection:
        entries = audit.entries(connection, "withdrawal")
        assert audit.verify(connection) is None
    assert [(entry.act, entry.actor, entry.object_id) for entry in entries] == [
        ("ask", DRAFTER, "1"),
        ("ask", DRAFTER, "2"),
        ("confirm", OFFICE, "1"),
        ("drop", OFFICE, "2"),
    ]
    assert entries[-1].details["reason"] == "这里没有错"


def test_a_person_settles_what_was_taken_down_by_hand(counter: Counter) -> None:
    counter.publish(counter.deliveries[0])
    (number,) = counter.withdrawals.ask_for_delivery(counter.deliveries[0], DRAFTER, "姓名有误", NOW)
    counter.withdrawals.confirm([number], OFFICE, NOW)
    counter.withdrawals.settle(number, OFFICE, "已在后台删除", NOW)
    assert (counter.states(), counter.delivery_states()[0]) == (["withdrawn"], DeliveryState.WITHDRAWN)
    assert [step["actor"] for step in counter.withdrawals.history(number)] == [DRAFTER, OFFICE, OFFICE]


def test_nobody_says_that_a_post_is_gone_whose_delivery_is_open(counter: Counter) -> None:
    claim(counter.engine, counter.deliveries[0])
    (number,) = counter.withdrawals.ask_for_delivery(counter.deliveries[0], DRAFTER, "姓名有误", NOW)
    counter.withdrawals.confirm([number], OFFICE, NOW)
    with pytest.raises(RuleBroken, match="现在是“发送中”，请先处理投递"):
        counter.withdrawals.settle(number, OFFICE, "没看到", NOW)


def test_what_is_not_signed_is_not_out(counter: Counter) -> None:
    (item,) = counter.desk.add([proposal()], DRAFTER, NOW)
    with pytest.raises(RuleBroken, match="还没有签发"):
        counter.withdrawals.ask_for_item(item, DRAFTER, "姓名有误", NOW)


@pytest.mark.parametrize(("who", "reason", "sentence"), [(" ", "错", "姓名"), ("张三", " ", "理由")])
def test_a_withdrawal_wants_a_name_and_a_reason(
    counter: Counter, who: str, reason: str, sentence: str
) -> None:
    with pytest.raises(RuleBroken, match=sentence):
        counter.withdrawals.ask_for_item(counter.item, who, reason, NOW)
    assert counter.rows() == []
    assert counter.delivery_states() == [DeliveryState.QUEUED] * 2


def test_unknown_numbers_are_named(counter: Counter) -> None:
    at = counter.withdrawals
    for act, sentence in (
        (lambda: at.ask_for_item(99, DRAFTER, "错", NOW), "没有编号为 99 的稿件"),
        (lambda: at.ask_for_delivery(99, DRAFTER, "错", NOW), "没有投递 99"),
        (lambda: at.ask_for_delivery(1, DRAFTER, "错", NOW, 4), "投递 1 里没有第 5 篇"),
        (lambda: at.retry(99, DRAFTER, "错", NOW), "没有撤回 99"),
    ):
        with pytest.raises((RuleBroken, NothingThere), match=sentence):
            act()


def test_what_waits_for_agreement_is_not_tried_again(counter: Counter) -> None:
    counter.publish(counter.deliveries[0])
    (number,) = counter.withdrawals.ask_for_delivery(counter.deliveries[0], DRAFTER, "错", NOW)
    with pytest.raises(WrongState, match="现在是“待同意”"):
        counter.withdrawals.retry(number, OFFICE, "再试", NOW)


class TestExpiry:
    @pytest.fixture
    def counter(self, engine: Engine) -> Counter:
        return Counter(engine, EXPIRY)

    def test_nothing_is_taken_down_before_its_day(self, counter: Counter) -> None:
        assert counter.withdrawals.take_down_expired(EXPIRY - timedelta(seconds=1)) == []

    def test_it_is_asked_for_once_on_its_day_with_the_signers_consent(self, counter: Counter) -> None:
        counter.publish(counter.deliveries[0])
        assert len(counter.withdrawals.take_down_expired(EXPIRY)) == 2
        assert counter.withdrawals.take_down_expired(EXPIRY + timedelta(days=1)) == []
        first, second = counter.rows()
        assert (first["asked_by"], first["confirmed_by"]) == ("clock", LEADER)
        assert (first["state"], second["state"]) == (State.CONFIRMED, State.CANCELLED)
        assert first["reason"] == "展示期限已到（2026-11-30 10:00）"
        steps = counter.withdrawals.history(first["id"])
        assert [step["actor"] for step in steps] == ["clock", "clock"]
        assert steps[1]["sentence"] == f"{LEADER}签发时已同意到期撤回。"

    def test_a_persons_no_is_kept_to(self, counter: Counter) -> None:
        counter.publish(counter.deliveries[0])
        first, _ = counter.withdrawals.take_down_expired(EXPIRY)
        counter.withdrawals.drop([first], OFFICE, "还要再公示一周", EXPIRY)
        assert counter.withdrawals.take_down_expired(EXPIRY) == []

    def test_a_post_that_somebody_withdrew_before_is_left_alone(self, counter: Counter) -> None:
        counter.withdrawals.ask_for_item(counter.item, DRAFTER, "姓名有误", NOW)
        assert counter.withdrawals.take_down_expired(EXPIRY) == []

    def test_the_day_is_kept_with_the_draft(self, counter: Counter) -> None:
        assert counter.desk.show(counter.item).item.expires_at == EXPIRY

    @pytest.mark.parametrize(
        ("due_at", "expires_at"),
        [(None, NOW), (NOW + timedelta(days=2), NOW + timedelta(days=1))],
    )
    def test_it_must_come_after_the_post(
        self, counter: Counter, due_at: datetime | None, expires_at: datetime
    ) -> None:
        with pytest.raises(RuleBroken, match="不在发布之后"):
            counter.desk.add([proposal(due_at=due_at, expires_at=expires_at)], DRAFTER, NOW)
