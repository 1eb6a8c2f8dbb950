import hashlib

import pytest

from channels.base import Forbidden, Push
from channels.weibo import inbox
from channels.weibo.emulator import Emulator
from tests.support import StandingClock

VECTORS = [
    ("xyz123xyz", "1397022061823", "57155157", "90e4c22c90a58f26526c2dd5b6c56c8822edeaa1"),
    ("demo", "1639017506000", "57155157", "233dae8d74f45a1ad1f5671a974c485ccd1ac3c5"),
]


@pytest.mark.parametrize(("secret", "timestamp", "nonce", "signature"), VECTORS)
def test_the_platforms_own_samples_are_let_in(
    secret: str, timestamp: str, nonce: str, signature: str
) -> None:
    query = {"timestamp": timestamp, "nonce": nonce, "signature": signature}
    assert inbox.receive(Push("POST", query, b"{}"), secret).answer == b""


def test_the_test_of_our_address_is_echoed_bare(clock: StandingClock) -> None:
    emulator = Emulator(clock=clock)
    query = emulator.signature() | {"echostr": "4711"}
    assert inbox.receive(Push("GET", query), emulator.platform.terms.app_secret).answer == b"4711"


def test_a_push_is_taken_with_an_empty_answer(clock: StandingClock) -> None:
    emulator = Emulator(clock=clock)
    emulator.write_message("请问几点上班？")
    push = emulator.outgoing[0]
    received = inbox.receive(Push("POST", push.query, push.body), emulator.platform.terms.app_secret)
    assert (received.answer, received.finished) == (b"", None)


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b'{"type": "new kind"}'])
def test_a_signed_push_is_taken_whatever_it_holds(body: bytes, clock: StandingClock) -> None:
    emulator = Emulator(clock=clock)
    push = Push("POST", emulator.signature(), body)
    assert inbox.receive(push, emulator.platform.terms.app_secret).answer == b""


@pytest.mark.parametrize("name", ["signature", "timestamp", "nonce"])
def test_a_changed_or_missing_value_is_not_let_in(name: str, clock: StandingClock) -> None:
    emulator = Emulator(clock=clock)
    good = emulator.signature()
    without = {key: value for key, value in good.items() if key != name}
    for query in (good | {name: good[name] + "0"}, good | {name: "签名"}, without):
        with pytest.raises(Forbidden):
            inbox.receive(Push("POST", query), emulator.platform.terms.app_secret)


def test_without_a_secret_nothing_is_signed() -> None:
    query = {"timestamp": "1", "nonce": "2", "signature": hashlib.sha1(b"12").hexdigest()}
    with pytest.raises(Forbidden):
        inbox.receive(Push("POST", query), "")
