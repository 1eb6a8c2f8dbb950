"""`gongbao account`: what stands where, in words and in JSON."""

import json
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from bot import settings
from bot.app import House
from channels.errors import AccountRefused
from scheduler import ledger
from tests.bot.cli.conftest import Gongbao
from tests.support import queue_one

NAME = "town_weibo"


def open_house(office: Path) -> House:
    return House(settings.load(office / "config.toml", {}))


def rest(office: Path) -> None:
    house = open_house(office)
    delivery, now = queue_one(house.engine, NAME), house.clock()
    with house.engine.begin() as connection:
        (job,) = ledger.claim(connection, [delivery], now)
    refused = job.item.refused(AccountRefused("请管理员重新授权该账号。", "21327"), now)
    ledger.record(house.engine, job.item, refused, now, "worker")
    house.close()


def count(office: Path, calls: int) -> None:
    house = open_house(office)
    house.redis.flushall()
    house.meters[NAME].take("statuses/share", calls)
    house.close()


def configure(office: Path, *, without: str, **more: str) -> None:
    """Change the configuration: a line less, and tables added."""
    lines = (office / "config.toml").read_text().splitlines()
    kept = [line for line in lines if not line.startswith(without)]
    extra = [line for name, value in more.items() for line in (f"[{name}]", value)]
    (office / "config.toml").write_text("\n".join([*extra, *kept]), encoding="utf-8")


def test_show_tells_what_is_used_and_left(gongbao: Gongbao, office: Path) -> None:
    count(office, 25)
    said = gongbao("account", "show", NAME)
    assert (said.code, said.err) == (0, "")
    for word in ("没有暂停", "这个小时的微博", "全部接口", "25", "100", "75", "█████░"):
        assert word in said.out


def test_show_tells_the_same_to_machines(gongbao: Gongbao, office: Path) -> None:
    count(office, 25)
    told = json.loads(gongbao("account", "show", NAME, "--json").out)
    (calls,) = told["calls"]
    assert (calls["used"], calls["limit"], calls["left"]) == (25, 100, 75)
    assert calls["resets_at"].endswith("T00:00:00+08:00")
    assert [quota["limit"] for quota in told["deliveries"]] == [30]


def test_a_resting_account_is_seen_and_let_go_on(gongbao: Gongbao, office: Path) -> None:
    rest(office)
    assert "请管理员重新授权该账号。" in gongbao("account", "list").out
    assert "暂停到" in gongbao("account", "show", NAME).out
    assert "已恢复" in gongbao("account", "resume", NAME).out
    assert "没有暂停" in gongbao("account", "resume", NAME).out
    (entry,) = json.loads(gongbao("audit", "list", "--object", f"account:{NAME}", "--json").out)
    assert entry["act"] == "resume"


@pytest.mark.parametrize("command", ["show", "resume", "authorize"])
def test_an_unknown_account_is_told_the_known_ones(gongbao: Gongbao, command: str) -> None:
    configure(Path(), without="nothing", web='public_address = "https://gongbao.example.gov.cn"')
    said = gongbao("account", command, "nobody")
    assert said.code == 1
    assert NAME in said.err


def test_authorize_prints_an_address_with_a_state_nobody_can_guess(gongbao: Gongbao, office: Path) -> None:
    configure(office, without="access_token", web='public_address = "https://gongbao.example.gov.cn"')
    (office / "config.toml").write_text(
        (office / "config.toml").read_text() + '\napp_secret = "hunter3"\n', encoding="utf-8"
    )
    states = set()
    for _ in range(2):
        said = gongbao("account", "authorize", NAME)
        address = next(line for line in said.out.splitlines() if line.startswith("http"))
        query = parse_qs(urlsplit(address).query)
        assert query["redirect_uri"] == [f"https://gongbao.example.gov.cn/authorize/{NAME}"]
        assert "hunter3" not in said.out
        states.add(query["state"][0])
    assert {len(state) for state in states} == {43}
    assert len(states) == 2


def test_an_account_whose_token_is_a_setting_is_told_so(gongbao: Gongbao, office: Path) -> None:
    configure(office, without="nothing", web='public_address = "https://gongbao.example.gov.cn"')
    said = gongbao("account", "authorize", NAME)
    assert (said.code, said.out) == (1, "")
    assert "access_token" in said.err


def test_refresh_says_when_the_platform_is_not_there(gongbao: Gongbao) -> None:
    said = gongbao("account", "show", NAME, "--refresh")
    assert said.code == 1
    assert "连不上平台" in said.err
