from typing import Any

import pytest

from channels.weibo.emulator import Emulator
from tests.channels.weibo.office import SOURCE, call


@pytest.fixture
def post(emulator: Emulator) -> str:
    answer = call(emulator, "POST", "/2/statuses/share.json", status=f"通告 {SOURCE}", rip="192.0.2.1")
    return str(answer["idstr"])


def comments(emulator: Emulator, name: str, **params: str) -> list[str]:
    answer = call(emulator, "GET", f"/2/comments/{name}.json", **params)
    return [comment["text"] for comment in answer["comments"]]


def create(emulator: Emulator, post: str, text: str) -> Any:
    return call(emulator, "POST", "/2/comments/create.json", id=post, comment=text, rip="192.0.2.1")


def test_a_followers_comment_is_read_and_answered(emulator: Emulator, post: str) -> None:
    comment = emulator.write_comment(post, "何时完工？@云溪发布")
    answer = call(
        emulator,
        "POST",
        "/2/comments/reply.json",
        id=post,
        cid=comment,
        comment="12月10日前。",
        rip="192.0.2.1",
    )
    assert answer["text"] == "12月10日前。"
    assert comments(emulator, "to_me") == comments(emulator, "mentions") == ["何时完工？@云溪发布"]
    both = ["12月10日前。", "何时完工？@云溪发布"]
    assert comments(emulator, "show", id=post) == comments(emulator, "timeline") == both
    assert comments(emulator, "timeline", since_id=comment) == both[:1]


def test_comments_follow_the_rules_of_posts(emulator: Emulator, post: str) -> None:
    assert create(emulator, post, "谢谢关注")["text"] == "谢谢关注"
    assert int(create(emulator, post, "谢谢关注")["error_code"]) == 20019
    assert int(create(emulator, post, "长" * 141)["error_code"]) == 20012
    assert int(create(emulator, "4711", "谢谢")["error_code"]) == 20101


def test_a_deleted_comment_is_gone(emulator: Emulator, post: str) -> None:
    number = create(emulator, post, "谢谢关注")["idstr"]
    call(emulator, "POST", "/2/comments/destroy.json", cid=number)
    assert comments(emulator, "show", id=post) == []
    assert int(call(emulator, "POST", "/2/comments/destroy.json", cid=number)["error_code"]) == 20201


def test_a_comment_below_no_post_is_a_bad_request(emulator: Emulator) -> None:
    with pytest.raises(ValueError, match="4711"):
        emulator.write_comment("4711", "在吗")
