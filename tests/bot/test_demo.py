"""The demo's verdict: each way in which the job may not be done is a sentence."""

from typing import Any

from bot.demo import complaints
from channels.emulator import Shown


def row(**fields: Any) -> dict[str, Any]:
    usual = {
        "account": "town",
        "titles": ["防汛通知"],
        "state": "published",
        "reference": "7",
        "receipt": None,
        "sentence": "",
    }
    return usual | fields


def shown(act: str = "7", address: str = "https://example.test/7") -> Shown:
    return Shown("1", act, "article", "防汛通知", "汛期将至。", address, "2026-11-23T10:00:00+08:00")


def test_out_once_as_signed_is_no_complaint() -> None:
    assert complaints([row()], {"town": [shown()]}) == []


def test_a_post_found_by_reading_back_is_known_by_its_address() -> None:
    receipt = {"addresses": ["https://example.test/7"]}
    assert complaints([row(reference="article-1", receipt=receipt)], {"town": [shown()]}) == []


def test_what_is_not_out_is_told_with_its_reason() -> None:
    found = complaints([row(state="failed", sentence="标题太长。")], {"town": []})
    assert found == ["《防汛通知》在 town 没有发布：标题太长。"]


def test_what_is_said_to_be_out_and_is_not_is_told() -> None:
    assert complaints([row()], {"town": []}) == ["《防汛通知》在 town 出现了 0 次。"]


def test_what_is_out_twice_is_told() -> None:
    assert complaints([row()], {"town": [shown(), shown()]}) == ["《防汛通知》在 town 出现了 2 次。"]


def test_a_second_act_with_the_same_post_is_told() -> None:
    twice = [shown(), shown("8", "https://example.test/8")]
    assert complaints([row()], {"town": twice}) == ["town 上的《防汛通知》没有人签发。"]


def test_a_post_on_another_account_is_not_taken_for_it() -> None:
    assert complaints([row()], {"county": [shown()]}) == [
        "《防汛通知》在 town 出现了 0 次。",
        "county 上的《防汛通知》没有人签发。",
    ]
