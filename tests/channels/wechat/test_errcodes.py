"""Every code of the table has a class, a sentence and a consequence."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.errors import (
    AccountRefused,
    ChannelError,
    ContentRefused,
    Duplicate,
    Refused,
    Throttled,
    Unavailable,
    Uncertain,
)
from channels.wechat.errcodes import (
    CLASSES,
    OK,
    TOKEN_CODES,
    caller_ip,
    code_of,
    is_ok,
    refusal,
    table,
    token_refusal,
)

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
WAITS = {"minute", "day", "month", "broadcast"}


def refused(code: int | str, *, effect: bool = True, message: str = "", **more: Any) -> ChannelError:
    return refusal(code, message, effect=effect, now=NOW, response=more.pop("response", {}), **more)


def test_the_table_holds_every_code_once() -> None:
    assert len(table()) == 350


@pytest.mark.parametrize("row", table().values(), ids=lambda row: str(row.code))
def test_every_row_names_a_class_a_wait_and_a_sentence(row: Any) -> None:
    assert row.kind == OK or row.kind in CLASSES
    assert (row.wait in WAITS) == (row.kind == "Throttled")
    assert row.sentence.endswith("。")
    assert not row.sentence.isascii()


@pytest.mark.parametrize("row", table().values(), ids=lambda row: str(row.code))
def test_every_refusal_has_the_rows_class_and_keeps_the_code(row: Any) -> None:
    error = refused(row.code, effect=False)
    assert error.code == str(row.code)
    assert "{" not in error.sentence
    if row.kind != OK:
        assert type(error) is CLASSES[row.kind]


@pytest.mark.parametrize(
    ("code", "effect", "kind"),
    [
        (-1, True, Uncertain),
        (-1, False, Unavailable),
        (45066, True, Uncertain),
        (45065, True, Duplicate),
        (45003, True, ContentRefused),
        (40007, True, Refused),
        (48001, True, AccountRefused),
        (45009, True, Throttled),
        (123456789, True, Refused),
        (123456789, False, Unavailable),
        ("mystery", True, Refused),
        ("mystery", False, Unavailable),
    ],
)
def test_a_code_decides_what_becomes_of_the_post(
    code: int | str, effect: bool, kind: type[ChannelError]
) -> None:
    assert type(refused(code, effect=effect)) is kind


@pytest.mark.parametrize(
    ("code", "account_type", "until"),
    [
        (45011, "subscription", datetime(2026, 11, 22, 4, 1, tzinfo=UTC)),
        (45009, "subscription", datetime(2026, 11, 22, 16, 0, tzinfo=UTC)),
        (45009, "service", datetime(2026, 11, 22, 16, 0, tzinfo=UTC)),
        (45028, "subscription", datetime(2026, 11, 22, 16, 0, tzinfo=UTC)),
        (45028, "service", datetime(2026, 11, 30, 16, 0, tzinfo=UTC)),
        (45040, "subscription", datetime(2026, 11, 30, 16, 0, tzinfo=UTC)),
    ],
)
def test_a_quota_ends_at_a_beijing_midnight(code: int, account_type: str, until: datetime) -> None:
    error = refused(code, account_type=account_type)
    assert isinstance(error, Throttled)
    assert error.until == until


def test_the_month_turns_with_the_year() -> None:
    error = refusal(45040, "", effect=True, now=datetime(2026, 12, 31, 17, tzinfo=UTC), response={})
    assert isinstance(error, Throttled)
    assert error.until == datetime(2027, 1, 31, 16, tzinfo=UTC)


@pytest.mark.parametrize("spelling", ["msg_id", "msgid"])
def test_a_duplicate_names_the_broadcast_that_exists(spelling: str) -> None:
    error = refused(45065, response={spelling: 1000000123})
    assert isinstance(error, Duplicate)
    assert error.reference == "1000000123"


@pytest.mark.parametrize(
    ("message", "ip"),
    [
        ("invalid ip 203.0.113.7 ipv6 ::ffff:203.0.113.7, not in whitelist rid: 6612-ab", "203.0.113.7"),
        ("invalid ip 2001:db8::7, not in whitelist", "2001:db8::7"),
        ("access clientip is not registered, requestIP: 203.0.113.9", "203.0.113.9"),
        ("not in whitelist", "（微信没有说明）"),
    ],
)
def test_the_allow_list_refusal_names_the_address(message: str, ip: str) -> None:
    assert caller_ip(message) == ip
    assert ip in refused(40164, message=message).sentence


def test_40001_of_the_token_call_speaks_of_the_secret() -> None:
    error = token_refusal(40001, "invalid credential", now=NOW)
    assert isinstance(error, AccountRefused)
    assert "AppSecret 不正确" in error.sentence


@pytest.mark.parametrize("code", [40125, 40164, 40243, 50004, 50007, 61004, 89503, 89506, 89507, 40013])
def test_a_refused_token_call_stops_the_account(code: int) -> None:
    assert isinstance(token_refusal(code, "", now=NOW), AccountRefused)


def test_token_codes_stop_the_account_when_a_fresh_token_did_not_help() -> None:
    assert {type(refused(code)) for code in TOKEN_CODES} == {AccountRefused}


@pytest.mark.parametrize(
    ("raw", "code"),
    [("40001", 40001), (40001.0, 40001), (-1, -1), ("", ""), (None, "None"), (1.5, "1.5"), ([1], "[1]")],
)
def test_an_odd_errcode_is_read_as_far_as_it_goes(raw: object, code: int | str) -> None:
    assert code_of({"errcode": raw}) == code


def test_no_errcode_is_success() -> None:
    assert is_ok(code_of({"media_id": "m"}))
    assert not is_ok("ok")


@given(st.one_of(st.none(), st.text(), st.floats(), st.integers(), st.lists(st.integers())), st.text())
def test_no_answer_however_odd_breaks_the_reading(raw: object, message: str) -> None:
    error = refused(code_of({"errcode": raw}), message=message)
    assert isinstance(error, ChannelError)
    assert error.sentence
