"""`gongbao delivery`: a person's word on what is uncertain."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot import audit
from scheduler.database import reading
from scheduler.delivery import State
from tests.bot.cli.conftest import Gongbao
from tests.bot.cli.desk import Signed, signed

WORD = ["--by", "李四", "--reason", "在微博页面看到了"]


@pytest.fixture
def desk(gongbao: Gongbao, office: Path) -> Iterator[Signed]:
    desk = signed(gongbao, office)
    yield desk
    desk.engine.dispose()


def test_a_post_that_was_found_is_published_at_its_address(desk: Signed, gongbao: Gongbao) -> None:
    desk.lose()
    said = gongbao("delivery", "settle", 1, *WORD, "--out", "https://weibo.com/1/Abc")
    assert said.out == "投递 1 已认定为已发出。\n"
    receipt = desk.delivery().receipt
    assert receipt is not None
    assert (desk.delivery().state, receipt.addresses) == (State.PUBLISHED, ("https://weibo.com/1/Abc",))


def test_a_post_that_is_not_out_is_queued_again(desk: Signed, gongbao: Gongbao) -> None:
    desk.lose()
    assert "未发出，将重新发送" in gongbao("delivery", "settle", 1, *WORD, "--not-out").out
    assert desk.delivery().state is State.QUEUED


@pytest.mark.parametrize("choice", [["--out", "https://weibo.com/1/Abc"], ["--not-out"]])
def test_the_reason_is_kept(desk: Signed, gongbao: Gongbao, choice: list[str]) -> None:
    desk.lose()
    gongbao("delivery", "settle", 1, *WORD, *choice)
    with reading(desk.engine) as connection:
        entry = audit.entries(connection, "delivery")[-1]
    assert (entry.act, entry.actor, entry.details["reason"]) == ("settle", "李四", "在微博页面看到了")
    last = json.loads(gongbao("delivery", "show", 1, "--json").out)["history"][-1]
    assert (last["actor"], "在微博页面看到了" in last["sentence"]) == ("李四", True)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ([*WORD], "请二选一"),
        ([*WORD, "--not-out", "--out", "https://weibo.com/1/Abc"], "请二选一"),
        (["--by", "李四", "--reason", " ", "--not-out"], "没有写明理由"),
        (["--by", " ", "--reason", "看到了", "--not-out"], "请写上姓名"),
        ([*WORD, "--out", "微博首页"], "不是网址"),
        ([*WORD, "--out", "ftp://weibo.com/1/Abc"], "不是网址"),
        ([*WORD, "--out", "https://weibo.com"], "不是网址"),
    ],
)
def test_a_word_that_cannot_be_taken_changes_nothing(
    desk: Signed, gongbao: Gongbao, options: list[str], sentence: str
) -> None:
    desk.lose()
    said = gongbao("delivery", "settle", 1, *options)
    assert said.code == 1
    assert sentence in said.err
    assert said.err.count("\n") == 1
    assert desk.delivery().state is State.UNCERTAIN


def test_an_address_of_another_delivery_is_not_taken(desk: Signed, gongbao: Gongbao) -> None:
    number = desk.sign_another()
    desk.publish("https://weibo.com/1/Abc")
    desk.lose(number)
    said = gongbao("delivery", "settle", number, *WORD, "--out", "https://weibo.com/1/Abc")
    assert "是投递 1 的地址" in said.err


def test_what_is_not_uncertain_is_not_settled(desk: Signed, gongbao: Gongbao) -> None:
    for state in ("待发", "已发布"):
        said = gongbao("delivery", "settle", 1, *WORD, "--not-out")
        assert f"投递 1 现在是“{state}”，不需要认定。" in said.err
        if state == "待发":
            desk.publish()


def test_an_unknown_number_is_named(desk: Signed, gongbao: Gongbao) -> None:
    assert "没有投递 9" in gongbao("delivery", "settle", 9, *WORD, "--not-out").err
    assert "没有投递 9" in gongbao("delivery", "look", 9, "--by", "李四").err


def test_an_uncertain_one_is_looked_up_at_once_on_request(desk: Signed, gongbao: Gongbao) -> None:
    desk.lose()
    assert "已安排马上查对" in gongbao("delivery", "look", 1, "--by", "李四").out
    assert desk.delivery().state is State.UNCERTAIN


def test_what_is_certain_needs_no_look(desk: Signed, gongbao: Gongbao) -> None:
    assert "现在是“待发”，不需要查对" in gongbao("delivery", "look", 1, "--by", "李四").err
