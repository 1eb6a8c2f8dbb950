"""Publishing without a push, and the comments below what is out."""

from typing import Any

import pytest

from channels.emulator import Fault, FaultRule
from tests.channels.wechat.emulated import Platform


@pytest.fixture
def platform() -> Platform:
    return Platform()


def code(answer: dict[str, Any]) -> int:
    found: int = answer.get("errcode", 0)
    return found


def test_a_job_runs_a_while_and_then_the_article_is_out(platform: Platform) -> None:
    taken = platform.post("freepublish/submit", {"media_id": platform.draft(title="通告")})
    asked = {"publish_id": taken["publish_id"]}
    assert platform.post("freepublish/get", asked)["publish_status"] == 1
    assert platform.emulator.shown() == []
    platform.later(seconds=0.2)
    job = platform.post("freepublish/get", asked)
    assert (job["publish_status"], job["fail_idx"], job["article_detail"]["count"]) == (0, [], 1)
    shown = platform.emulator.shown()[0]
    assert (shown.act, shown.kind, shown.title) == (taken["publish_id"], "publish", "通告")
    assert shown.address == job["article_detail"]["item"][0]["article_url"]


def test_the_id_is_text_in_one_answer_and_a_number_in_the_other(platform: Platform) -> None:
    taken = platform.post("freepublish/submit", {"media_id": platform.draft()})
    told = platform.post("freepublish/get", {"publish_id": taken["publish_id"]})
    assert taken["publish_id"] == str(told["publish_id"])
    assert isinstance(told["publish_id"], int)
    assert isinstance(taken["msg_data_id"], int)


def test_a_draft_leaves_the_box_once_it_is_published(platform: Platform) -> None:
    wanted = {"media_id": platform.draft()}
    platform.post("freepublish/submit", wanted)
    assert code(platform.post("freepublish/submit", wanted)) == 40007
    assert code(platform.post("draft/get", wanted)) == 40007


def test_followers_can_open_the_article(platform: Platform) -> None:
    job = platform.publish(platform.draft(title="公告<一>", content="<p>正文</p>"))
    page = platform.page(job["article_detail"]["item"][0]["article_url"])
    assert page.media_type.startswith("text/html")
    assert "公告&lt;一&gt;" in page.body.decode()
    assert "<p>正文</p>" in page.body.decode()


def test_a_page_that_never_was_is_not_found(platform: Platform) -> None:
    assert platform.page("/s/nothing").status == 404


@pytest.mark.parametrize(("id_", "errcode"), [(1, 53502), ("1", 53502), ("x", 40002), (None, 40002)])
def test_an_unknown_job_is_refused(platform: Platform, id_: Any, errcode: int) -> None:
    assert code(platform.post("freepublish/get", {"publish_id": id_})) == errcode


@pytest.mark.parametrize("status", [2, 3, 4])
def test_a_job_may_fail_and_its_draft_goes_back(platform: Platform, status: int) -> None:
    platform.control("verdict", {"job": "publish", "status": status, "fail_idx": [1]})
    media_id = platform.draft()
    job = platform.publish(media_id)
    assert (job["publish_status"], job["fail_idx"]) == (status, [1])
    assert "article_id" not in job
    assert platform.emulator.shown() == []
    assert platform.publish(media_id)["publish_status"] == 0


@pytest.mark.parametrize(
    ("index", "withdrawn"), [(1, [True, False]), (2, [False, True]), (0, [True, True]), (None, [True, True])]
)
def test_deleting_counts_from_one_and_none_means_all(
    platform: Platform, index: int | None, withdrawn: list[bool]
) -> None:
    job = platform.publish(platform.draft({"title": "一"}, {"title": "二"}))
    wanted = {"article_id": job["article_id"]} | ({} if index is None else {"index": index})
    assert platform.post("freepublish/delete", wanted)["errcode"] == 0
    assert [shown.withdrawn for shown in platform.emulator.shown()] == withdrawn
    items = platform.post("freepublish/getarticle", {"article_id": job["article_id"]})["news_item"]
    assert [item["is_deleted"] for item in items] == withdrawn
    page = platform.page(items[withdrawn.index(True)]["url"])
    assert "该内容已被发布者删除" in page.body.decode()


def test_a_job_whose_articles_are_all_deleted_says_so(platform: Platform) -> None:
    job = platform.publish(platform.draft())
    platform.post("freepublish/delete", {"article_id": job["article_id"]})
    told = platform.post("freepublish/get", {"publish_id": job["publish_id"]})
    assert told["publish_status"] == 5


def test_deleting_wants_an_article_that_is_there(platform: Platform) -> None:
    job = platform.publish(platform.draft())
    wanted = {"article_id": job["article_id"], "index": 2}
    assert code(platform.post("freepublish/delete", wanted)) == 40114
    assert code(platform.post("freepublish/delete", {"article_id": "x"})) == 53600
    assert code(platform.post("freepublish/getarticle", {"article_id": "x"})) == 53600


def test_published_articles_are_listed_newest_first(platform: Platform) -> None:
    ids = [platform.publish(platform.draft())["article_id"] for _ in range(3)]
    page = platform.post("freepublish/batchget", {"offset": 0, "count": 2, "no_content": 0})
    assert [item["article_id"] for item in page["item"]] == ids[:0:-1]
    assert (page["total_count"], page["item_count"]) == (3, 2)
    assert page["item"][0]["content"]["news_item"][0]["content"] == "<p>正文第一段。</p>"


@pytest.mark.parametrize("path", ["submit", "get", "delete", "getarticle", "batchget"])
def test_an_unverified_account_may_not_publish_nor_read(path: str) -> None:
    assert code(Platform(verified=False).post(f"freepublish/{path}", {})) == 48001


def test_a_dropped_answer_leaves_the_article_out(platform: Platform) -> None:
    media_id = platform.draft()
    platform.emulator.faults.append(FaultRule(Fault.DROP_AFTER, "submit", times=1))
    assert platform.call(
        "POST", "freepublish/submit", body=b'{"media_id": "%b"}' % media_id.encode()
    ).response.dropped
    platform.later(seconds=1)
    assert len(platform.emulator.shown()) == 1


# Comments


def commented(platform: Platform) -> tuple[dict[str, Any], int]:
    """The address of an article in comment calls, and a comment below it."""
    job = platform.publish(platform.draft(need_open_comment=1))
    below = {"msg_data_id": job["msg_data_id"], "index": 0}
    comment = platform.control("comment", below | {"content": "办得好"})["user_comment_id"]
    return below, comment


def listed(platform: Platform, below: dict[str, Any], **fields: int) -> Any:
    return platform.post("comment/list", below | {"begin": 0, "count": 49, "type": 0} | fields)


def test_a_comment_is_listed_elected_answered_and_deleted(platform: Platform) -> None:
    below, comment = commented(platform)
    one = below | {"user_comment_id": comment}
    assert listed(platform, below)["comment"][0]["content"] == "办得好"
    assert code(platform.post("comment/markelect", one)) == 0
    assert (listed(platform, below, type=2)["total"], listed(platform, below, type=1)["total"]) == (1, 0)
    assert code(platform.post("comment/reply/add", one | {"content": "谢谢"})) == 0
    assert code(platform.post("comment/reply/add", one | {"content": "谢谢"})) == 88005
    assert listed(platform, below)["comment"][0]["reply"]["content"] == "谢谢"
    assert code(platform.post("comment/reply/delete", one)) == 0
    assert code(platform.post("comment/reply/delete", one)) == 88009
    assert code(platform.post("comment/unmarkelect", one)) == 0
    assert code(platform.post("comment/delete", one)) == 0
    assert code(platform.post("comment/delete", one)) == 88008


def test_comments_count_articles_from_zero(platform: Platform) -> None:
    below, _ = commented(platform)
    assert code(listed(platform, below | {"index": 1})) == 88001
    assert code(listed(platform, below | {"msg_data_id": 1})) == 88001


@pytest.mark.parametrize(("count", "errcode"), [(0, 88010), (1, 0), (49, 0), (50, 88010)])
def test_a_list_of_fifty_comments_is_refused(platform: Platform, count: int, errcode: int) -> None:
    below, _ = commented(platform)
    assert code(listed(platform, below, count=count)) == errcode


def test_nobody_comments_below_a_closed_article(platform: Platform) -> None:
    below, comment = commented(platform)
    platform.post("comment/close", below)
    with pytest.raises(AssertionError):
        platform.control("comment", below | {"content": "再来"})
    platform.post("comment/open", below)
    assert platform.control("comment", below | {"content": "再来"})["user_comment_id"] == comment + 1


@pytest.mark.parametrize(("content", "errcode"), [("", 88007), ("长" * 601, 88007)])
def test_an_answer_has_a_length(platform: Platform, content: str, errcode: int) -> None:
    below, comment = commented(platform)
    answer = below | {"user_comment_id": comment, "content": content}
    assert code(platform.post("comment/reply/add", answer)) == errcode
