"""The command answers at once, and failures are one line."""

import subprocess
import sys
from importlib import import_module, metadata
from pathlib import Path

import pytest
import typer
from redis.exceptions import ConnectionError as RedisGone
from sqlalchemy.exc import OperationalError

from bot.__main__ import COMMANDS
from bot.cli import FAILURES, moment, told
from bot.errors import RuleBroken
from channels.errors import AccountRefused
from tests.bot.cli.conftest import Gongbao

HEAVY = (
    "sqlalchemy",
    "pydantic",
    "requests",
    "redis",
    "starlette",
    "wechatpy",
    "PIL",
    "structlog",
    "bot.cli",
)


LOOK = f"""
import sys
from bot.__main__ import main
sys.argv = ["gongbao", "--help"]
try:
    main()
except SystemExit:
    print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)
"""


def test_help_imports_nothing_heavy() -> None:
    done = subprocess.run([sys.executable, "-c", LOOK], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"
    assert "item" in done.stdout


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_of_the_table_is_there(name: str) -> None:
    assert isinstance(import_module(f"bot.cli.{name}").app, typer.Typer)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_helps(gongbao: Gongbao, name: str) -> None:
    said = gongbao(name, "--help")
    assert (said.code, said.err) == (0, "")
    assert f"gongbao {name}" in said.out


def test_the_version_is_printed(gongbao: Gongbao) -> None:
    assert gongbao("--version").out == f"gongbao {metadata.version('gongbao')}\n"


def test_an_unknown_command_is_told_the_nearest(gongbao: Gongbao) -> None:
    said = gongbao("itm")
    assert said.code == 2
    assert "item" in said.err


@pytest.mark.parametrize("name", FAILURES)
def test_every_failure_of_the_table_exists(name: str) -> None:
    module, _, kind = name.rpartition(".")
    assert issubclass(getattr(import_module(module), kind), Exception)


@pytest.mark.parametrize(
    ("error", "line", "code"),
    [
        (RuleBroken("请改。"), "请改。", 1),
        (AccountRefused("请授权。"), "请授权。", 1),
        (RedisGone("Error 111"), "Error 111", 1),
        (OperationalError("SELECT secret", {}, Exception("disk\n full")), "（disk full）", 1),
    ],
)
def test_what_people_can_mend_is_told_in_one_line(error: Exception, line: str, code: int) -> None:
    said, exit_code = told(error)
    assert line in said
    assert "\n" not in said
    assert "SELECT" not in said
    assert exit_code == code


def test_what_nobody_foresaw_is_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError):
        told(ZeroDivisionError())


@pytest.mark.parametrize(
    "text", ["tomorrow", "2026-11-23", "2026-02-30 08:00", "2026-11-23 25:00", "8:30", ""]
)
def test_a_time_that_cannot_be_read_is_told_how_to_write_it(text: str) -> None:
    with pytest.raises(RuleBroken, match="2026-11-23 08:30"):
        moment(text)


def test_a_time_is_beijing_time() -> None:
    assert moment(" 2026-11-23 08:30").isoformat() == "2026-11-23T08:30:00+08:00"


def test_a_wrong_configuration_ends_with_2(gongbao: Gongbao, office: Path) -> None:
    (office / "other.toml").write_text("[web]\nprot = 1")
    said = gongbao("--config", "other.toml", "item", "list")
    assert (said.code, said.out) == (2, "")
    assert said.err == 'other.toml: web.prot: unknown key; did you mean "port"?\n'
