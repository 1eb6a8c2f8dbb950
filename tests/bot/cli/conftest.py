"""The program as people start it: arguments in, lines and an exit code out."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import structlog

from bot.__main__ import main
from scheduler.embedded import EmbeddedRedis

CONFIG = """
[office]
unit = "党政办"

[redis]
url = "{redis}"

[accounts.town_weibo]
kind = "weibo"
base_url = "http://127.0.0.1:9"
appkey = "1"
access_token = "hunter2"
uid = "7300112233"
safe_domain = "www.example.gov.cn"
link = "https://www.example.gov.cn/gk"
rip = "127.0.0.1"
"""


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str


Gongbao = Callable[..., Said]


@pytest.fixture
def office(tmp_path: Path, redis_server: EmbeddedRedis, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a configuration, in which commands are given."""
    (tmp_path / "config.toml").write_text(CONFIG.format(redis=redis_server.url), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GONGBAO_CONFIG", raising=False)
    return tmp_path


@pytest.fixture
def gongbao(
    office: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Gongbao]:
    def run(*arguments: object) -> Said:
        monkeypatch.setattr("sys.argv", ["gongbao", *map(str, arguments)])
        try:
            main()
            code = 0
        except SystemExit as end:
            code = int(end.code or 0)
        return Said(code, *capsys.readouterr())

    handlers, level = logging.root.handlers[:], logging.root.level
    yield run
    structlog.reset_defaults()
    logging.root.handlers[:], logging.root.level = handlers, level
