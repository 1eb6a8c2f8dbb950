import tomllib
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

import channels.weibo
from channels import kinds, load, load_emulator
from channels.base import Forbidden, Push, Services
from channels.tokens import MemoryTokens
from channels.weibo.channel import Settings, open_account
from channels.weibo.emulator import Emulator
from tests.channels.weibo.office import Counted
from tests.support import StandingClock

GOOD = Emulator().account("http://127.0.0.1:1")


def test_the_emulators_account_is_a_whole_configuration() -> None:
    assert Settings(**GOOD).safe_domain == "yunxi.gov.example"


def test_the_kind_is_found_by_its_folder() -> None:
    assert "weibo" in kinds()
    assert load("weibo").Settings is Settings
    assert load_emulator("weibo") is Emulator


def test_an_opened_account_guards_its_callback(clock: StandingClock) -> None:
    channel = open_account(Settings(**GOOD), Services("town", MemoryTokens(), Counted(), clock))
    emulator = Emulator(clock=clock)
    assert channel.receive(Push("GET", emulator.signature() | {"echostr": "1"})).answer == b"1"
    with pytest.raises(Forbidden):
        channel.receive(Push("GET", {"echostr": "1"}))


@pytest.mark.parametrize(
    "changes",
    [
        {"uid": "云溪"},
        {"uid": "１２３４５"},
        {"safe_domain": "https://yunxi.gov.example"},
        {"safe_domain": ""},
        {"link": "https://other.example/"},
        {"rip": "somewhere"},
        {"mode": "both"},
        {"text_limit": 141},
        {"colour": "red"},
    ],
)
def test_a_wrong_value_is_refused_without_showing_a_secret(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as refused:
        Settings(**(GOOD | changes))
    assert GOOD["access_token"] not in str(refused.value)
    assert GOOD["app_secret"] not in str(refused.value)


def test_every_field_is_described() -> None:
    assert all(field.description for field in Settings.model_fields.values())


def test_the_example_is_a_valid_account() -> None:
    example = Path(channels.weibo.__file__).with_name("example.toml").read_text(encoding="utf-8")
    (account,) = tomllib.loads(example)["accounts"].values()
    assert Settings(**account).mode == "share"
