"""The desk on both databases: each verb whole or not at all, and nothing signed around the chain."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import Engine, func, select, update

from bot.desk import Desk, Done
from bot.drafts import Act, State
from bot.errors import RuleBroken
from bot.tables import draft_acts, draft_versions, drafts
from channels.base import Level, Problem
from scheduler import ledger
from scheduler.tables import blobs, deliveries, posts
from tests.bot.desk.office import (
    DOCUMENT,
    DRAFTER,
    LEADER,
    OFFICE,
    PICTURE,
    Platforms,
    desk,
    proposal,
    settings,
)
from tests.support import NOW

LATER = NOW + timedelta(hours=3)


def reviewed(at: Desk, **more: Any) -> int:
    """An item that waits for the signature."""
    (item,) = at.add([proposal(**more)], DRAFTER, NOW)
    at.submit(item, DRAFTER, NOW, 1)
    at.review(item, OFFICE, NOW, 1, "同意")
    return item


def signed(at: Desk, **more: Any) -> Done:
    return at.sign_off(reviewed(at, **more), LEADER, NOW, 1)


def rows(engine: Engine, table: Any) -> int:
    with engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def test_what_is_signed_is_frozen_and_queued_for_every_account(engine: Engine) -> None:
    done = signed(desk(engine))
    assert done.draft.state is State.SIGNED
    with engine.connect() as connection:
        for number, account in zip(done.deliveries, ("town_wechat", "town_weibo"), strict=True):
            delivery = ledger.load(connection, number)
            assert (delivery.account, delivery.due_at) == (account, NOW)
        frozen = connection.execute(select(posts.c.content, posts.c.sha256)).one()
    shown = desk(engine).show(1)
    assert (frozen.content, frozen.sha256) == (shown.post.canonical(), shown.sha256)
    assert shown.post.pictures == (PICTURE,)


def test_the_time_that_was_asked_for_is_kept(engine: Engine) -> None:
    done = signed(desk(engine), due_at=LATER, accounts=("town_weibo",))
    with engine.connect() as connection:
        assert [ledger.load(connection, number).due_at for number in done.deliveries] == [LATER]


def test_an_item_signed_after_its_time_goes_out_at_once(engine: Engine) -> None:
    at = desk(engine)
    item = reviewed(at, due_at=LATER)
    done = at.sign_off(item, LEADER, LATER + timedelta(hours=1), 1)
    with engine.connect() as connection:
        assert ledger.load(connection, done.deliveries[0]).due_at == LATER + timedelta(hours=1)


def test_the_record_says_who_did_what_when_and_on_which_version(engine: Engine) -> None:
    at = desk(engine)
    signed(at)
    acts = [(act["act"], act["step"], act["who"], act["version"], act["opinion"]) for act in at.show(1).acts]
    assert acts == [
        ("add", "", DRAFTER, 1, ""),
        ("submit", "经办人", DRAFTER, 1, ""),
        ("review", "政务公开办", OFFICE, 1, "同意"),
        ("sign", "分管领导", LEADER, 1, ""),
    ]


def test_a_returned_item_is_revised_and_goes_round_again(engine: Engine) -> None:
    at = desk(engine)
    item = reviewed(at, source="https://www.example.gov.cn/1", due_at=LATER, accounts=("town_weibo",))
    at.send_back(item, LEADER, NOW, 1, "请补充电话")
    done = at.revise(item, proposal(replace(DOCUMENT, title="关于防汛的补充通知")), DRAFTER, NOW, 1)
    assert (done.draft.state, done.draft.version) == (State.EDITING, 2)
    shown = at.show(item)
    assert (shown.post.title, shown.post.source) == ("关于防汛的补充通知", "https://www.example.gov.cn/1")
    assert (shown.item.due_at, shown.item.accounts) == (LATER, ("town_weibo",))
    at.submit(item, DRAFTER, NOW, 2)
    at.review(item, OFFICE, NOW, 2)
    assert at.sign_off(item, LEADER, NOW, 2).draft.state is State.SIGNED
    assert rows(engine, draft_versions) == 2


def test_a_version_that_changed_meanwhile_is_not_signed(engine: Engine) -> None:
    at = desk(engine)
    item = reviewed(at)
    at.withdraw(item, DRAFTER, NOW, 1)
    at.revise(item, proposal(), DRAFTER, NOW, 1)
    at.submit(item, DRAFTER, NOW, 2)
    at.review(item, OFFICE, NOW, 2)
    with pytest.raises(RuleBroken, match="您看的是第 1 版"):
        at.sign_off(item, LEADER, NOW, 1)


@pytest.mark.parametrize("verb", ["submit", "sign_off"])
def test_what_a_platform_would_refuse_is_neither_submitted_nor_signed(engine: Engine, verb: str) -> None:
    platforms = Platforms()
    at = desk(engine, platforms)
    item = reviewed(at) if verb == "sign_off" else at.add([proposal()], DRAFTER, NOW)[0]
    before = at.show(item)
    platforms.problems["town_weibo"] = [Problem(Level.BLOCK, "标题太长，请缩短。")]
    with pytest.raises(RuleBroken, match=r"《关于防汛的通知》还不能发布.*town_weibo.*标题太长"):
        getattr(at, verb)(item, LEADER, NOW, 1)
    assert at.show(item) == before
    assert rows(engine, deliveries) == 0


def test_a_platforms_hint_is_passed_on(engine: Engine) -> None:
    at = desk(engine, Platforms({"town_weibo": [Problem(Level.WARN, "只带一张图片。")]}))
    (warning,) = signed(at).warnings
    assert "只带一张图片。" in warning


def test_of_several_documents_all_are_added_or_none(engine: Engine) -> None:
    at = desk(engine)
    with pytest.raises(RuleBroken, match="没有账号"):
        at.add([proposal(), proposal(accounts=("nowhere",))], DRAFTER, NOW)
    assert [rows(engine, table) for table in (drafts, draft_versions, draft_acts, blobs)] == [0, 0, 0, 0]
    assert at.add([proposal(), proposal()], DRAFTER, NOW) == [1, 2]


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"accounts": ("town_weibu",)}, "没有账号“town_weibu”，是不是“town_weibo”？"),
        ({"column": "通知公"}, "没有栏目“通知公”，是不是“通知公告”？"),
        ({"unit": "水利站"}, "没有单位“水利站”，可选的有：党政办。"),
        ({"due_at": NOW}, "2026-11-23 10:00 已经过去"),
        ({"source": "www.example.gov.cn"}, "不是网址"),
        ({"source": "http://[x"}, "不是网址"),
    ],
)
def test_what_does_not_fit_the_house_is_refused(engine: Engine, wrong: dict[str, Any], sentence: str) -> None:
    at = desk(engine, columns={"通知公告": {}}, units={"党政办": {}})
    with pytest.raises(RuleBroken) as caught:
        at.add([proposal(**wrong)], DRAFTER, NOW)
    assert sentence in str(caught.value)
    assert rows(engine, drafts) == 0


def test_without_accounts_nothing_can_be_added(engine: Engine) -> None:
    bare = Desk(engine, settings().model_copy(update={"accounts": {}}), Platforms().check, str)
    with pytest.raises(RuleBroken, match="还没有配置账号"):
        bare.add([proposal()], DRAFTER, NOW)


def test_an_item_takes_unit_author_and_chain_from_its_column(engine: Engine) -> None:
    columns = {"动态": {"steps": ["编辑", "主编"], "unit": "文化站"}}
    at = desk(engine, columns=columns, units={"文化站": {"author": "云溪文化"}})
    (item,) = at.add([proposal(column="动态")], DRAFTER, NOW)
    shown = at.show(item)
    assert (shown.item.unit, shown.post.author) == ("文化站", "云溪文化")
    at.submit(item, DRAFTER, NOW, 1)
    assert at.sign_off(item, LEADER, NOW, 1).draft.passed == (DRAFTER, LEADER)


def test_a_chain_stays_as_it_was_when_the_item_was_added(engine: Engine) -> None:
    (item,) = desk(engine).add([proposal(column="动态")], DRAFTER, NOW)
    shorter = desk(engine, columns={"动态": {"steps": ["编辑"]}})
    assert shorter.submit(item, DRAFTER, NOW, 1).draft.due is Act.REVIEW


@pytest.mark.parametrize("number", [0, -1, 99, 2**63, 10**30])
def test_an_item_that_is_not_there_is_named(engine: Engine, number: int) -> None:
    with pytest.raises(RuleBroken, match=f"没有编号为 {number} 的稿件"):
        desk(engine).show(number)


@pytest.mark.parametrize("name", ["", "  ", "\u200b"])
def test_nobody_acts_without_a_name(engine: Engine, name: str) -> None:
    with pytest.raises(RuleBroken, match="姓名"):
        desk(engine).add([proposal()], name, NOW)


def test_the_same_person_in_other_spelling_is_the_same_person(engine: Engine) -> None:
    at = desk(engine)
    (item,) = at.add([proposal()], DRAFTER, NOW)
    at.submit(item, f" {DRAFTER}\u200b", NOW, 1)
    with pytest.raises(RuleBroken, match="不能自己审核"):
        at.review(item, f"{DRAFTER} ", NOW, 1)


def test_text_that_was_changed_behind_the_desks_back_is_not_signed(engine: Engine) -> None:
    at = desk(engine)
    item = reviewed(at)
    with engine.begin() as connection:
        connection.execute(update(draft_versions).values(text="改过的正文。"))
    with pytest.raises(RuleBroken, match="内容与写入时不一致"):
        at.sign_off(item, LEADER, NOW, 1)
    assert rows(engine, posts) == 0


def test_a_signature_that_cannot_be_queued_leaves_nothing(engine: Engine) -> None:
    def no_key() -> str:
        raise OSError("no randomness")

    item = reviewed(desk(engine))
    with pytest.raises(OSError, match="no randomness"):
        Desk(engine, settings(), Platforms().check, no_key).sign_off(item, LEADER, NOW, 1)
    assert desk(engine).show(item).item.draft.state is State.REVIEWED
    assert (rows(engine, posts), rows(engine, deliveries)) == (0, 0)


def test_the_list_is_newest_first_and_by_state(engine: Engine) -> None:
    at = desk(engine)
    signed(at)
    at.add([proposal()], DRAFTER, NOW)
    assert [item.draft.id for item in at.listing()] == [2, 1]
    assert [item.draft.id for item in at.listing([State.SIGNED])] == [1]
    assert [item.draft.id for item in at.listing(limit=1)] == [2]


def test_a_discarded_item_stays_on_record(engine: Engine) -> None:
    at = desk(engine)
    (item,) = at.add([proposal()], DRAFTER, NOW)
    at.discard(item, DRAFTER, NOW, 1, "不再需要")
    assert at.show(item).acts[-1]["opinion"] == "不再需要"
    with pytest.raises(RuleBroken, match="已作废"):
        at.submit(item, DRAFTER, NOW, 1)


def test_of_two_who_sign_at_once_one_does(engine: Engine) -> None:
    item = reviewed(desk(engine))
    together = Barrier(2)

    def sign(who: str) -> bool:
        together.wait()
        try:
            desk(engine).sign_off(item, who, NOW, 1)
        except RuleBroken:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(sign, (LEADER, "赵六"))) == [False, True]
    assert rows(engine, posts) == 1
