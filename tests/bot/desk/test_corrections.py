from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from bot.errors import RuleBroken
from bot.importing import Imported
from tests.bot.desk.office import DRAFTER, proposal
from tests.bot.desk.test_withdrawals import Counter
from tests.support import NOW

LINE = "本文更正2026年11月23日发布的《关于防汛的通知》。"
RIGHT = Imported("关于防汛的更正", "<p>联系电话应为 12345。</p>", "联系电话应为 12345。")


@pytest.fixture
def counter(engine: Engine) -> Counter:
    """The item is out on one of its two accounts."""
    counter = Counter(engine)
    counter.publish(counter.deliveries[1])
    return counter


def test_it_names_the_original_and_its_day(counter: Counter) -> None:
    number = counter.desk.correct(counter.item, proposal(RIGHT), DRAFTER, NOW)
    post = counter.desk.show(number).post
    assert post.text == f"{LINE}\n联系电话应为 12345。"
    assert post.html == f"<p>{LINE}</p><p>联系电话应为 12345。</p>"
    assert post.digest.startswith(LINE)


def test_it_goes_where_the_original_went(counter: Counter) -> None:
    number = counter.desk.correct(counter.item, proposal(RIGHT), DRAFTER, NOW)
    assert counter.desk.show(number).item.accounts == ("town_weibo",)


def test_the_two_are_linked_both_ways(counter: Counter) -> None:
    number = counter.desk.correct(counter.item, proposal(RIGHT), DRAFTER, NOW)
    assert counter.desk.show(number).item.corrects == counter.item
    assert counter.desk.show(counter.item).corrections == [number]
    assert counter.desk.show(number).acts[0]["opinion"] == f"更正稿件 {counter.item}"


def test_it_begins_the_chain_at_its_beginning(counter: Counter) -> None:
    number = counter.desk.correct(counter.item, proposal(RIGHT), DRAFTER, NOW)
    draft = counter.desk.submit(number, DRAFTER, NOW, 1).draft
    assert (draft.steps, draft.passed) == (counter.desk.show(counter.item).item.draft.steps, (DRAFTER,))


def test_a_new_version_still_names_the_original_once(counter: Counter) -> None:
    number = counter.desk.correct(counter.item, proposal(RIGHT), DRAFTER, NOW)
    counter.desk.revise(number, proposal(replace(RIGHT, text=f"{LINE}\n已改。")), DRAFTER, NOW, 1)
    assert counter.desk.show(number).post.text == f"{LINE}\n已改。"
    counter.desk.revise(number, proposal(replace(RIGHT, text="又改。")), DRAFTER, NOW, 2)
    assert counter.desk.show(number).post.text == f"{LINE}\n又改。"


def test_it_cannot_be_sent_elsewhere(counter: Counter) -> None:
    number = counter.desk.correct(counter.item, proposal(RIGHT), DRAFTER, NOW)
    with pytest.raises(RuleBroken, match="原稿的账号"):
        counter.desk.revise(number, proposal(RIGHT, accounts=("town_wechat",)), DRAFTER, NOW, 1)


def test_an_original_that_is_withdrawn_can_still_be_corrected(counter: Counter) -> None:
    (number,) = counter.withdrawals.ask_for_delivery(counter.deliveries[1], DRAFTER, "电话有误", NOW)
    counter.withdrawals.confirm([number], "李四", NOW)
    counter.withdrawals.settle(number, "李四", "已删除", NOW + timedelta(days=3))
    correction = counter.desk.correct(counter.item, proposal(RIGHT), DRAFTER, NOW + timedelta(days=3))
    assert counter.desk.show(correction).post.text.startswith(LINE)


def test_what_is_out_nowhere_is_not_corrected(engine: Engine) -> None:
    counter = Counter(engine)
    with pytest.raises(RuleBroken, match="还没有在任何账号上发布"):
        counter.desk.correct(counter.item, proposal(RIGHT), DRAFTER, NOW)


def test_an_unknown_original_is_named(counter: Counter) -> None:
    with pytest.raises(RuleBroken, match="没有编号为 99 的稿件"):
        counter.desk.correct(99, proposal(RIGHT), DRAFTER, NOW)
