"""Customer-service messages, menu, followers and tags."""

from typing import Any

import pytest

from tests.channels.wechat.emulated import JPEG, Platform


@pytest.fixture
def platform() -> Platform:
    return Platform()


def code(answer: dict[str, Any]) -> int:
    found: int = answer.get("errcode", 0)
    return found


def say(platform: Platform, words: str = "您好", **fields: Any) -> Any:
    known = {"touser": platform.openids()[0], "msgtype": "text", "text": {"content": words}}
    return platform.post("message/custom/send", known | fields)


# Windows


@pytest.mark.parametrize(
    ("act", "places", "minutes"),
    [
        (("message", {"content": "在吗"}), 5, 48 * 60),
        (("event", {"event": "CLICK", "eventkey": "K"}), 3, 1),
        (("event", {"event": "subscribe"}), 3, 1),
        (("event", {"event": "SCAN", "eventkey": "7"}), 3, 1),
    ],
)
def test_a_contact_opens_a_window_with_so_many_places(
    platform: Platform, act: tuple[str, dict[str, str]], places: int, minutes: int
) -> None:
    assert code(say(platform)) == 45015
    name, fields = act
    platform.control(name, fields | {"openid": platform.openids()[0]})
    assert [code(say(platform)) for _ in range(places + 1)] == [0] * places + [45047]
    platform.control(name, fields | {"openid": platform.openids()[0]})
    assert code(say(platform)) == 0
    platform.later(minutes=minutes)
    platform.sign_in()
    assert code(say(platform)) == 45015


def test_viewing_a_link_opens_no_window(platform: Platform) -> None:
    platform.control("event", {"event": "VIEW", "eventkey": "http://a.example"})
    assert code(say(platform)) == 45015


def test_a_refused_message_uses_no_place(platform: Platform) -> None:
    platform.control("message", {"content": "在吗"})
    codes = [code(say(platform, "")) for _ in range(6)] + [code(say(platform)) for _ in range(5)]
    assert codes == [44004] * 6 + [0] * 5


@pytest.mark.parametrize(
    ("fields", "errcode"),
    [
        ({"touser": "x"}, 40003),
        ({"touser": ""}, 41009),
        ({"msgtype": "other"}, 40008),
        ({"text": "x"}, 44004),
        ({"text": {"content": "长" * 683}}, 45002),
        ({"msgtype": "image", "image": {"media_id": "x"}}, 40007),
        ({"msgtype": "news", "news": {"articles": []}}, 44003),
        ({"msgtype": "news", "news": {"articles": [{"title": "一"}, {"title": "二"}]}}, 45008),
        ({"msgtype": "mpnews", "mpnews": {"media_id": "x"}}, 40007),
        ({"msgtype": "mpnewsarticle", "mpnewsarticle": {"article_id": "x"}}, 53600),
        ({"msgtype": "msgmenu", "msgmenu": {"list": "x"}}, 44005),
    ],
)
def test_a_message_that_breaks_a_rule_is_refused(
    platform: Platform, fields: dict[str, Any], errcode: int
) -> None:
    platform.control("message", {"content": "在吗"})
    assert code(say(platform, **fields)) == errcode


def test_each_kind_of_message_reaches_the_chat(platform: Platform) -> None:
    platform.control("message", {"content": "在吗"})
    image = platform.upload("media/upload", JPEG, type="image")["media_id"]
    job = platform.publish(platform.draft(title="已发布"))
    contents: dict[str, Any] = {
        "image": {"media_id": image},
        "news": {"articles": [{"title": "外链", "url": "http://a.example"}]},
        "mpnews": {"media_id": platform.draft(title="草稿")},
        "mpnewsarticle": {"article_id": job["article_id"]},
        "msgmenu": {
            "head_content": "满意吗",
            "list": [{"id": "1", "content": "满意"}],
            "tail_content": "谢谢",
        },
    }
    for kind, content in contents.items():
        assert code(say(platform, msgtype=kind, **{kind: content})) == 0
    page = platform.emulator.phone()
    assert all(words in page for words in ("外链", "草稿", "已发布", "满意吗\n满意\n谢谢"))


def test_a_follower_who_left_or_blocks_gets_nothing(platform: Platform) -> None:
    first, second = platform.openids()[:2]
    platform.control("message", {"content": "在吗", "openid": second})
    platform.control("event", {"event": "unsubscribe", "openid": first})
    assert code(say(platform, touser=first)) == 43004
    platform.emulator.followers.known(second).blocks = True
    assert code(say(platform, touser=second)) == 48002


def test_an_unverified_account_has_no_customer_service() -> None:
    assert code(say(Platform(verified=False))) == 48001


def test_typing_needs_a_contact_half_a_minute_ago(platform: Platform) -> None:
    openid = platform.openids()[0]

    def typing(command: str = "Typing") -> int:
        return code(platform.post("message/custom/typing", {"touser": openid, "command": command}))

    assert typing() == 45080
    platform.control("message", {"content": "在吗"})
    assert [typing(), typing(), typing("CancelTyping"), typing()] == [0, 45081, 0, 0]
    assert typing("Stop") == 45072
    platform.later(seconds=31)
    assert typing("CancelTyping") == 45080


# Menu


CLICK = {"type": "click", "name": "办事", "key": "K"}
VIEW = {"type": "view", "name": "网站", "url": "http://a.example"}


def menu(platform: Platform, *buttons: Any) -> int:
    return code(platform.post("menu/create", {"button": list(buttons)}))


def test_a_menu_is_made_read_and_deleted(platform: Platform) -> None:
    assert code(platform.get("menu/get")) == 46003
    assert menu(platform, CLICK, {"name": "更多", "sub_button": [VIEW] * 5}) == 0
    buttons = platform.get("menu/get")["menu"]["button"]
    assert buttons[0] == CLICK | {"sub_button": []}
    assert len(buttons[1]["sub_button"]) == 5
    assert code(platform.get("menu/delete")) == 0
    assert code(platform.get("menu/get")) == 46003


@pytest.mark.parametrize(
    ("button", "top", "below"),
    [
        (CLICK | {"name": ""}, 40018, 40025),
        (CLICK | {"name": "名" * 5 + "x"}, 0, 0),
        (CLICK | {"name": "名" * 5 + "xx"}, 40018, 0),
        (CLICK | {"name": "名" * 20}, 40018, 0),
        (CLICK | {"name": "名" * 20 + "x"}, 40018, 40025),
        (CLICK | {"key": ""}, 40019, 40026),
        (CLICK | {"key": "k" * 128}, 0, 0),
        (CLICK | {"key": "k" * 129}, 40019, 40026),
        (VIEW | {"url": ""}, 40020, 40027),
        (VIEW | {"url": "http://a.example/" + "x" * 1007}, 0, 0),
        (VIEW | {"url": "http://a.example/" + "x" * 1008}, 40020, 40027),
        (VIEW | {"url": "www.example"}, 40055, 40054),
        (VIEW | {"url": "http://["}, 40055, 40054),
        ({"name": "空"}, 65308, 65308),
        ({"name": "怪", "type": "other"}, 40017, 40024),
        ({"name": "图", "type": "media_id", "media_id": "x"}, 40007, 40007),
        ({"name": "文", "type": "article_id", "article_id": "x"}, 53600, 53600),
        ({"name": "程", "type": "miniprogram", "url": "http://a.example", "appid": "wx"}, 0, 0),
        ("x", 40016, 40023),
    ],
)
def test_a_button_has_its_rules_in_each_row(platform: Platform, button: Any, top: int, below: int) -> None:
    assert menu(platform, button) == top
    assert menu(platform, {"name": "更多", "sub_button": [button]}) == below


@pytest.mark.parametrize(
    ("buttons", "errcode"),
    [
        ([], 40016),
        ([CLICK] * 3, 0),
        ([CLICK] * 4, 40016),
        ([{"name": "多", "sub_button": [VIEW] * 6}], 40023),
    ],
)
def test_rows_have_three_and_five_places(platform: Platform, buttons: list[Any], errcode: int) -> None:
    assert menu(platform, *buttons) == errcode


def test_a_button_may_lead_to_an_article_or_a_picture(platform: Platform) -> None:
    article_id = platform.publish(platform.draft())["article_id"]
    picture = {"name": "图", "type": "media_id", "media_id": platform.cover()}
    assert menu(platform, {"name": "文", "type": "article_id", "article_id": article_id}, picture) == 0


def test_a_menu_with_escapes_is_refused(platform: Platform) -> None:
    body = b'{"button": [{"type": "click", "name": "\\u529e\\u4e8b", "key": "K"}]}'
    assert code(platform.raw("menu/create", body)) == 40033


# Followers and tags


def test_followers_are_listed_after_one_another() -> None:
    platform = Platform(followers=10_001)
    first = platform.get("user/get")
    assert (first["total"], first["count"]) == (10_001, 10_000)
    second = platform.get("user/get", next_openid=first["next_openid"])
    assert (second["count"], second["next_openid"]) == (1, second["data"]["openid"][0])
    assert platform.get("user/get", next_openid=second["next_openid"])["count"] == 0
    assert code(platform.get("user/get", next_openid="x")) == 40003


def test_a_follower_is_described_without_name_and_picture(platform: Platform) -> None:
    openid = platform.openids()[0]
    assert len(openid) == 28
    platform.post("user/info/updateremark", {"openid": openid, "remark": "企业"})
    info = platform.get("user/info", openid=openid, lang="zh_CN")
    assert (info["subscribe"], info["remark"], info["nickname"]) == (1, "企业", "")
    assert code(platform.get("user/info", openid="x")) == 40003


def test_one_who_left_is_told_as_not_following(platform: Platform) -> None:
    openid = platform.openids()[0]
    platform.control("event", {"event": "unsubscribe", "openid": openid})
    assert platform.get("user/info", openid=openid)["subscribe"] == 0
    assert platform.get("user/get")["total"] == 2
    platform.control("event", {"event": "subscribe", "openid": openid})
    assert platform.get("user/get")["total"] == 3


def test_followers_are_described_by_the_hundred(platform: Platform) -> None:
    wanted = [{"openid": openid} for openid in platform.openids()]
    assert len(platform.post("user/info/batchget", {"user_list": wanted})["user_info_list"]) == 3
    assert code(platform.post("user/info/batchget", {"user_list": wanted * 34})) == 40032
    assert code(platform.post("user/info/batchget", {"user_list": []})) == 40031


def test_a_tag_groups_followers(platform: Platform) -> None:
    tag = platform.post("tags/create", {"tag": {"name": "企业"}})["tag"]["id"]
    openids = platform.openids()
    assert code(platform.post("tags/members/batchtagging", {"tagid": tag, "openid_list": openids[:2]})) == 0
    assert platform.post("user/tag/get", {"tagid": tag})["count"] == 2
    assert platform.post("tags/getidlist", {"openid": openids[0]}) == {"tagid_list": [tag]}
    platform.post("tags/members/batchuntagging", {"tagid": tag, "openid_list": openids[:1]})
    assert platform.get("tags/get")["tags"][-1] == {"id": tag, "name": "企业", "count": 1}
    assert code(platform.post("tags/update", {"tag": {"id": tag, "name": "商户"}})) == 0
    assert code(platform.post("tags/delete", {"tag": {"id": tag}})) == 0
    assert platform.post("tags/getidlist", {"openid": openids[1]}) == {"tagid_list": []}


@pytest.mark.parametrize(
    ("path", "fields", "errcode"),
    [
        ("create", {"tag": {"name": ""}}, 45157),
        ("create", {"tag": {"name": "星标组"}}, 45157),
        ("create", {"tag": {"name": "长" * 11}}, 45158),
        ("create", {}, 47001),
        ("update", {"tag": {"id": 2, "name": "x"}}, 45058),
        ("delete", {"tag": {"id": 0}}, 45058),
        ("delete", {"tag": {"id": 999}}, 45159),
        ("members/batchtagging", {"tagid": 2, "openid_list": []}, 40031),
        ("members/batchtagging", {"tagid": 2, "openid_list": ["x"] * 51}, 40032),
        ("members/batchtagging", {"tagid": 9, "openid_list": ["x"]}, 45159),
        ("members/batchtagging", {"tagid": 2, "openid_list": ["x"]}, 40003),
    ],
)
def test_tags_have_rules(platform: Platform, path: str, fields: dict[str, Any], errcode: int) -> None:
    assert code(platform.post(f"tags/{path}", fields)) == errcode


def test_there_are_a_hundred_tags_and_twenty_a_follower(platform: Platform) -> None:
    tags = [platform.post("tags/create", {"tag": {"name": f"t{n}"}})["tag"]["id"] for n in range(99)]
    assert code(platform.post("tags/create", {"tag": {"name": "one more"}})) == 45056
    codes = [
        code(
            platform.post("tags/members/batchtagging", {"tagid": tag, "openid_list": platform.openids()[:1]})
        )
        for tag in tags[:21]
    ]
    assert codes == [0] * 20 + [45059]
