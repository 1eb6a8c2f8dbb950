"""`gongbao config`."""

from bot import settings
from tests.bot.cli.conftest import Gongbao


def test_the_example_is_printed(gongbao: Gongbao) -> None:
    assert gongbao("config", "example").out == settings.example()


def test_what_was_read_is_shown_and_secrets_are_not(gongbao: Gongbao) -> None:
    said = gongbao("config", "check")
    assert said.code == 0
    assert "config.toml" in said.out
    assert "7300112233" in said.out
    assert "hunter2" not in said.out
