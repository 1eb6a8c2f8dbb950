import json
from typing import Any
from urllib.parse import quote

import pytest

from channels.base import Push
from channels.emulator import Outgoing, Request
from channels.weibo import inbox
from channels.weibo.emulator import FAN, Emulator
from tests.channels.weibo.office import call, request
from tests.support import StandingClock


class Callback:
    """Our side of a push: checks it as the channel does, and answers with `answer`."""

    def __init__(self, answer: bytes = b"") -> None:
        self.answer = answer
        self.pushes: list[Push] = []
        self.answers: list[bytes] = []

    def __call__(self, address: str, push: Outgoing) -> bytes:
        self.pushes.append(Push(push.method, push.query, push.body))
        received = inbox.receive(self.pushes[-1], Emulator().platform.terms.app_secret)
        self.answers.append(received.answer)
        return self.answer or received.answer


def reply(emulator: Emulator, **changes: str) -> Any:
    params = {"type": "text", "receiver_id": FAN, "data": '{"text": "九点。"}'} | changes
    return call(emulator, "POST", "/2/messages/reply.json", **params)


def letters(emulator: Emulator) -> list[tuple[str, bool]]:
    return [(letter.text, letter.ours) for letter in emulator.platform.letters]


def test_a_fans_message_is_pushed_signed_and_in_the_documented_form(clock: StandingClock) -> None:
    callback = Callback()
    emulator = Emulator(clock=clock, callback="http://127.0.0.1/hook", push=callback)
    emulator.write_message("几点上班？")
    emulator.tick()
    pushed = json.loads(callback.pushes[0].body)
    assert pushed == {
        "type": "text",
        "receiver_id": int(emulator.platform.terms.uid),
        "sender_id": int(FAN),
        "created_at": "Mon Nov 23 10:00:00 +0800 2026",
        "text": "几点上班？",
        "data": {},
    }
    assert len(callback.pushes[0].query["timestamp"]) == 13


def test_a_new_callback_address_is_tested_with_an_echo(clock: StandingClock) -> None:
    callback = Callback()
    emulator = Emulator(clock=clock, push=callback)
    body = json.dumps({"address": "http://127.0.0.1/hook"}).encode()
    emulator.handle(Request("PUT", "/_emulator/callback", body=body))
    emulator.tick()
    assert [push.method for push in callback.pushes] == ["GET"]
    assert callback.answers == [callback.pushes[0].query["echostr"].encode()]


def test_an_answer_in_the_push_reaches_the_fan(clock: StandingClock) -> None:
    answer = {
        "result": True,
        "sender_id": Emulator().platform.terms.uid,
        "receiver_id": FAN,
        "type": "text",
        "data": quote(json.dumps({"text": "九点。"})),
    }
    emulator = Emulator(clock=clock, callback="here", push=Callback(json.dumps(answer).encode()))
    emulator.write_message("几点上班？")
    emulator.tick()
    assert letters(emulator) == [("几点上班？", False), ("九点。", True)]


@pytest.mark.parametrize("answer", [b"", b"success", b"[]", b'{"sender_id": 1}'])
def test_any_other_answer_says_nothing(answer: bytes, clock: StandingClock) -> None:
    emulator = Emulator(clock=clock, callback="here", push=Callback(answer))
    emulator.write_message("几点上班？")
    emulator.tick()
    assert letters(emulator) == [("几点上班？", False)]


def test_within_48_hours_the_account_may_answer(emulator: Emulator, clock: StandingClock) -> None:
    assert int(reply(emulator)["error_code"]) == 20301
    emulator.write_message("几点上班？")
    clock.forward(hours=48)
    assert reply(emulator)["result"] is True
    clock.forward(seconds=1)
    assert int(reply(emulator)["error_code"]) == 20301


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"data": "no json"}, 10017),
        ({"data": "[]"}, 10017),
        ({"data": '{"text": " "}'}, 20008),
        ({"data": json.dumps({"text": "长" * 301})}, 20013),
        ({"type": "1"}, 10017),
    ],
)
def test_an_answer_against_the_rules_is_refused(
    changes: dict[str, str], code: int, emulator: Emulator
) -> None:
    emulator.write_message("几点上班？")
    assert int(reply(emulator, **changes)["error_code"]) == code


def test_the_phones_form_writes_a_message_and_leads_back(emulator: Emulator) -> None:
    answer = emulator.handle(request("POST", "/_emulator/message", {"text": "几点上班？"}))
    assert (answer.status, answer.location) == (303, "/")
    assert letters(emulator) == [("几点上班？", False)]
    assert emulator.handle(request("POST", "/_emulator/message", {"text": " "})).status == 400
