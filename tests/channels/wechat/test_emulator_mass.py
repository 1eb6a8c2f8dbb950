"""Broadcasts: rights, quotas, what keeps one from going out twice, and the event that ends it."""

from datetime import timedelta
from typing import Any

import pytest

from channels.wechat.emulator.errors import Refusal
from channels.wechat.emulator.ids import Ids
from channels.wechat.emulator.repeats import Repeats
from tests.channels.wechat.emulated import NOON, PNG, Platform

KEY = "c" * 32
EVERYBODY = {"is_to_all": True}


@pytest.fixture
def platform() -> Platform:
    return Platform(mode="plain")


@pytest.fixture
def service() -> Platform:
    return Platform(mode="plain", account="service")


def code(answer: dict[str, Any]) -> int:
    found: int = answer.get("errcode", 0)
    return found


def send(platform: Platform, media_id: str, **fields: Any) -> Any:
    known = {"filter": EVERYBODY, "msgtype": "mpnews", "mpnews": {"media_id": media_id}}
    return platform.post("message/mass/sendall", known | fields)


def say(platform: Platform, words: str, **fields: Any) -> Any:
    known = {"filter": EVERYBODY, "msgtype": "text", "text": {"content": words}}
    return platform.post("message/mass/sendall", known | fields)


def status(platform: Platform, msg_id: int) -> str:
    told: str = platform.post("message/mass/get", {"msg_id": msg_id})["msg_status"]
    return told


def finished(platform: Platform) -> str:
    """The body of the event that ends the broadcast."""
    platform.later(seconds=1)
    return platform.deliver()[-1].body.decode()


# The call and its job


def test_a_broadcast_is_taken_and_then_sent(platform: Platform) -> None:
    taken = send(platform, platform.draft(title="晚报"))
    assert taken["errmsg"] == "send job submission success"
    assert status(platform, taken["msg_id"]) == "SENDING"
    platform.later(seconds=1)
    assert status(platform, taken["msg_id"]) == "SEND_SUCCESS"
    shown = platform.emulator.shown()[0]
    assert (shown.act, shown.kind, shown.title) == (str(taken["msg_id"]), "broadcast", "晚报")


def test_only_articles_have_a_msg_data_id(service: Platform) -> None:
    assert isinstance(send(service, service.draft())["msg_data_id"], int)
    service.later(days=1)
    service.sign_in()
    assert "msg_data_id" not in say(service, "通知")


def test_a_draft_leaves_the_box_once_it_is_broadcast(service: Platform) -> None:
    media_id = service.draft()
    send(service, media_id)
    assert code(service.post("draft/get", {"media_id": media_id})) == 40007
    assert code(service.post("freepublish/submit", {"media_id": media_id})) == 40007


@pytest.mark.parametrize(
    ("fields", "errcode"),
    [
        ({"filter": None}, 40035),
        ({"filter": {"is_to_all": "true"}}, 40008),
        ({"filter": {"is_to_all": False, "tag_id": "2"}}, 40008),
        ({"filter": {"is_to_all": False, "tag_id": None}}, 40152),
        ({"filter": {"is_to_all": False, "tag_id": 99}}, 40152),
        ({"filter": {}}, 40152),
        ({"msgtype": "other"}, 40008),
        ({"msgtype": "wxcard", "wxcard": {"card_id": "x"}}, 48008),
        ({"msgtype": "text"}, 44004),
        ({"msgtype": "text", "text": {"content": ""}}, 44004),
        ({"msgtype": "text", "text": {"content": "长" * 683}}, 45002),
        ({"msgtype": "images", "images": {"media_ids": ["x"]}}, 40007),
        ({"msgtype": "voice", "voice": {"media_id": "x"}}, 40007),
        ({"mpnews": {"media_id": "x"}}, 40007),
        ({"send_ignore_reprint": 2}, 40035),
        ({"clientmsgid": 5}, 47001),
    ],
)
def test_a_call_that_breaks_a_rule_is_refused_and_costs_no_quota(
    platform: Platform, fields: dict[str, Any], errcode: int
) -> None:
    media_id = platform.draft()
    assert code(send(platform, media_id, **fields)) == errcode
    assert code(send(platform, media_id)) == 0


def test_pictures_and_words_can_be_broadcast_too(service: Platform) -> None:
    pictures = {"media_ids": [service.cover()], "recommend": "今日图片"}
    assert code(send(service, "", msgtype="images", images=pictures)) == 0
    service.later(days=1)
    service.sign_in()
    assert code(send(service, "", msgtype="image", image={"media_id": pictures["media_ids"][0]})) == 0


@pytest.mark.parametrize("path", ["sendall", "send", "preview", "get", "delete", "speed/get"])
def test_an_unverified_account_has_no_right_to_broadcast(path: str) -> None:
    assert code(Platform(verified=False).post(f"message/mass/{path}", {})) == 48001


# Sending to a list


def test_a_subscription_account_has_no_sending_by_list(platform: Platform) -> None:
    assert code(by_list(platform, platform.openids())) == 48001


@pytest.mark.parametrize(
    ("openids", "errcode"),
    [("x", 40031), ([1, 2], 40031), (["a"], 40130), (["a"] * 10_001, 40032), (["a", "b"], 0)],
)
def test_a_list_has_two_to_ten_thousand_openids(service: Platform, openids: Any, errcode: int) -> None:
    assert code(by_list(service, openids)) == errcode


def test_only_the_listed_followers_get_it(service: Platform) -> None:
    by_list(service, [*service.openids()[:2], "unknown"])
    event = finished(service)
    assert "<TotalCount>3</TotalCount><FilterCount>3</FilterCount>" in event
    assert "<SentCount>2</SentCount><ErrorCount>1</ErrorCount>" in event


def by_list(platform: Platform, openids: Any) -> Any:
    fields = {"touser": openids, "msgtype": "text", "text": {"content": "名单"}}
    return platform.post("message/mass/send", fields)


# Quotas


def test_a_subscription_account_broadcasts_once_a_day_of_beijing(platform: Platform) -> None:
    assert code(say(platform, "一")) == 0
    platform.later(hours=11)
    platform.sign_in()
    assert code(say(platform, "二")) == 45028
    platform.later(hours=1)
    assert code(say(platform, "二")) == 0


def test_a_service_account_broadcasts_to_all_four_times_a_month(service: Platform) -> None:
    codes = []
    for day in range(5):
        codes.append(code(say(service, f"第{day}天")))
        service.later(days=1)
        service.sign_in()
    assert codes == [0, 0, 0, 0, 45028]
    service.later(days=4)
    service.sign_in()
    assert code(say(service, "十二月")) == 0


def test_a_follower_of_a_service_account_gets_four_a_month(service: Platform) -> None:
    tag = service.post("tags/create", {"tag": {"name": "企业"}})["tag"]["id"]
    service.post("tags/members/batchtagging", {"tagid": tag, "openid_list": service.openids()[:2]})
    events = []
    for number in range(5):
        say(service, f"第{number}条", filter={"is_to_all": False, "tag_id": tag})
        events.append(finished(service))
    assert ["<SentCount>2</SentCount>" in event for event in events] == [True] * 4 + [False]
    assert "<SentCount>0</SentCount><ErrorCount>2</ErrorCount>" in events[4]


def test_sixty_calls_a_minute_are_enough(platform: Platform) -> None:
    codes = [code(say(platform, "")) for _ in range(61)]
    assert codes == [44004] * 60 + [45011]
    platform.later(minutes=1)
    assert code(say(platform, "")) == 44004


# Never twice


def test_the_same_id_is_refused_for_a_day_and_names_the_message(service: Platform) -> None:
    media_id = service.draft()
    taken = send(service, media_id, clientmsgid=KEY)
    assert code(send(service, media_id, clientmsgid=KEY)) == 45066
    service.later(seconds=60)
    again = send(service, media_id, clientmsgid=KEY)
    assert (code(again), again["msg_id"]) == (45065, taken["msg_id"])
    assert "msg_data_id" not in again
    service.later(hours=24)
    service.sign_in()
    assert code(send(service, service.draft(), clientmsgid=KEY)) == 0


def test_a_repeated_id_is_told_before_the_quota(platform: Platform) -> None:
    taken = say(platform, "一", clientmsgid=KEY)
    platform.later(minutes=2)
    again = say(platform, "一", clientmsgid=KEY)
    assert (code(again), again["msg_id"]) == (45065, taken["msg_id"])


def test_equal_content_to_the_same_range_is_refused_without_an_id(service: Platform) -> None:
    taken = say(service, "同样的话")
    again = say(service, "同样的话")
    assert (code(again), again["msg_id"]) == (45065, taken["msg_id"])
    service.later(days=1)
    service.sign_in()
    assert code(say(service, "同样的话")) == 0


def test_a_refused_call_may_be_repeated_with_its_id(platform: Platform) -> None:
    assert code(send(platform, "unknown", clientmsgid=KEY)) == 40007
    assert code(send(platform, platform.draft(), clientmsgid=KEY)) == 0


@pytest.mark.parametrize(
    ("short_ids", "id_", "errcode"),
    [
        (True, "x" * 32, 0),
        (True, "x" * 33, 45067),
        (True, "号" * 11, 45067),
        (False, "x" * 64, 0),
        (False, "x" * 65, 45067),
    ],
)
def test_an_id_has_a_length_in_bytes(short_ids: bool, id_: str, errcode: int) -> None:
    assert code(say(Platform(short_ids=short_ids), "一", clientmsgid=id_)) == errcode


def test_the_window_of_an_id_ends_to_the_second() -> None:
    repeats = Repeats(short_ids=True)
    repeats.remember("k", 7, NOON)
    with pytest.raises(Refusal):
        repeats.check("k", NOON + timedelta(hours=24) - timedelta(seconds=1), given=True)
    repeats.check("k", NOON + timedelta(hours=24), given=True)


# The end of a job


def test_the_event_tells_counts_and_addresses(platform: Platform) -> None:
    taken = send(platform, platform.draft({"title": "一"}, {"title": "二"}))
    event = finished(platform)
    addresses = [shown.address for shown in platform.emulator.shown()]
    assert f"<MsgID>{taken['msg_id']}</MsgID><Status><![CDATA[send success]]></Status>" in event
    assert "<TotalCount>3</TotalCount><FilterCount>3</FilterCount><SentCount>3</SentCount>" in event
    assert "<CopyrightCheckResult><Count>0</Count>" in event
    for idx, address in enumerate(addresses, start=1):
        item = f"<item><ArticleIdx>{idx}</ArticleIdx><ArticleUrl><![CDATA[{address}]]></ArticleUrl></item>"
        assert item in event
    assert "<ToUserName><![CDATA[]]></ToUserName>" in event


def test_a_broadcast_may_fail(platform: Platform) -> None:
    platform.control("verdict", {"job": "broadcast", "status": "err(20001)"})
    taken = send(platform, platform.draft())
    assert "<Status><![CDATA[err(20001)]]></Status><TotalCount>3</TotalCount><FilterCount>0<" in finished(
        platform
    )
    assert status(platform, taken["msg_id"]) == "SEND_FAIL"
    assert platform.emulator.shown() == []


def test_followers_who_left_or_block_are_not_reached(platform: Platform) -> None:
    gone, blocking = platform.openids()[:2]
    platform.control("event", {"event": "unsubscribe", "openid": gone})
    platform.emulator.followers.known(blocking).blocks = True
    say(platform, "通知")
    assert "<TotalCount>2</TotalCount><FilterCount>2</FilterCount><SentCount>1</SentCount>" in finished(
        platform
    )


@pytest.mark.parametrize(
    ("may_reprint", "ignore", "outcome", "check_state"),
    [
        (True, 0, "err(30003)", 3),
        (True, 1, "send success", 2),
        (False, 0, "err(30002)", 3),
        (False, 1, "err(30002)", 3),
    ],
)
def test_the_original_check_decides(may_reprint: bool, ignore: int, outcome: str, check_state: int) -> None:
    platform = Platform(mode="plain", originals={"转发稿": may_reprint})
    send(platform, platform.draft(title="转发稿"), send_ignore_reprint=ignore)
    event = finished(platform)
    assert f"<Status><![CDATA[{outcome}]]></Status>" in event
    assert f"<CheckState>{check_state}</CheckState>" in event
    assert "<ArticleIdx>1</ArticleIdx><UserDeclareState>0</UserDeclareState>" in event


# Protection


@pytest.fixture
def protected() -> Platform:
    return Platform(mode="plain", broadcast_protection=True)


def test_a_protected_broadcast_waits_for_the_administrator(protected: Platform) -> None:
    msg_id = say(protected, "通知")["msg_id"]
    protected.later(minutes=29)
    assert status(protected, msg_id) == "SENDING"
    protected.control("confirm", {"msg_id": msg_id, "allow": True})
    assert "send success" in finished(protected)


def test_the_administrator_may_say_no(protected: Platform) -> None:
    msg_id = say(protected, "通知")["msg_id"]
    protected.control("confirm", {"msg_id": msg_id, "allow": False})
    assert "err(40001)" in finished(protected)
    assert status(protected, msg_id) == "SEND_FAIL"


def test_no_word_within_thirty_minutes_is_a_no(protected: Platform) -> None:
    msg_id = say(protected, "通知")["msg_id"]
    protected.later(minutes=30)
    assert "err(40002)" in finished(protected)
    with pytest.raises(AssertionError):
        protected.control("confirm", {"msg_id": msg_id, "allow": True})


# The other calls


@pytest.mark.parametrize(
    ("fields", "withdrawn", "after"),
    [
        ({"article_idx": 1}, [True, False], "SEND_SUCCESS"),
        ({"article_idx": 0}, [True, True], "DELETE"),
        ({}, [True, True], "DELETE"),
    ],
)
def test_deleting_counts_from_one_and_none_means_all(
    platform: Platform, fields: dict[str, int], withdrawn: list[bool], after: str
) -> None:
    msg_id = send(platform, platform.draft({}, {}))["msg_id"]
    assert code(platform.post("message/mass/delete", {"msg_id": msg_id})) == 40059
    platform.later(seconds=1)
    assert code(platform.post("message/mass/delete", {"msg_id": msg_id, "article_idx": 3})) == 40060
    assert code(platform.post("message/mass/delete", {"msg_id": msg_id} | fields)) == 0
    assert [shown.withdrawn for shown in platform.emulator.shown()] == withdrawn
    assert status(platform, msg_id) == after


def test_words_cannot_be_taken_back(platform: Platform) -> None:
    msg_id = say(platform, "通知")["msg_id"]
    platform.later(seconds=1)
    assert code(platform.post("message/mass/delete", {"msg_id": msg_id})) == 40059


@pytest.mark.parametrize("msg_id", [1, "1", "x", None])
def test_an_unknown_broadcast_is_refused(platform: Platform, msg_id: Any) -> None:
    assert code(platform.post("message/mass/get", {"msg_id": msg_id})) == 40059


def test_a_preview_goes_to_one_follower_and_keeps_the_draft(platform: Platform) -> None:
    media_id, openid = platform.draft(title="预览"), platform.openids()[1]
    asked = {"touser": openid, "msgtype": "mpnews", "mpnews": {"media_id": media_id}}
    assert platform.post("message/mass/preview", asked)["errmsg"] == "preview success"
    assert code(send(platform, media_id)) == 0
    assert platform.emulator.shown() == []


@pytest.mark.parametrize(
    ("target", "errcode"),
    [
        ({"towxname": "follower1"}, 0),
        ({"towxname": "follower1", "touser": "x"}, 0),
        ({"towxname": "nobody"}, 40132),
        ({"touser": "x"}, 40003),
        ({}, 41009),
    ],
)
def test_a_preview_needs_a_follower(platform: Platform, target: dict[str, str], errcode: int) -> None:
    words = {"msgtype": "text", "text": {"content": "预览"}}
    assert code(platform.post("message/mass/preview", target | words)) == errcode


@pytest.mark.parametrize(("fields", "errcode"), [({}, 45084), ({"speed": 5}, 45083), ({"speed": -1}, 45083)])
def test_a_speed_lies_between_zero_and_four(platform: Platform, fields: dict[str, int], errcode: int) -> None:
    assert code(platform.post("message/mass/speed/set", fields)) == errcode
    assert code(platform.post("message/mass/speed/set", {"speed": 4})) == 0
    assert platform.post("message/mass/speed/get")["speed"] == 4


def test_the_same_seed_gives_the_same_names() -> None:
    assert Ids(3).text(20) == Ids(3).text(20) != Ids(4).text(20)


def test_a_broadcast_of_pictures_reaches_the_chat(service: Platform) -> None:
    media_id = service.upload("material/add_material", PNG, type="image")["media_id"]
    send(service, "", msgtype="image", image={"media_id": media_id})
    service.later(seconds=1)
    assert "/mmbiz/" in service.emulator.phone()
