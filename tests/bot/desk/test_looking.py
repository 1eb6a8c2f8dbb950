"""The desk asks the checks: what is blocked goes nowhere, what needs a reason goes with one."""

from dataclasses import replace

import pytest
from sqlalchemy import Engine

from bot.checks import Context
from bot.desk.looking import stopping
from bot.drafts import State
from bot.errors import RuleBroken
from channels.base import Post
from tests.bot.desk.office import DOCUMENT, DRAFTER, LEADER, OFFICE, desk, proposal
from tests.support import NOW

LEAK = replace(DOCUMENT, text="公示如下。\n户主李桂兰，13812345678")
DUTY = replace(DOCUMENT, text="防汛值班电话：13812345678（王主任）")
SLIP = replace(DOCUMENT, text="截止目前，水位平稳。")


def test_a_leak_is_not_submitted_and_its_place_is_named(engine: Engine) -> None:
    at = desk(engine)
    (item,) = at.add([proposal(LEAK)], DRAFTER, NOW)
    with pytest.raises(RuleBroken, match=r"正文第 2 行：手机号 138\*\*\*\*5678"):
        at.submit(item, DRAFTER, NOW, 1)
    assert at.show(item).item.draft.state is State.EDITING


def test_what_needs_a_reason_is_not_reviewed_without_one(engine: Engine) -> None:
    at = desk(engine)
    (item,) = at.add([proposal(DUTY)], DRAFTER, NOW)
    at.submit(item, DRAFTER, NOW, 1)
    with pytest.raises(RuleBroken, match="写上理由"):
        at.review(item, OFFICE, NOW, 1, " ")
    assert at.review(item, OFFICE, NOW, 1, "公开的值班手机").draft.state is State.REVIEWED


def test_what_needs_a_reason_is_not_signed_without_one(engine: Engine) -> None:
    at = desk(engine)
    (item,) = at.add([proposal(DUTY)], DRAFTER, NOW)
    at.submit(item, DRAFTER, NOW, 1)
    at.review(item, OFFICE, NOW, 1, "公开的值班手机")
    with pytest.raises(RuleBroken, match="写上理由"):
        at.sign_off(item, LEADER, NOW, 1)
    assert at.sign_off(item, LEADER, NOW, 1, "同意公开").draft.state is State.SIGNED


def test_a_slip_is_shown_and_stops_nobody(engine: Engine) -> None:
    at = desk(engine)
    (item,) = at.add([proposal(SLIP)], DRAFTER, NOW)
    assert any("截至" in warning for warning in at.submit(item, DRAFTER, NOW, 1).warnings)


def test_a_word_list_that_grew_stops_the_review(
    engine: Engine, tmp_path_factory: pytest.TempPathFactory
) -> None:
    at = desk(engine)
    (item,) = at.add([proposal(replace(DOCUMENT, text="云溪镇人民改府"))], DRAFTER, NOW)
    at.submit(item, DRAFTER, NOW, 1)
    folder = tmp_path_factory.mktemp("words")
    (folder / "protected.tsv").write_text("云溪镇人民政府\n", encoding="utf-8")
    stricter = desk(engine, checks={"words": str(folder)})
    with pytest.raises(RuleBroken, match="只差一个字"):
        stricter.review(item, OFFICE, NOW, 1, "同意")


def test_remarks_come_gravest_first(engine: Engine) -> None:
    at = desk(engine)
    text = f"{SLIP.text}\n{DUTY.text}\n{LEAK.text}"
    (item,) = at.add([proposal(replace(DOCUMENT, text=text))], DRAFTER, NOW)
    levels = [remark.level for remark in at.remarks(item, NOW)]
    assert levels == ["block", "need_reason", "warn"]


def test_a_signed_post_is_looked_at_again() -> None:
    context = Context(NOW.date())
    assert stopping(Post("通知", "<p>好</p>", "好"), context) == ""
    assert "发送前复查" in stopping(Post("通知", "<p>机密★10年</p>", "机密★10年"), context)
