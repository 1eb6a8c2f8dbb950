from datetime import UTC, datetime

import pytest

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
from channels.weibo import errcodes
from channels.weibo.errcodes import Kind, Row

NOW = datetime(2026, 11, 23, 2, 20, 30, tzinfo=UTC)  # 10:20 in Beijing
ROWS = list(errcodes.table().values())
WITH_EFFECT: dict[Kind, type[ChannelError]] = {
    Kind.AUTH: AccountRefused,
    Kind.CONFIG: AccountRefused,
    Kind.PERMISSION: AccountRefused,
    Kind.CONTENT: ContentRefused,
    Kind.PERMANENT: Refused,
    Kind.RATE: Throttled,
    Kind.QUOTA_DAY: Throttled,
    Kind.RETRYABLE: Uncertain,
    Kind.DUPLICATE: Duplicate,
}


def refusal(code: object, message: str = "", *, effect: bool = True) -> ChannelError:
    return errcodes.refusal(code, message, effect=effect, now=NOW)


def test_the_table_has_all_the_codes_known() -> None:
    assert len(ROWS) == 332
    assert {kind for row in ROWS for kind in [row.kind]} == set(Kind)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.code)
def test_each_code_is_done_or_has_its_error_and_a_chinese_sentence(row: Row) -> None:
    if row.kind is Kind.OK:
        assert errcodes.counts_as_done(row.code)
        return
    error = refusal(row.code)
    assert type(error) is WITH_EFFECT[row.kind]
    assert error.code == row.code
    assert error.sentence.startswith(row.wrong)
    assert error.sentence.endswith("。")


@pytest.mark.parametrize("row", [row for row in ROWS if row.kind is Kind.RETRYABLE], ids=lambda row: row.code)
def test_a_fault_on_a_read_is_simply_tried_again(row: Row) -> None:
    assert type(refusal(row.code, effect=False)) is Unavailable


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.code)
def test_rows_are_written_for_people(row: Row) -> None:
    assert any("一" <= sign <= "鿿" for sign in row.wrong)
    assert not row.wrong.endswith("。")
    assert row.remedy == "" or row.remedy.endswith("。")


def test_number_and_text_are_one_code() -> None:
    assert type(refusal(20019)) is type(refusal("20019")) is Duplicate


def test_a_row_for_a_hundred_codes_catches_each() -> None:
    assert errcodes.kind(26417) is Kind.CONFIG


def test_an_unknown_code_is_never_repeated_by_the_machine() -> None:
    assert type(refusal(29999)) is Refused
    assert type(refusal(29999, effect=False)) is Unavailable
    assert "29999" in refusal(29999).sentence


def test_success_is_no_refusal() -> None:
    with pytest.raises(ValueError):
        refusal(20032)


@pytest.mark.parametrize(
    ("message", "error", "word"),
    [
        ("text not find domain!", ContentRefused, "安全域名之下的链接"),
        ("appkey not bind domain!", AccountRefused, "没有绑定"),
        ("Parameter (rip)'s value invalid, expect (ip), but get (x)", AccountRefused, "rip"),
        ("Parameter (status)'s value invalid, expect (a), but get (b)", ContentRefused, "status"),
        ("", AccountRefused, "参数值"),
    ],
)
def test_10017_is_told_apart_by_its_message(message: str, error: type[ChannelError], word: str) -> None:
    refused = refusal(10017, message)
    assert type(refused) is error
    assert word in refused.sentence


def test_a_missing_parameter_is_named() -> None:
    assert "rip" in refusal(10016, "Miss required parameter (rip), see doc").sentence


def test_nothing_else_of_a_message_is_repeated() -> None:
    assert "2.00secret" not in str(refusal(10017, "expect (token), but get (2.00secret)"))


def test_an_hour_ends_on_the_full_hour() -> None:
    error = refusal(10024)
    assert isinstance(error, Throttled)
    assert error.until == datetime(2026, 11, 23, 3, tzinfo=UTC)
    assert "11月23日 11:00" in error.sentence


def test_a_day_ends_at_midnight_in_beijing() -> None:
    error = refusal(20521)
    assert isinstance(error, Throttled)
    assert error.until == datetime(2026, 11, 23, 16, tzinfo=UTC)
    assert "11月24日 00:00" in error.sentence


def test_the_platforms_own_word_on_the_end_counts_more() -> None:
    end = datetime(2026, 11, 23, 16, tzinfo=UTC)
    error = errcodes.refusal(10023, "", effect=True, now=NOW, until=end)
    assert isinstance(error, Throttled)
    assert error.until == end
