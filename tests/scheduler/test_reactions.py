"""Every code of every platform: what becomes of the delivery, and of its account."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from channels.errors import (
    AccountRefused,
    ChannelError,
    ContentRefused,
    Duplicate,
    Refused,
    Throttled,
    Uncertain,
)
from channels.wechat import errcodes as wechat
from channels.weibo import errcodes as weibo
from scheduler.delivery import Change, Delivery, State
from tests.support import NOW

# class of error -> where the delivery goes, whether it is looked at again by itself, what its account does
REACTIONS: dict[type[ChannelError], tuple[State, bool, str]] = {
    Throttled: (State.QUEUED, True, "waits"),
    AccountRefused: (State.QUEUED, True, "rests"),
    ContentRefused: (State.FAILED, False, "goes on"),
    Refused: (State.FAILED, False, "goes on"),
    Duplicate: (State.UNCERTAIN, True, "goes on"),
    Uncertain: (State.UNCERTAIN, True, "goes on"),
}
WEIBO: dict[weibo.Kind, type[ChannelError]] = {
    weibo.Kind.AUTH: AccountRefused,
    weibo.Kind.CONFIG: AccountRefused,
    weibo.Kind.PERMISSION: AccountRefused,
    weibo.Kind.RATE: Throttled,
    weibo.Kind.QUOTA_DAY: Throttled,
    weibo.Kind.CONTENT: ContentRefused,
    weibo.Kind.PERMANENT: Refused,
    weibo.Kind.DUPLICATE: Duplicate,
    weibo.Kind.RETRYABLE: Uncertain,
}


def all_codes() -> Iterator[tuple[str, str, type[ChannelError]]]:
    for code, row in wechat.table().items():
        if row.kind != wechat.OK:
            faulty = row.kind == "Unavailable"  # a fault of the platform, on a call that may have worked
            yield "wechat", str(code), Uncertain if faulty else wechat.CLASSES[row.kind]
    for text, described in weibo.table().items():
        if described.kind is not weibo.Kind.OK:
            yield "weibo", text, WEIBO[described.kind]


CODES = list(all_codes())


def error_of(platform: str, code: str, *, effect: bool) -> ChannelError:
    if platform == "weibo":
        return weibo.refusal(code, "", effect=effect, now=NOW)
    return wechat.refusal(int(code), "", effect=effect, now=NOW, response={})


def a_delivery(state: State) -> Delivery:
    return Delivery(1, "0" * 32, "town", state, NOW, since=NOW)


def account(change: Change) -> str:
    if change.account_refused:
        return "rests"
    return "waits" if change.pause_until else "goes on"


@pytest.mark.parametrize(("platform", "code", "kind"), CODES, ids=lambda each: str(each))
def test_a_refused_try_has_the_reaction_of_its_class(
    platform: str, code: str, kind: type[ChannelError]
) -> None:
    change = a_delivery(State.SENDING).refused(error_of(platform, code, effect=True), NOW)
    assert (change.state, change.wake_at is not None, account(change)) == REACTIONS[kind]
    assert change.code == code
    assert change.sentence.endswith("。")
    assert not change.sentence.isascii()


@pytest.mark.parametrize(("platform", "code", "kind"), CODES, ids=lambda each: str(each))
def test_a_refused_question_leaves_the_doubt_and_is_asked_again_later(
    platform: str, code: str, kind: type[ChannelError]
) -> None:
    change = a_delivery(State.UNCERTAIN).not_looked_up(error_of(platform, code, effect=False), NOW)
    assert change.state is State.UNCERTAIN
    assert change.wake_at is not None
    assert change.wake_at >= NOW + timedelta(minutes=5)
    assert change.account_refused == (kind is AccountRefused)


@pytest.mark.parametrize(
    ("platform", "code", "state", "what_the_account_does", "word"),
    [
        ("wechat", "40164", State.QUEUED, "rests", "白名单"),
        ("wechat", "48001", State.QUEUED, "rests", "权限"),
        ("wechat", "45009", State.QUEUED, "waits", "次数"),
        ("wechat", "45028", State.QUEUED, "waits", "群发"),
        ("wechat", "45003", State.FAILED, "goes on", "标题"),
        ("wechat", "45065", State.UNCERTAIN, "goes on", "。"),
        ("wechat", "-1", State.UNCERTAIN, "goes on", "不会重复发送"),
        ("weibo", "21327", State.QUEUED, "rests", "授权"),
        ("weibo", "10014", State.QUEUED, "rests", "权限"),
        ("weibo", "10023", State.QUEUED, "waits", "自动再试"),
        ("weibo", "20012", State.FAILED, "goes on", "重新送审"),
        ("weibo", "20019", State.UNCERTAIN, "goes on", "不会重复发送"),
        ("weibo", "10001", State.UNCERTAIN, "goes on", "不会重复发送"),
    ],
)
def test_what_an_office_meets_is_answered_in_words(
    platform: str, code: str, state: State, what_the_account_does: str, word: str
) -> None:
    change = a_delivery(State.SENDING).refused(error_of(platform, code, effect=True), NOW)
    assert (change.state, account(change)) == (state, what_the_account_does)
    assert word in change.sentence
