"""From the command to the kept token, over real sockets: the office's web server and the played platform."""

import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from bot import settings
from bot.app import House, web
from bot.authorize import Authorizing
from bot.errors import RuleBroken
from bot.serving import HttpServer
from channels.errors import AccountRefused
from channels.weibo.emulator import Emulator
from scheduler import ledger
from scheduler.database import reading
from scheduler.embedded import EmbeddedRedis
from tests.channels.serving import served
from tests.support import StandingClock, queue_one

STATE = "s" * 43


@dataclass
class Office:
    house: House
    emulator: Emulator
    address: str  # of our own web server

    def begin(self) -> str:
        return self.house.authorizing.begin("weibo", STATE)

    def press(self, address: str, button: str = "allow") -> str:
        """A person presses a button; gives the address that the platform leads back to."""
        pressed = requests.post(address, {"press": button}, allow_redirects=False, timeout=5)
        return pressed.headers["location"]

    def open(self, address: str) -> requests.Response:
        return requests.get(address, timeout=5)


@pytest.fixture
def office(tmp_path: Path, redis_server: EmbeddedRedis) -> Iterator[Office]:
    clock = StandingClock()
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    back = f"http://127.0.0.1:{port}/authorize/weibo"
    emulator = Emulator(clock=clock, redirect_uri=back)
    with served(emulator) as platform:
        account = emulator.account(platform) | {"access_token": ""}
        lines = [
            "[redis]",
            f'url = "{redis_server.url}"',
            "[web]",
            f'public_address = "http://127.0.0.1:{port}/"',
            "[accounts.weibo]",
            *(f'{key} = "{value}"' for key, value in account.items()),
        ]
        (tmp_path / "config.toml").write_text("\n".join(lines), encoding="utf-8")
        house = House(settings.load(tmp_path / "config.toml", {}), clock)
        house.redis.flushall()
        ours = HttpServer(web(house), port=port).start()
        yield Office(house, emulator, ours.address)
        ours.stop()
        house.close()


def test_a_pressed_button_brings_a_token_that_outlives_redis(office: Office) -> None:
    answer = office.open(office.press(office.begin()))
    assert (answer.status_code, "授权成功" in answer.text) == (200, True)
    assert "no-store" in answer.headers["cache-control"]
    office.house.redis.flushall()
    kept = office.house.tokens.get("weibo")
    assert kept is not None
    assert kept.text == office.emulator.platform.grants[-1].text
    assert office.house.watch.token_ends("weibo") == kept.expires_at


def test_a_resting_account_goes_on_at_once(office: Office) -> None:
    house = office.house
    delivery = queue_one(house.engine, "weibo")
    with house.engine.begin() as connection:
        (job,) = ledger.claim(connection, [delivery], house.clock())
    refused = job.item.refused(AccountRefused("请重新授权。", "21327"), house.clock())
    ledger.record(house.engine, job.item, refused, house.clock(), "worker")
    office.open(office.press(office.begin()))
    with reading(house.engine) as connection:
        assert ledger.rests(connection, house.clock()) == []
        assert [row[0] for row in ledger.due(connection, house.clock(), 10)] == [delivery]


def test_a_link_is_good_for_once(office: Office) -> None:
    back = office.press(office.begin())
    office.open(back)
    again = office.open(back)
    assert again.status_code == 400
    assert "gongbao account authorize weibo" in again.text


@pytest.mark.parametrize("state", ["", "s", "x" * 43, "状态"])
def test_another_state_brings_nothing_and_spoils_nothing(office: Office, state: str) -> None:
    back = office.press(office.begin())
    code = parse_qs(urlsplit(back).query)["code"][0]
    forged = requests.get(f"{office.address}/authorize/weibo", {"code": code, "state": state}, timeout=5)
    assert forged.status_code == 400
    assert office.house.tokens.get("weibo") is None
    assert office.open(back).status_code == 200


def test_after_ten_minutes_a_link_is_dead(office: Office) -> None:
    back = office.press(office.begin())
    (key,) = office.house.redis.keys("gongbao:authorize:*")
    assert 590 <= office.house.redis.ttl(key) <= 600
    office.house.redis.delete(key)  # as it does by itself when the time is over
    assert office.open(back).status_code == 400


def test_a_new_link_takes_the_place_of_the_old(office: Office) -> None:
    old = office.press(office.house.authorizing.begin("weibo", "o" * 43))
    new = office.press(office.begin())
    assert office.open(old).status_code == 400
    assert office.open(new).status_code == 200


def test_a_denial_is_said_and_keeps_nothing(office: Office) -> None:
    answer = office.open(office.press(office.begin(), "deny"))
    assert (answer.status_code, "取消" in answer.text) == (400, True)
    assert office.house.tokens.get("weibo") is None


def test_a_code_that_the_platform_refuses_is_said(office: Office) -> None:
    office.begin()
    answer = requests.get(f"{office.address}/authorize/weibo", {"code": "guessed", "state": STATE}, timeout=5)
    assert answer.status_code == 400
    assert "授权" in answer.text
    assert "guessed" not in answer.text


def test_an_account_that_is_not_there_is_told_and_written_harmlessly(office: Office) -> None:
    answer = requests.get(f"{office.address}/authorize/<b>x", {"state": "s", "code": "c"}, timeout=5)
    assert answer.status_code == 400
    assert "<b>" not in answer.text


def test_without_a_public_address_nothing_begins(office: Office) -> None:
    house = office.house
    nowhere = Authorizing(
        house.redis, house.engine, house.channels, house.tokens, clock=house.clock, public_address=""
    )
    with pytest.raises(RuleBroken, match="public_address"):
        nowhere.begin("weibo", STATE)
