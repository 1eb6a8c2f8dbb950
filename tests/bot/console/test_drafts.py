"""An item's way through the console, from the first word to the queue."""

import pytest

from bot.app import House
from bot.console.drafts import compared
from bot.people import Role
from scheduler import ledger
from scheduler.database import reading
from tests.bot.console.browser import Browser
from tests.bot.console.conftest import Visitor
from tests.bot.importing.samples import drawn

TEXT = {
    "title": "关于开展冬季防火检查的通知",
    "body": "各村民委员会：\n请于本周内完成自查。",
    "format": "text",
    "source": "https://www.example.gov.cn/gk/1.html",
}


@pytest.fixture
def drafter(visitor: Visitor) -> Browser:
    return visitor("王芳", Role.DRAFTER)


@pytest.fixture
def reviewer(visitor: Visitor) -> Browser:
    return visitor("李明", Role.REVIEWER)


@pytest.fixture
def leader(visitor: Visitor) -> Browser:
    return visitor("陈静", Role.LEADER)


def test_three_people_take_an_item_to_the_queue(
    house: House, drafter: Browser, reviewer: Browser, leader: Browser
) -> None:
    assert "已添加稿件" in drafter.post("/drafts/new", TEXT).text
    assert "已送审" in drafter.post("/drafts/1/submit", {"seen": "1"}).text
    assert TEXT["title"] in reviewer.get("/review").text
    assert "已审核" in reviewer.post("/drafts/1/review", {"seen": "1", "opinion": "同意"}).text
    assert "等我办理" in leader.get("/").text
    assert "已排入 1 次投递" in leader.post("/drafts/1/sign", {"seen": "1", "opinion": "同意发布"}).text
    with reading(house.engine) as connection:
        assert [row["titles"] for row in ledger.listing(connection)] == [[TEXT["title"]]]


def test_nobody_acts_at_a_step_of_another(drafter: Browser, reviewer: Browser, leader: Browser) -> None:
    drafter.post("/drafts/new", TEXT)
    drafter.post("/drafts/1/submit", {"seen": "1"})
    assert drafter.post("/drafts/1/review", {"seen": "1"}).status_code == 403
    assert reviewer.post("/drafts/1/sign", {"seen": "1"}).status_code == 403
    assert leader.post("/drafts/1/sign", {"seen": "1"}).status_code == 422


def test_no_state_in_the_form_moves_an_item(drafter: Browser) -> None:
    drafter.post("/drafts/new", TEXT | {"state": "signed", "passed": "王芳", "steps": "经办人"})
    page = drafter.get("/drafts/1").text
    assert "拟稿中" in page
    assert "已签发" not in page


def test_a_return_says_what_must_change(drafter: Browser, reviewer: Browser) -> None:
    drafter.post("/drafts/new", TEXT)
    drafter.post("/drafts/1/submit", {"seen": "1"})
    assert "要写明理由" in reviewer.post("/drafts/1/return", {"seen": "1"}).text
    assert "已退回" in reviewer.post("/drafts/1/return", {"seen": "1", "opinion": "请写明联系电话"}).text
    assert "请写明联系电话" in drafter.get("/drafts/1").text


def test_a_version_that_nobody_saw_is_not_passed(drafter: Browser, reviewer: Browser) -> None:
    drafter.post("/drafts/new", TEXT)
    drafter.post("/drafts/1/edit", TEXT | {"seen": "1", "body": "改过的正文。"})
    drafter.post("/drafts/1/submit", {"seen": "2"})
    answer = reviewer.post("/drafts/1/review", {"seen": "1"})
    assert (answer.status_code, "您看的是第 1 版" in answer.text) == (422, True)


def test_what_was_typed_is_not_lost_when_it_is_refused(drafter: Browser) -> None:
    answer = drafter.post("/drafts/new", TEXT | {"source": "not an address"})
    assert answer.status_code == 422
    assert "不是网址" in answer.text
    assert "请于本周内完成自查" in answer.text


@pytest.mark.parametrize("missing", ["title", "body"])
def test_an_item_needs_title_and_body(drafter: Browser, missing: str) -> None:
    answer = drafter.post("/drafts/new", TEXT | {missing: ""})
    assert (answer.status_code, "还没有" in answer.text) == (422, True)


def test_files_become_items_all_or_none(drafter: Browser) -> None:
    good, empty = ("通知.md", "# 通知\n\n正文。"), ("空.md", "")
    refused = drafter.post("/drafts/new", files=[("files", good), ("files", empty)])
    assert refused.status_code == 422
    assert "没有符合条件的稿件" in drafter.get("/drafts").text
    two = drafter.post("/drafts/new", files=[("files", good), ("files", ("公告.txt", "公告\n\n内容。"))])
    assert "已添加 2 篇稿件" in two.text


def test_hostile_html_does_not_reach_the_page(drafter: Browser) -> None:
    body = '<p onclick="x()">正文<script>alert(1)</script><a href="javascript:x()">链接</a></p>'
    page = drafter.post("/drafts/new", TEXT | {"body": body, "format": "html"}).text
    assert "正文" in page
    for hostile in ("onclick", "alert(1)", "javascript:"):
        assert hostile not in page


def test_pictures_come_along_into_the_next_version(drafter: Browser) -> None:
    picture = ("水位.png", drawn(), "image/png")
    fields = TEXT | {"format": "html", "body": "<p>水位图如下。</p>"}
    drafter.post("/drafts/new", fields, files=[("pictures", picture)])
    page = drafter.get("/drafts/1/edit").text
    address = "/drafts/1/pictures/" + page.partition("/drafts/1/pictures/")[2][:64]
    assert drafter.get(address).headers["content-type"] == "image/png"
    body = f'<p>水位图改了说明。</p><p><img src="{address}" alt="水位"></p>'
    saved = drafter.post("/drafts/1/edit", fields | {"seen": "1", "body": body}).text
    assert "已保存为第 2 版" in saved
    assert drafter.get(address).status_code == 200


def test_another_unit_s_item_is_neither_seen_nor_touched(visitor: Visitor, drafter: Browser) -> None:
    drafter.post("/drafts/new", TEXT)
    stranger = visitor("孙七", Role.DRAFTER, Role.REVIEWER, unit="财政所")
    assert TEXT["title"] not in stranger.get("/drafts").text
    assert stranger.get("/drafts/1").status_code == 403
    assert stranger.post("/drafts/1/discard", {"seen": "1"}).status_code == 403
    assert stranger.post("/drafts/new", TEXT | {"unit": "党政办"}).status_code == 403


def test_a_contributor_hands_in_and_follows_but_does_not_submit(visitor: Visitor) -> None:
    contributor = visitor("周八", Role.CONTRIBUTOR)
    assert "已添加稿件" in contributor.post("/drafts/new", TEXT).text
    assert TEXT["title"] in contributor.get("/drafts").text
    assert contributor.post("/drafts/1/submit", {"seen": "1"}).status_code == 403


def test_a_preview_is_a_frame_that_can_do_nothing(drafter: Browser) -> None:
    drafter.post("/drafts/new", TEXT)
    assert "<iframe sandbox " in drafter.get("/drafts/1/preview").text
    phone = drafter.get("/drafts/1/preview/town_weibo")
    assert "上限" in phone.text  # the channel itself has drawn it
    policy = phone.headers["content-security-policy"]
    assert "sandbox;" in policy
    assert "default-src 'none'" in policy


@pytest.mark.parametrize(
    ("before", "after", "pieces"),
    [
        ("甲\n乙", "甲\n乙", [("same", "甲\n乙")]),
        ("甲", "甲\n乙", [("same", "甲"), ("added", "\n乙")]),
        ("共3人。", "共5人。", [("same", "共"), ("removed", "3"), ("added", "5"), ("same", "人。")]),
    ],
)
def test_a_comparison_names_what_came_and_went(
    before: str, after: str, pieces: list[tuple[str, str]]
) -> None:
    assert compared(before, after) == pieces
