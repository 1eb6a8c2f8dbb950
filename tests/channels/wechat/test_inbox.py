"""Pushes as the emulator signs and seals them, and pushes that nobody honest would send."""

import base64
import hashlib
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wechatpy.crypto import WeChatCrypto

from channels.base import Finished, Forbidden, Push, Receipt, Received
from channels.emulator import Request
from channels.errors import ContentRefused, Refused
from channels.wechat.emulator import Emulator
from channels.wechat.emulator.verdicts import Verdict
from channels.wechat.inbox import Inbox, finished_by, parsed
from tests.channels.wechat.office import Hook, Office, a_post
from tests.support import StandingClock

TOKEN, APPID = "t0ken", "wx123"
KEY = base64.b64encode(b"k" * 32).decode().rstrip("=")
OLD_KEY = base64.b64encode(b"o" * 32).decode().rstrip("=")
SUCCESS = Received(b"success")

PUBLISHED = """<xml><MsgType><![CDATA[event]]></MsgType><Event><![CDATA[PUBLISHJOBFINISH]]></Event>
<PublishEventInfo><publish_id>2247503051</publish_id><publish_status>0</publish_status>
<article_id><![CDATA[b5O2OUs25HBxRceL7hfReg-U9QGeq9zQjiDvy
WP4Hq4]]></article_id><article_detail><count>1</count><item><idx>1</idx>
<article_url><![CDATA[https://mp.weixin.qq.com/s/one]]></article_url></item></article_detail>
</PublishEventInfo></xml>"""
ARTICLE_ID = "b5O2OUs25HBxRceL7hfReg-U9QGeq9zQjiDvyWP4Hq4"


def signature(*parts: str) -> str:
    return hashlib.sha1("".join(sorted((TOKEN, *parts))).encode()).hexdigest()


def plain(body: str | bytes, **query: str) -> Push:
    signed = {"timestamp": "1714037059", "nonce": "486452656", "openid": "o1"}
    signed["signature"] = signature("1714037059", "486452656")
    return Push("POST", signed | query, body.encode() if isinstance(body, str) else body)


def sealed(body: str, key: str = KEY, appid: str = APPID) -> Push:
    envelope = WeChatCrypto(TOKEN, key, appid).encrypt_message(body, "486452656", "1714037059")
    encrypted = str(parsed(envelope.encode())["encrypt"])
    xml = f"<xml><ToUserName>gh_1</ToUserName><Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>"
    return plain(xml, encrypt_type="aes", msg_signature=signature("1714037059", "486452656", encrypted))


def open_inbox(*keys: str) -> Inbox:
    return Inbox(APPID, TOKEN, keys)


def told(body: str) -> Finished | None:
    return open_inbox().receive(plain(body)).finished


# The address check


def test_the_official_example_of_a_signature_holds() -> None:
    query = {
        "signature": "899cf89e464efb63f54ddac96b0a0a235f53aa78",
        "timestamp": "1714037059",
        "nonce": "486452656",
        "echostr": "4375120948345356249",
    }
    assert Inbox(APPID, "AAAAA", []).receive(Push("GET", query)).answer == b"4375120948345356249"


def test_an_address_check_without_the_right_signature_gets_no_echo() -> None:
    push = replace(plain(""), method="GET")
    assert open_inbox().receive(push).answer == b""
    with pytest.raises(Forbidden):
        open_inbox().receive(replace(push, query={**push.query, "nonce": "1", "echostr": "x"}))


def test_the_emulators_address_check_passes_in_safe_mode(office: Office, hook: Hook) -> None:
    office.emulator.handle(Request("POST", "/_emulator/verify"))
    office.emulator.tick()
    (push,) = hook.pushes
    assert office.channel().receive(push).answer == push.query["echostr"].encode()


# Proof


@pytest.mark.parametrize("name", ["signature", "timestamp", "nonce"])
@pytest.mark.parametrize("value", ["", "0", "签名", "\ud800"])
def test_a_push_with_a_wrong_or_missing_proof_is_forbidden(name: str, value: str) -> None:
    push = plain(PUBLISHED)
    with pytest.raises(Forbidden):
        open_inbox().receive(replace(push, query={**push.query, name: value}))
    with pytest.raises(Forbidden):
        open_inbox().receive(replace(push, query={k: v for k, v in push.query.items() if k != name}))


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_without_a_token_nothing_is_ever_proved(method: str) -> None:
    unsigned = hashlib.sha1(b"").hexdigest()
    with pytest.raises(Forbidden):
        Inbox(APPID, "", []).receive(Push(method, {"signature": unsigned, "echostr": "x"}))


def test_with_a_key_a_plain_push_is_forbidden() -> None:
    with pytest.raises(Forbidden):
        open_inbox(KEY).receive(plain(PUBLISHED))


def test_with_a_key_the_plain_signature_proves_nothing() -> None:
    push = sealed(PUBLISHED)
    with pytest.raises(Forbidden):
        open_inbox(KEY).receive(replace(push, query={**push.query, "msg_signature": push.query["signature"]}))


def test_what_stands_beside_the_sealed_part_is_not_believed() -> None:
    push = sealed("<xml><MsgType>text</MsgType></xml>")
    forged = push.body.replace(b"<Encrypt>", b"<Event>MASSSENDJOBFINISH</Event><MsgID>1</MsgID><Encrypt>")
    assert open_inbox(KEY).receive(replace(push, body=forged)) == SUCCESS


# Keys


@pytest.mark.parametrize("key", [KEY, OLD_KEY])
def test_the_present_and_the_previous_key_open_a_push(key: str) -> None:
    finished = open_inbox(KEY, OLD_KEY).receive(sealed(PUBLISHED, key)).finished
    assert finished is not None
    assert finished.reference == "2247503051"


@pytest.mark.parametrize(("key", "appid"), [(OLD_KEY, APPID), (KEY, "wx-of-another")])
def test_a_push_that_no_key_opens_or_that_is_for_another_is_answered_and_left(key: str, appid: str) -> None:
    assert open_inbox(KEY).receive(sealed(PUBLISHED, key, appid)) == SUCCESS


# Finish events


def test_a_finished_publishing_tells_number_and_addresses() -> None:
    assert told(PUBLISHED) == Finished(
        "2247503051",
        Receipt("2247503051", True, ("https://mp.weixin.qq.com/s/one",), {"article_id": ARTICLE_ID}),
    )


@pytest.mark.parametrize("event", ["FREEPUBLISHJOBFINISH", "publishjobfinish", " PublishJobFinish "])
def test_the_event_is_known_in_all_its_spellings(event: str) -> None:
    assert told(PUBLISHED.replace("PUBLISHJOBFINISH", event)) is not None


def test_addresses_keep_their_places() -> None:
    items = "".join(
        f"<item><idx>{idx}</idx><article_url>https://mp.weixin.qq.com/s/{idx}</article_url></item>"
        for idx in (3, 1, 2)
    )
    finished = told(PUBLISHED.replace("</article_detail>", f"{items}</article_detail>"))
    assert finished is not None
    assert finished.receipt is not None
    assert [address[-1] for address in finished.receipt.addresses] == ["e", "1", "2", "3"]


@pytest.mark.parametrize(
    ("places", "said"),
    [
        ("", "审核，"),
        ("<fail_idx>1</fail_idx>", "第 1 篇"),
        ("<fail_idx>1</fail_idx><fail_idx>3</fail_idx>", "第 1、3 篇"),
    ],
)
def test_a_refused_publishing_names_the_articles_one_or_many(places: str, said: str) -> None:
    body = PUBLISHED.replace(
        "<publish_status>0</publish_status>", f"<publish_status>4</publish_status>{places}"
    )
    finished = told(body)
    assert finished is not None
    assert isinstance(finished.error, ContentRefused)
    assert said in finished.error.sentence


def test_a_push_in_json_is_read_alike() -> None:
    info: dict[str, Any] = {
        "publish_id": 2247503051,
        "publish_status": 0,
        "article_id": ARTICLE_ID,
        "article_detail": {"count": 1, "item": {"idx": 1, "article_url": "https://mp.weixin.qq.com/s/one"}},
    }
    body = json.dumps({"MsgType": "event", "Event": "PUBLISHJOBFINISH", "PublishEventInfo": info})
    assert told(body) == told(PUBLISHED)


def broadcast(status: str, more: str = "") -> str:
    return (
        "<xml><MsgType>event</MsgType><Event>MASSSENDJOBFINISH</Event><MsgID>1000001625</MsgID>"
        f"<Status><![CDATA[{status}]]></Status><TotalCount>100</TotalCount><FilterCount>80</FilterCount>"
        f"<SentCount>75</SentCount><ErrorCount>5</ErrorCount>{more}</xml>"
    )


@pytest.mark.parametrize("status", ["send success", "sendsuccess", "Send Success", "SEND_SUCCESS"])
def test_a_finished_broadcast_keeps_its_counts(status: str) -> None:
    finished = told(broadcast(status))
    assert finished == Finished(
        "1000001625",
        Receipt(
            "1000001625",
            True,
            (),
            {"total_count": "100", "filter_count": "80", "sent_count": "75", "error_count": "5"},
        ),
    )


def test_a_finished_broadcast_tells_its_addresses() -> None:
    item = "<item><ArticleIdx>{0}</ArticleIdx><ArticleUrl>https://mp.weixin.qq.com/s/{0}</ArticleUrl></item>"
    items = f"<Count>2</Count><ResultList>{item.format(2)}{item.format(1)}</ResultList>"
    finished = told(broadcast("send success", f"<ArticleUrlResult>{items}</ArticleUrlResult>"))
    assert finished is not None
    assert finished.receipt is not None
    assert [address[-1] for address in finished.receipt.addresses] == ["1", "2"]


@pytest.mark.parametrize(
    ("status", "kind", "said"),
    [
        ("send fail", Refused, "群发失败"),
        ("err(20001)", ContentRefused, "政治"),
        ("err(30003)", ContentRefused, "转载"),
        ("err(40001)", Refused, "拒绝了这次群发"),
        ("ERR (40002)", Refused, "30 分钟"),
        ("err(99999)", Refused, "原因编号 99999"),
    ],
)
def test_a_failed_broadcast_says_why(status: str, kind: type[Refused], said: str) -> None:
    finished = told(broadcast(status))
    assert finished is not None
    assert type(finished.error) is kind
    assert said in str(finished.error)


@pytest.mark.parametrize(
    "body",
    [
        broadcast("something new"),
        broadcast("send success").replace("<MsgID>1000001625</MsgID>", ""),
        PUBLISHED.replace("<publish_status>0<", "<publish_status>1<"),
        PUBLISHED.replace("<publish_status>0<", "<publish_status>soon<"),
        "<xml><MsgType>text</MsgType><Content>你好</Content></xml>",
        "<xml><MsgType>event</MsgType><Event>subscribe</Event></xml>",
    ],
)
def test_what_tells_no_outcome_is_answered_and_settles_nothing(body: str) -> None:
    assert open_inbox().receive(plain(body)) == SUCCESS


# From the emulator


@pytest.mark.parametrize("push_mode", ["plain", "compatible", "safe"])
@pytest.mark.parametrize("push_format", ["xml", "json"])
@pytest.mark.parametrize("event", ["PUBLISHJOBFINISH", "FREEPUBLISHJOBFINISH"])
def test_every_way_of_pushing_settles_the_delivery(
    wall_socket: Any,
    clock: StandingClock,
    hook: Hook,
    mode: str,
    push_mode: Any,
    push_format: Any,
    event: Any,
) -> None:
    emulator = Emulator(
        clock=clock,
        callback="http://127.0.0.1/hook",
        push=hook,
        mode=push_mode,
        push_format=push_format,
        publish_event=event,
    )
    wall_socket.emulator = emulator
    office = Office(wall_socket.address, emulator, clock)
    aes_key = "" if push_mode == "plain" else emulator.aes_key
    channel = office.channel(mode=mode, aes_key=aes_key)
    receipt = channel.publish(office.parcel(a_post("一"), a_post("二")))
    office.finish()
    emulator.tick()
    (finished,) = [channel.receive(push).finished for push in hook.pushes]
    assert finished is not None
    assert finished.receipt is not None
    assert finished.reference == receipt.reference
    assert list(finished.receipt.addresses) == [shown.address for shown in office.shown()]


def test_a_refusal_of_the_administrator_reaches_the_delivery(office: Office, hook: Hook) -> None:
    office.emulator.verdicts.waiting.append(Verdict("broadcast", "err(40001)"))
    channel = office.channel(mode="broadcast")
    channel.publish(office.parcel())
    office.finish()
    office.emulator.tick()
    (finished,) = [channel.receive(push).finished for push in hook.pushes]
    assert finished is not None
    assert "拒绝了这次群发" in str(finished.error)


# Nothing breaks it

ODD = [
    b"",
    b"not xml",
    b"<xml>",
    b"<xml/>",
    b"<other><MsgType>event</MsgType></other>",
    b"<xml><MsgType></MsgType></xml>",
    b"<xml><Event/><Event>a</Event></xml>",
    b"<xml><Event><b/></Event></xml>",
    b"<?xml version='1.0' encoding='ghost'?><xml/>",
    b"\xff\xfe<\x00x",
    b"\x00",
    b"{}",
    b"[]",
    b"{" * 100_000,
    b'{"Event":' * 20_000,
    b"<a>" * 20_000,
    b'{"Event": "MASSSENDJOBFINISH", "MsgID": {}, "Status": []}',
    b'{"Event": "MASSSENDJOBFINISH", "MsgID": 1, "Status": "send success", "ArticleUrlResult": [1]}',
    b'{"Event": "PUBLISHJOBFINISH", "PublishEventInfo": [null, 1]}',
    b'{"Event": "PUBLISHJOBFINISH", "publish_id": 1, "publish_status": 0, "article_detail": {"item": [1]}}',
    b'<!DOCTYPE x [<!ENTITY a "b">]><xml><Event>&a;</Event></xml>',
    b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><xml><Event>&x;</Event></xml>',
]


@pytest.mark.parametrize("body", ODD, ids=range(len(ODD)))
def test_odd_pushes_with_a_right_signature_are_answered(body: bytes) -> None:
    assert open_inbox().receive(plain(body)).answer == b"success"


def test_entities_are_never_read() -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "MASSSENDJOBFINISH">]><xml><Event>&a;</Event><MsgID>1</MsgID></xml>'
    assert open_inbox().receive(plain(bomb)) == SUCCESS


@pytest.mark.parametrize("encrypted", ["", "AAAA", "不是", "=" * 50, base64.b64encode(b"x" * 64).decode()])
def test_odd_ciphertexts_with_a_right_signature_are_answered(encrypted: str) -> None:
    proof = signature("1714037059", "486452656", encrypted)
    push = plain(f"<xml><Encrypt>{encrypted}</Encrypt></xml>", encrypt_type="aes", msg_signature=proof)
    assert open_inbox(KEY).receive(push) == SUCCESS


@given(st.binary(max_size=200), st.dictionaries(st.text(max_size=10), st.text(max_size=20), max_size=5))
def test_no_bytes_and_no_query_raise_anything_but_forbidden(body: bytes, query: dict[str, str]) -> None:
    for inbox in (open_inbox(), open_inbox(KEY)):
        with pytest.raises(Forbidden):
            inbox.receive(Push("POST", query, body))
    assert open_inbox().receive(plain(body)).answer == b"success"


NAMES = st.sampled_from(
    [
        *("publish_id", "publish_status", "article_id", "article_detail", "item", "idx", "article_url"),
        *("fail_idx", "msgid", "status", "resultlist", "articleidx", "articleurl", "totalcount"),
    ]
)
NODES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)


@given(st.sampled_from(["publishjobfinish", "masssendjobfinish"]), NODES, NODES)
def test_no_shape_of_an_event_breaks_the_reading(event: str, info: object, status: object) -> None:
    found = finished_by(
        {"event": event, "publisheventinfo": info, "msgid": "1", "status": status, "articleurlresult": info}
    )
    assert found is None or isinstance(found, Finished)
