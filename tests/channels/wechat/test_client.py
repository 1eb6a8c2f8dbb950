"""wechatpy over our own request path, against a platform that says what a test writes down."""

import io
import json
import logging
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from channels.base import Services, Token, TokenStore
from channels.errors import AccountRefused, ChannelError, ContentRefused, Refused, Unavailable, Uncertain
from channels.tokens import MemoryTokens
from channels.transport import Transport
from channels.wechat.client import Client
from tests.channels.scripted import Script, Turn, hangs_up, says, says_json, scripted
from tests.support import StandingClock

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
SECRET = "5ecretOfTheTown"
DRAFT = {"articles": [{"title": "通知"}]}


class CountingMeter:
    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()

    def take(self, call: str, count: int = 1) -> None:
        self.calls[call] += count


class Desk:
    """A client, and all that it is given."""

    def __init__(self, address: str, script: Script, tokens: TokenStore | None = None) -> None:
        self.script = script
        self.clock = StandingClock(NOW)
        self.meter = CountingMeter()
        self.tokens = tokens or MemoryTokens()
        services = Services("town", self.tokens, self.meter, self.clock)
        self.client = Client("wx123", SecretStr(SECRET), Transport(address), services, "subscription")

    def asked(self) -> list[str]:
        return [request.split()[1].decode() for request in self.script.asked]

    def body(self, nth: int) -> bytes:
        return self.script.asked[nth].partition(b"\r\n\r\n")[2]


@contextmanager
def desk(*turns: Turn, tokens: TokenStore | None = None) -> Iterator[Desk]:
    with scripted(*turns) as (address, script):
        yield Desk(address, script, tokens)


def token(text: str = "T0KEN", seconds: object = 7200) -> Turn:
    return says_json({"access_token": text, "expires_in": seconds})


def refusing(code: object, message: str = "invalid rid: 66-ab") -> Turn:
    return says_json({"errcode": code, "errmsg": message})


ADDED = says_json({"media_id": "m1"})


def add(client: Client) -> Any:
    return client.post("draft/add", data=DRAFT)


# Requests


def test_json_goes_out_as_utf_8_with_real_characters_and_its_type() -> None:
    with desk(token(), ADDED) as place:
        add(place.client)
        assert "通知".encode() in place.body(1)
        assert b"Content-Type: application/json" in place.script.asked[1]


def test_the_token_is_fetched_once_and_used_by_all_calls() -> None:
    with desk(token(), ADDED) as place:
        add(place.client)
        add(place.client)
        assert place.asked() == ["/cgi-bin/stable_token", *["/cgi-bin/draft/add?access_token=T0KEN"] * 2]
        assert json.loads(place.body(0)) == {
            "grant_type": "client_credential",
            "appid": "wx123",
            "secret": SECRET,
            "force_refresh": False,
        }


def test_each_call_is_counted_before_it_is_made() -> None:
    with desk(token(), ADDED) as place:
        add(place.client)
        assert place.meter.calls == {"stable_token": 1, "draft/add": 1}


def test_wechatpys_own_classes_work_on_top() -> None:
    answer = says_json({"publish_id": 7})
    with desk(token(), answer) as place:
        assert place.client.freepublish.submit("m1") == {"publish_id": 7}
        assert json.loads(place.body(1)) == {"media_id": "m1"}


def test_an_upload_gives_its_address_and_no_response_object() -> None:
    with desk(token(), says_json({"url": "http://mmbiz.qpic.cn/a"})) as place:
        address = place.client.media.upload_image(("a.jpg", b"JPEG", "image/jpeg"))
        assert address == "http://mmbiz.qpic.cn/a"


def test_an_upload_is_repeated_from_its_bytes() -> None:
    url = says_json({"url": "http://mmbiz.qpic.cn/a"})
    with desk(token(), refusing(42001), token("NEW"), url) as place:
        place.client.media.upload_image(io.BytesIO(b"PICTURE" * 100))
        first, second = place.body(1), place.body(3)
    assert b"PICTURE" * 100 in first
    assert b"PICTURE" * 100 in second


def test_other_hosts_get_no_token() -> None:
    with desk(token()) as place, pytest.raises(AccountRefused, match=r"mp\.weixin\.qq\.com"):
        place.client.get("https://mp.weixin.qq.com/cgi-bin/ticket")


def test_half_a_character_is_the_editors_to_mend() -> None:
    with desk(token()) as place, pytest.raises(ContentRefused, match="不完整的字符"):
        place.client.post("draft/add", data={"title": "\ud83d"})


# Answers


@pytest.mark.parametrize(
    ("turn", "code"),
    [
        (hangs_up, "connection"),
        (says(b"<html>firewall</html>", "501 Not Implemented", "text/html"), "http_501"),
        (says(b"<html></html>", media_type="text/html"), "not_json"),
        (refusing(-1), "-1"),
        (says_json({}), "incomplete"),
        (says_json({"message": "gateway"}), "incomplete"),
    ],
)
def test_no_clear_answer_is_doubt_with_effect_and_another_try_without(turn: Turn, code: str) -> None:
    with desk(token(), turn) as place:
        with pytest.raises(Uncertain) as submitted:
            place.client.freepublish.submit("m1")
        with pytest.raises(Unavailable) as read:
            place.client.draft.get("m1")
    assert (submitted.value.code, read.value.code) == (code, code)


@pytest.mark.parametrize("code", ["abc", 1.5, None, [], 999999999])
def test_an_odd_errcode_on_a_call_with_effect_is_never_repeated(code: object) -> None:
    with desk(token(), refusing(code)) as place:
        with pytest.raises(Refused, match="未登记"):
            add(place.client)
        assert place.meter.calls["draft/add"] == 1


def test_errcode_0_in_text_is_success() -> None:
    with desk(token(), says_json({"errcode": "0", "media_id": "m1"})) as place:
        assert add(place.client)["media_id"] == "m1"


def test_a_call_nobody_listed_counts_as_one_with_effect() -> None:
    with desk(token(), hangs_up) as place, pytest.raises(Uncertain):
        place.client.post("something/new", data={})


# Tokens


def test_a_token_is_renewed_ahead_of_its_end() -> None:
    with desk(token(), ADDED, token("NEW"), ADDED) as place:
        add(place.client)
        place.clock.forward(seconds=7200 - 230)
        add(place.client)
        assert place.asked()[2:] == ["/cgi-bin/stable_token", "/cgi-bin/draft/add?access_token=NEW"]
        assert b'"force_refresh": false' in place.body(2)


@pytest.mark.parametrize("code", [40001, 40014, 42001, "40001"])
def test_a_refused_token_is_forced_once_and_the_call_repeated_once(code: object) -> None:
    with desk(token(), refusing(code), token("NEW"), ADDED) as place:
        assert add(place.client) == {"media_id": "m1"}
        assert b'"force_refresh": true' in place.body(2)
        assert len(place.asked()) == 4


def test_a_platform_that_refuses_every_token_is_asked_four_times_and_no_more() -> None:
    with desk(token(), refusing(40001), token("NEW"), refusing(40001)) as place:
        with pytest.raises(AccountRefused):
            add(place.client)
        assert len(place.asked()) == 4


def test_a_forced_refresh_that_gives_the_same_token_ends_the_call() -> None:
    with desk(token(), refusing(40001), token()) as place:
        with pytest.raises(AccountRefused):
            add(place.client)
        assert len(place.asked()) == 3


def test_a_newer_shared_token_is_used_instead_of_a_forced_one() -> None:
    tokens = MemoryTokens()
    tokens.put("wechat:wx123", Token("OLD", NOW + timedelta(hours=1), NOW))

    def renewed_meanwhile(connection: Any) -> None:
        tokens.put("wechat:wx123", Token("NEWER", NOW + timedelta(hours=2), NOW))
        refusing(40001)(connection)

    with desk(renewed_meanwhile, ADDED, tokens=tokens) as place:
        add(place.client)
        assert place.asked() == [
            "/cgi-bin/draft/add?access_token=OLD",
            "/cgi-bin/draft/add?access_token=NEWER",
        ]


def test_forced_refreshes_stand_30_seconds_apart() -> None:
    with desk(token(), refusing(40001), token("NEW"), ADDED, refusing(40001)) as place:
        add(place.client)
        with pytest.raises(Unavailable, match="刚刷新"):
            add(place.client)
        assert place.meter.calls["stable_token"] == 2


def forced(place: Desk, times: int) -> None:
    for _ in range(times):
        place.clock.forward(seconds=31)
        with pytest.raises(AccountRefused):
            add(place.client)


def test_forced_refreshes_end_at_20_a_day_and_begin_anew_at_midnight_in_beijing() -> None:
    def always_the_same(connection: Any) -> None:
        answer = token() if b"stable_token" in place.script.asked[-1] else refusing(40001)
        answer(connection)

    with desk(always_the_same) as place:
        forced(place, 25)
        assert place.meter.calls["stable_token"] == 1 + 20
        place.clock.now = datetime(2026, 11, 22, 16, 0, tzinfo=UTC)
        forced(place, 1)
        assert place.meter.calls["stable_token"] == 1 + 20 + 2


def test_many_threads_fetch_one_token() -> None:
    def platform(connection: Any) -> None:
        answer = token() if b"stable_token" in place.script.asked[-1] else ADDED
        answer(connection)

    def adder() -> None:
        together.wait()
        add(place.client)

    together = threading.Barrier(8)
    with desk(platform) as place:
        threads = [threading.Thread(target=adder) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert place.meter.calls == {"stable_token": 1, "draft/add": 8}


@pytest.mark.parametrize(
    ("code", "said"),
    [(40001, "AppSecret 不正确"), (40125, "AppSecret 不正确"), (40164, "203.0.113.7"), (40243, "冻结")],
)
def test_a_refused_token_call_stops_the_account_with_what_to_do(code: int, said: str) -> None:
    with desk(refusing(code, "invalid ip 203.0.113.7, not in whitelist")) as place:
        with pytest.raises(AccountRefused, match=said):
            add(place.client)
        assert place.asked() == ["/cgi-bin/stable_token"]


@pytest.mark.parametrize(
    "turn",
    [
        hangs_up,
        says(b"<p>", media_type="text/html"),
        says_json({}),
        token("", 7200),
        token("T", "x"),
        token("T", 0),
    ],
)
def test_a_token_call_without_a_token_means_nothing_was_sent(turn: Turn) -> None:
    with desk(turn) as place, pytest.raises(Unavailable):
        place.client.freepublish.submit("m1")


def test_a_store_that_fails_meanwhile_does_not_turn_doubt_into_a_clear_no() -> None:
    class Failing(MemoryTokens):
        def get(self, name: str) -> Token | None:
            if self.down:
                raise Unavailable(code="redis")
            return super().get(name)

        down = False

    def answer(connection: Any) -> None:
        tokens.down = True
        refusing(-1)(connection)

    tokens = Failing()
    with desk(token(), answer, tokens=tokens) as place, pytest.raises(Uncertain):
        place.client.freepublish.submit("m1")


# Secrets


def test_no_secret_reaches_an_error_a_log_or_a_repr(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    turns = (token(), refusing(48001, f"no right for T0KEN of {SECRET}"), hangs_up, ADDED)
    said = ""
    with desk(*turns) as place:
        for _ in range(2):
            try:
                add(place.client)
            except ChannelError as error:
                said += f"{error!r}{error}{error.sentence}"
        add(place.client)
        said += f"{place.client!r}{vars(place.client)}"
    assert "48001" in said
    assert "WeChat refused draft/add: 48001 no right for *** of ***" in caplog.text
    assert "T0KEN" not in said + caplog.text
    assert SECRET not in said + caplog.text
