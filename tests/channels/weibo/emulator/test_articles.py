from typing import Any
from urllib.parse import quote

import pytest

from channels.weibo.emulator import Emulator
from tests.channels.weibo.office import call
from tests.support import StandingClock

GOOD = {
    "title": "通告",
    "content": quote("<p>正文</p>", safe=""),
    "cover": "https://yunxi.gov.example/cover.png",
    "summary": "导语",
    "text": "【通告】",
    "rip": "192.0.2.1",
}


def publish(emulator: Emulator, **changes: str) -> Any:
    return call(emulator, "POST", "/proxy/article/publish.json", **(GOOD | changes))


def test_success_is_a_code_in_text_and_three_names(emulator: Emulator) -> None:
    answer = publish(emulator)
    assert answer["code"] == "100000"
    assert answer["data"]["mid"] == emulator.shown()[0].id
    assert answer["data"]["url"].endswith(answer["data"]["object_id"])


@pytest.mark.parametrize(
    "changes",
    [
        {"title": "长" * 33},
        {"title": ""},
        {"content": "<p>raw</p>"},
        {"content": "two%20words+more"},
        {"content": "a" * 90_001},
        {"text": "长" * 1901},
        {"cover": "cover.png"},
        {"rip": ""},
    ],
)
def test_a_wrong_parameter_is_named(changes: dict[str, str], emulator: Emulator) -> None:
    answer = publish(emulator, **changes)
    assert answer["code"] == "10008"
    assert next(iter(changes)) in answer["msg"]
    assert emulator.shown() == []


def test_an_equal_short_post_fails(emulator: Emulator) -> None:
    publish(emulator)
    assert publish(emulator)["code"] == "11002"


def test_the_hours_limit_counts(clock: StandingClock) -> None:
    emulator = Emulator(clock=clock, posts_an_hour=1)
    publish(emulator)
    assert publish(emulator, text="另一条")["code"] == "11001"


def test_individuals_have_no_right(clock: StandingClock) -> None:
    assert int(publish(Emulator(clock=clock, article_right=False))["error_code"]) == 10014
