"""Pushes: signed and sealed as documented, read by wechatpy and by hand; replies read back."""

import json
import xml.etree.ElementTree as ET
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wechatpy import create_reply, parse_message
from wechatpy.crypto import WeChatCrypto
from wechatpy.utils import check_signature

from channels.emulator import Fault, FaultRule, Outgoing, Request
from channels.wechat.emulator.crypto import Seal, signature
from channels.wechat.emulator.ids import Ids
from channels.wechat.emulator.letters import FAULT_NOTICE
from channels.wechat.emulator.push import Callback, Postman
from tests.channels.wechat.emulated import JPEG, NOON, Platform

AES_KEY = "gongbao" * 6 + "A"


def opened(platform: Platform, push: Outgoing) -> str:
    """The inside of a sealed push, by wechatpy's own crypto."""
    emulator = platform.emulator
    crypto = WeChatCrypto(emulator.token, emulator.aes_key, emulator.appid)
    query = push.query
    text: str = crypto.decrypt_message(push.body, query["msg_signature"], query["timestamp"], query["nonce"])
    return text


def texts(xml: str | bytes, path: str) -> list[str | None]:
    return [element.text for element in ET.fromstring(xml).findall(path)]


def letter(platform: Platform, words: str = "在吗", **fields: str) -> Outgoing:
    platform.control("message", {"content": words} | fields)
    return platform.deliver()[0]


def chat(platform: Platform) -> list[tuple[str, str]]:
    response = platform.emulator.handle(Request("GET", "/_emulator/chat"))
    return [(line["who"], line["text"]) for line in json.loads(response.body)]


# Signature and seal


def test_the_worked_example_of_the_documentation() -> None:
    assert signature("AAAAA", "1714037059", "486452656") == "899cf89e464efb63f54ddac96b0a0a235f53aa78"


@pytest.mark.parametrize("mode", ["plain", "compatible", "safe"])
def test_every_push_is_signed_and_names_its_sender(mode: str) -> None:
    platform = Platform(mode=mode)
    query = letter(platform).query
    check_signature(platform.emulator.token, query["signature"], query["timestamp"], query["nonce"])
    assert query["openid"] == platform.openids()[0]
    assert query["timestamp"] == str(int(NOON.timestamp()))


def test_a_plain_push_is_readable() -> None:
    push = letter(Platform(mode="plain"), "在吗 ]]> <b>")
    message = parse_message(push.body.decode())
    assert (message.type, message.content) == ("text", "在吗 ]]> <b>")
    assert "encrypt_type" not in push.query


def test_without_a_key_everything_goes_in_clear() -> None:
    assert b"Encrypt" not in letter(Platform(mode="safe", aes_key="")).body


def test_a_safe_push_shows_nothing_but_the_receiver() -> None:
    platform = Platform(mode="safe")
    push = letter(platform, "秘密")
    assert [child.tag for child in ET.fromstring(push.body)] == ["ToUserName", "Encrypt"]
    assert push.query["encrypt_type"] == "aes"
    assert texts(opened(platform, push), "Content") == ["秘密"]


def test_a_compatible_push_carries_both_forms() -> None:
    platform = Platform(mode="compatible")
    push = letter(platform, "在吗")
    assert texts(push.body, "Content") == texts(opened(platform, push), "Content") == ["在吗"]


@pytest.mark.parametrize("mode", ["plain", "compatible", "safe"])
def test_a_push_may_be_json(mode: str) -> None:
    platform = Platform(mode=mode, push_format="json")
    push = letter(platform, "在吗")
    fields = json.loads(push.body)
    if mode != "plain":
        seal = Seal(platform.emulator.aes_key, platform.emulator.appid, Ids(1))
        fields = json.loads(seal.decrypt(fields["Encrypt"]))
    assert (push.media_type, fields["Content"]) == ("application/json", "在吗")
    assert isinstance(fields["CreateTime"], int)
    assert isinstance(fields["MsgId"], int)


@given(st.binary(max_size=200))
@settings(max_examples=50)
def test_what_is_sealed_can_be_opened(message: bytes) -> None:
    seal = Seal(AES_KEY, "wx1", Ids(1))
    assert seal.decrypt(seal.encrypt(message)) == message


@pytest.mark.parametrize("text", ["", "###", "QUJD", Seal(AES_KEY, "wx2", Ids(1)).encrypt(b"x")])
def test_what_was_sealed_for_others_cannot(text: str) -> None:
    with pytest.raises(ValueError):
        Seal(AES_KEY, "wx1", Ids(1)).decrypt(text)


def test_a_key_of_the_wrong_length_is_no_key() -> None:
    with pytest.raises(ValueError):
        Seal("short", "wx1", Ids(1))


# Events of the platform


@pytest.mark.parametrize("event", ["PUBLISHJOBFINISH", "FREEPUBLISHJOBFINISH"])
def test_the_end_of_a_job_is_pushed(event: str) -> None:
    platform = Platform(publish_event=event)
    job = platform.publish(platform.draft({}, {}))
    pushed = opened(platform, platform.deliver()[0])
    assert texts(pushed, "Event") == [event]
    assert texts(pushed, "PublishEventInfo/publish_id") == [str(job["publish_id"])]
    assert texts(pushed, "PublishEventInfo/publish_status") == ["0"]
    assert [str(id_).strip() for id_ in texts(pushed, "PublishEventInfo/article_id")] == [job["article_id"]]
    addresses = [item["article_url"] for item in job["article_detail"]["item"]]
    assert texts(pushed, "PublishEventInfo/article_detail/item/article_url") == addresses


def test_failed_articles_are_named_one_by_one() -> None:
    platform = Platform(mode="plain")
    platform.control("verdict", {"job": "publish", "status": 4, "fail_idx": [1, 2]})
    platform.publish(platform.draft({}, {}))
    assert b"<fail_idx>1</fail_idx><fail_idx>2</fail_idx>" in platform.deliver()[0].body


def test_an_event_comes_without_anybody_asking() -> None:
    platform = Platform()
    platform.post("freepublish/submit", {"media_id": platform.draft()})
    assert platform.deliver() == []
    platform.later(seconds=0.2)
    assert len(platform.deliver()) == 1


def test_an_event_may_be_lost_while_the_article_is_out() -> None:
    platform = Platform()
    platform.emulator.faults.append(FaultRule(Fault.EVENT_LOST))
    platform.publish(platform.draft())
    assert (platform.deliver(), len(platform.emulator.shown())) == ([], 1)


# Messages and events of followers


@pytest.mark.parametrize(
    ("type_", "fields"),
    [
        ("image", {"picurl": "http://a.example/a.jpg", "mediaid": "m"}),
        ("voice", {"mediaid": "m", "recognition": "你好"}),
        ("video", {"mediaid": "m", "thumbmediaid": "t"}),
        ("shortvideo", {"mediaid": "m", "thumbmediaid": "t"}),
        ("location", {"location_x": "23.1", "location_y": "113.3", "scale": "20", "label": "政务大厅"}),
        ("link", {"title": "标题", "description": "说明", "url": "http://a.example"}),
    ],
)
def test_each_kind_of_message_can_be_parsed(type_: str, fields: dict[str, str]) -> None:
    message = parse_message(letter(Platform(mode="plain"), type=type_, **fields).body.decode())
    assert message.type == type_
    assert message.id > 0


@pytest.mark.parametrize(
    ("event", "parsed"),
    [
        ({"event": "subscribe"}, "subscribe"),
        ({"event": "unsubscribe"}, "unsubscribe"),
        ({"event": "CLICK", "eventkey": "K"}, "click"),
        ({"event": "VIEW", "eventkey": "http://a.example"}, "view"),
        ({"event": "SCAN", "eventkey": "7", "ticket": "t"}, "scan"),
        ({"event": "LOCATION", "latitude": 23.1, "longitude": 113.3, "precision": 100}, "location"),
    ],
)
def test_each_kind_of_event_can_be_parsed(event: dict[str, Any], parsed: str) -> None:
    platform = Platform(mode="plain")
    platform.control("event", event)
    assert parse_message(platform.deliver()[0].body.decode()).event == parsed


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("message", {"type": "hologram"}),
        ("message", {"openid": "x"}),
        ("message", {"type": "location", "location_x": "east"}),
        ("event", {}),
        ("event", {"event": "CLICK", "openid": "x"}),
        ("verdict", {"job": "x", "status": 1}),
    ],
)
def test_a_bad_control_request_is_told(name: str, fields: dict[str, str]) -> None:
    request = Request("POST", f"/_emulator/{name}", body=json.dumps(fields).encode())
    assert Platform().emulator.handle(request).status == 400


def test_somebody_new_may_follow() -> None:
    platform = Platform(mode="plain")
    platform.control("event", {"event": "subscribe", "openid": "o" + "n" * 27})
    assert "o" + "n" * 27 in platform.openids()


# Passive replies


def reply(platform: Platform, words: str, *, sealed: bool) -> bytes:
    """What an honest callback answers, rendered by wechatpy."""
    emulator = platform.emulator
    push = platform.pushed[-1]
    text = create_reply(
        words, parse_message(opened(platform, push) if sealed else push.body.decode())
    ).render()
    if sealed:
        crypto = WeChatCrypto(emulator.token, emulator.aes_key, emulator.appid)
        text = crypto.encrypt_message(text, "nonce1")
    return str(text).encode()


class Answering(Platform):
    """A platform whose callback answers each push by `answer`."""

    def __init__(self, answer: Any, **options: Any) -> None:
        self.answer = answer
        super().__init__(**options)

    def _take(self, address: str, push: Outgoing) -> bytes | None:
        super()._take(address, push)
        answered: bytes | None = self.answer(self)
        return answered


@pytest.mark.parametrize(
    ("mode", "sealed"), [("plain", False), ("compatible", False), ("compatible", True), ("safe", True)]
)
def test_a_passive_reply_appears_in_the_chat(mode: str, sealed: bool) -> None:
    platform = Answering(lambda platform: reply(platform, "您好,请讲", sealed=sealed), mode=mode)
    letter(platform)
    assert chat(platform) == [("follower", "在吗"), ("account", "您好,请讲")]


def test_a_reply_in_clear_is_a_fault_in_safe_mode() -> None:
    def answer(platform: Platform) -> bytes:
        message = parse_message(opened(platform, platform.pushed[-1]))
        return xml({"ToUserName": message.source, "FromUserName": message.target})

    platform = Answering(answer, mode="safe")
    letter(platform)
    assert chat(platform)[-1] == ("notice", FAULT_NOTICE)


@pytest.mark.parametrize("answer", [b"success", b"", b" success\n"])
def test_success_shows_nothing(answer: bytes) -> None:
    platform = Platform()
    platform.reply = answer
    letter(platform)
    assert chat(platform) == [("follower", "在吗")]


@pytest.mark.parametrize(
    "answer",
    [b"ok", b"{}", b"<xml>", b"<a/>", b"\xff", b"<xml><Encrypt>x</Encrypt></xml>", b'{"Encrypt": 5}'],
)
def test_anything_else_shows_a_fault(answer: bytes) -> None:
    platform = Platform()
    platform.reply = answer
    letter(platform)
    assert chat(platform)[-1] == ("notice", FAULT_NOTICE)


def test_no_answer_shows_a_fault_after_three_tries() -> None:
    platform = Platform()
    platform.reply = None
    letter(platform)
    for _ in range(2):
        assert chat(platform) == [("follower", "在吗")]
        platform.later(seconds=1)
        platform.deliver()
    assert chat(platform)[-1] == ("notice", FAULT_NOTICE)
    assert len(platform.pushed) == 3


def xml(fields: dict[str, str]) -> bytes:
    known = {"CreateTime": "1", "MsgType": "text", "Content": "好"} | fields
    return f"<xml>{''.join(f'<{name}>{value}</{name}>' for name, value in known.items())}</xml>".encode()


def addressed(platform: Platform, **fields: str) -> bytes:
    message = parse_message(platform.pushed[-1].body.decode())
    return xml({"ToUserName": message.source, "FromUserName": message.target} | fields)


@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        ({}, ("account", "好")),
        ({"Content": ""}, ("follower", "在吗")),
        ({"FromUserName": "x"}, ("notice", FAULT_NOTICE)),
        ({"MsgType": "hologram"}, ("notice", FAULT_NOTICE)),
        ({"MsgType": "news"}, ("notice", FAULT_NOTICE)),
        ({"MsgType": "image", "Image": "<MediaId>x</MediaId>"}, ("notice", FAULT_NOTICE)),
        ({"MsgType": "transfer_customer_service"}, ("notice", "已转接人工客服")),
        ({"MsgType": "music", "Music": "<Title>歌</Title>"}, ("account", "")),
    ],
)
def test_a_reply_must_be_addressed_and_of_a_known_kind(
    fields: dict[str, str], shown: tuple[str, str]
) -> None:
    platform = Answering(lambda platform: addressed(platform, **fields), mode="plain")
    letter(platform)
    assert chat(platform)[-1] == shown


@pytest.mark.parametrize(
    ("event", "items", "shown"),
    [(False, 1, True), (False, 2, False), (True, 2, True), (True, 8, True), (True, 9, False)],
)
def test_too_many_articles_show_nothing_at_all(event: bool, items: int, shown: bool) -> None:
    articles = "<item><Title>新闻</Title><Url>http://a.example</Url></item>" * items
    platform = Answering(
        lambda platform: addressed(platform, MsgType="news", Articles=articles), mode="plain"
    )
    if event:
        platform.control("event", {"event": "CLICK", "eventkey": "K"})
        platform.deliver()
    else:
        letter(platform)
    assert ("新闻" in platform.emulator.phone()) == shown
    assert FAULT_NOTICE not in platform.emulator.phone()


def test_a_picture_may_be_the_reply() -> None:
    media: list[str] = []
    platform = Answering(
        lambda platform: addressed(platform, MsgType="image", Image=f"<MediaId>{media[0]}</MediaId>"),
        mode="plain",
    )
    media.append(platform.upload("media/upload", JPEG, type="image")["media_id"])
    letter(platform)
    assert chat(platform)[-1] == ("account", "")


def test_a_reply_may_be_json() -> None:
    def answer(platform: Platform) -> bytes:
        told = json.loads(platform.pushed[-1].body)
        fields = {"ToUserName": told["FromUserName"], "FromUserName": told["ToUserName"]}
        return json.dumps(fields | {"MsgType": "text", "Content": "好"}).encode()

    platform = Answering(answer, mode="plain", push_format="json")
    letter(platform)
    assert chat(platform)[-1] == ("account", "好")


@given(st.binary(max_size=80))
def test_no_answer_can_break_the_reader(answer: bytes) -> None:
    postman = Postman(
        Callback("t", "safe", "xml", Seal(AES_KEY, "wx1", Ids(1))), Ids(1), lambda *_, **__: None
    )
    try:
        assert postman.read_answer(answer) == {}
    except ValueError:
        assert answer.strip() != b"success"


# The check of the address


def test_the_callback_proves_itself_by_the_echo() -> None:
    platform = Answering(lambda platform: platform.pushed[-1].query["echostr"].encode())
    platform.control("verify", {})
    push = platform.deliver()[0]
    check_signature(
        platform.emulator.token, push.query["signature"], push.query["timestamp"], push.query["nonce"]
    )
    assert push.method == "GET"
    assert checks(platform) == {"asked": 1, "proved": 1}


def test_a_callback_that_gives_something_else_is_not_proved() -> None:
    platform = Platform()
    platform.control("verify", {})
    platform.deliver()
    assert checks(platform) == {"asked": 1, "proved": 0}


def checks(platform: Platform) -> Any:
    return json.loads(platform.emulator.handle(Request("GET", "/_emulator/verify")).body)


# The phone page


def test_the_phone_shows_broadcast_articles_and_words_safely() -> None:
    platform = Platform()
    platform.publish(platform.draft(title="只发布<的>"))
    media_id = platform.draft({"title": "头条"}, {"title": "次条"})
    fields = {"filter": {"is_to_all": True}, "msgtype": "mpnews", "mpnews": {"media_id": media_id}}
    platform.post("message/mass/sendall", fields)
    platform.later(seconds=1)
    letter(platform, "<script>alert(1)</script>")
    page = platform.emulator.phone()
    assert "只发布&lt;的&gt;" in page
    assert page.count("次条") == 2
    assert "<script>alert" not in page


def test_the_phone_lists_the_newest_act_first_and_its_articles_in_order() -> None:
    platform = Platform()
    platform.publish(platform.draft(title="旧"))
    platform.publish(platform.draft({"title": "新一"}, {"title": "新二"}))
    page = platform.emulator.phone()
    assert page.index("新一") < page.index("新二") < page.index("旧")


def test_the_phones_forms_lead_back_to_it() -> None:
    platform = Platform(mode="plain")
    body = b"content=%E5%9C%A8%E5%90%97"
    headers = {"content-type": "application/x-www-form-urlencoded"}
    response = platform.emulator.handle(Request("POST", "/_emulator/message", {}, headers, body))
    assert (response.status, response.location) == (303, "/")
    assert chat(platform) == [("follower", "在吗")]


def test_the_phone_offers_the_menu() -> None:
    platform = Platform()
    click = {"type": "click", "name": "办事", "key": "K"}
    more = {"name": "更多", "sub_button": [{"type": "view", "name": "网站", "url": "http://a.example"}]}
    platform.post("menu/create", {"button": [click, more]})
    page = platform.emulator.phone()
    assert 'value="K"' in page
    assert 'href="http://a.example"' in page
