"""`gongbao withdrawal`, and what `item` and `delivery` say of it."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from scheduler.delivery import State
from tests.bot.cli.conftest import Gongbao
from tests.bot.cli.desk import Signed, signed


@pytest.fixture
def desk(gongbao: Gongbao, office: Path) -> Iterator[Signed]:
    desk = signed(gongbao, office)
    yield desk
    desk.engine.dispose()


@pytest.fixture
def out(desk: Signed) -> Signed:
    desk.publish()
    return desk


def test_one_asks_and_another_agrees(out: Signed, gongbao: Gongbao) -> None:
    said = gongbao("item", "withdraw", 1, "--by", "张三", "--reason", "电话有误")
    assert "请另一人用 gongbao withdrawal confirm 1 同意" in said.out
    assert (
        "撤回 1（town_weibo《关于防汛的通知》）：待撤回。"
        in gongbao("withdrawal", "confirm", 1, "--by", "李四").out
    )
    (row,) = json.loads(gongbao("withdrawal", "list", "--json").out)
    assert (row["state"], row["asked_by"], row["confirmed_by"]) == ("confirmed", "张三", "李四")


def test_one_delivery_is_withdrawn_by_its_number(out: Signed, gongbao: Gongbao) -> None:
    assert "已申请撤回 1" in gongbao("delivery", "withdraw", 1, "--by", "张三", "--reason", "电话有误").out
    for shown in (gongbao("delivery", "show", 1).out, gongbao("item", "show", 1).out):
        assert "待同意" in shown
        assert "电话有误" in shown


def test_what_is_not_out_is_cancelled_at_the_second_word(desk: Signed, gongbao: Gongbao) -> None:
    gongbao("item", "withdraw", 1, "--by", "张三", "--reason", "电话有误")
    assert desk.delivery().state is State.HELD
    assert "未发出，已取消" in gongbao("withdrawal", "confirm", 1, "--by", "李四").out
    assert desk.delivery().state is State.CANCELLED


def test_a_no_leaves_it_where_it_is(out: Signed, gongbao: Gongbao) -> None:
    gongbao("item", "withdraw", 1, "--by", "张三", "--reason", "电话有误")
    assert "不再办理" in gongbao("withdrawal", "drop", 1, "--by", "李四", "--reason", "没有错").out
    assert "李四决定不撤回：没有错" in gongbao("withdrawal", "show", 1).out
    assert out.delivery().state is State.PUBLISHED


def test_a_persons_word_that_it_is_gone_is_kept(out: Signed, gongbao: Gongbao) -> None:
    gongbao("item", "withdraw", 1, "--by", "张三", "--reason", "电话有误")
    gongbao("withdrawal", "confirm", 1, "--by", "李四")
    said = gongbao("withdrawal", "settle", 1, "--by", "李四", "--reason", "已在微博页面删除")
    assert said.out == "撤回 1 已认定为已撤回。\n"
    assert out.delivery().state is State.WITHDRAWN
    shown = json.loads(gongbao("withdrawal", "show", 1, "--json").out)
    assert [step["event"] for step in shown["history"]] == ["ask", "confirm", "withdraw"]
    assert "已在微博页面删除" in gongbao("delivery", "show", 1).out


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        (["withdrawal", "confirm", 1, "--by", "张三"], "同一人不能自己同意"),
        (["withdrawal", "confirm", 1, "--by", " "], "请写上姓名"),
        (["withdrawal", "confirm", 9, "--by", "李四"], "没有撤回 9"),
        (["withdrawal", "confirm", 1, 9, "--by", "李四"], "没有撤回 9"),
        (["withdrawal", "drop", 1, "--by", "李四"], "没有写明理由"),
        (["withdrawal", "settle", 1, "--by", "李四", "--reason", "已删"], "现在是“待同意”，不能撤回"),
        (["withdrawal", "retry", 1, "--by", "李四", "--reason", "再试"], "现在是“待同意”，不能再次撤回"),
        (["withdrawal", "show", 9], "没有撤回 9"),
        (["item", "withdraw", 1, "--by", "赵六", "--reason", "有误"], "没有可以撤回的投递"),
        (["item", "withdraw", 9, "--by", "赵六", "--reason", "有误"], "没有编号为 9 的稿件"),
        (["delivery", "withdraw", 9, "--by", "赵六", "--reason", "有误"], "没有投递 9"),
        (["delivery", "withdraw", 1, "--by", "赵六", "--reason", "有误", "--post", 3], "没有第 3 篇"),
    ],
)
def test_a_rule_that_says_no_is_one_sentence(
    out: Signed, gongbao: Gongbao, command: list[object], sentence: str
) -> None:
    gongbao("item", "withdraw", 1, "--by", "张三", "--reason", "电话有误")
    said = gongbao(*command)
    assert said.code == 1
    assert sentence in said.err
    assert said.err.count("\n") == 1
    (row,) = json.loads(gongbao("withdrawal", "list", "--json").out)
    assert row["state"] == "asked"


def test_a_correction_is_added_and_linked(out: Signed, gongbao: Gongbao, office: Path) -> None:
    (office / "更正.md").write_text("# 更正：防汛通知\n\n电话应为 12345。\n", encoding="utf-8")
    assert "更正稿件 1" in gongbao("item", "correct", 1, "更正.md", "--by", "张三").out
    shown = json.loads(gongbao("item", "show", 2, "--json").out)
    assert (shown["corrects"], shown["accounts"]) == (1, ["town_weibo"])
    assert "发布的《关于防汛的通知》。" in shown["text"]
    assert json.loads(gongbao("item", "show", 1, "--json").out)["corrections"] == [2]


def test_what_is_not_out_is_not_corrected(desk: Signed, gongbao: Gongbao) -> None:
    said = gongbao("item", "correct", 1, "通知.md", "--by", "张三")
    assert said.code == 1
    assert "还没有在任何账号上发布" in said.err


def test_an_item_may_have_a_day_to_end(desk: Signed, gongbao: Gongbao) -> None:
    gongbao("item", "add", "通知.md", "--by", "张三", "--expires", "2099-12-01")
    assert json.loads(gongbao("item", "show", 2, "--json").out)["expires_at"] == "2099-12-01T00:00:00+08:00"
    assert "2099-12-01 00:00" in gongbao("item", "show", 2).out
    assert "不在发布之后" in gongbao("item", "add", "通知.md", "--by", "张三", "--expires", "2020-01-01").err
    assert "看不懂时间“下周”" in gongbao("item", "add", "通知.md", "--by", "张三", "--expires", "下周").err
