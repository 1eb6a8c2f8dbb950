"""The office's web server as it runs, with an account whose platform is never called."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from redis import Redis

from bot import settings
from bot.app import House, web
from bot.people import Role
from bot.serving import HttpServer
from scheduler.embedded import EmbeddedRedis
from tests.bot.cli.conftest import CONFIG
from tests.bot.console.browser import Browser, admit
from tests.support import StandingClock

Visitor = Callable[..., Browser]


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
def house(
    tmp_path: Path, redis_server: EmbeddedRedis, redis: "Redis", clock: StandingClock
) -> Iterator[House]:
    (tmp_path / "config.toml").write_text(CONFIG.format(redis=redis_server.url), encoding="utf-8")
    house = House(settings.load(tmp_path / "config.toml"), clock)
    yield house
    house.close()


@pytest.fixture
def address(house: House) -> Iterator[str]:
    server = HttpServer(web(house)).start()
    yield server.address
    server.stop()


@pytest.fixture
def browser(address: str) -> Browser:
    """Nobody is logged in."""
    return Browser(address)


@pytest.fixture
def visitor(house: House, address: str) -> Visitor:
    """A browser in which a new person with these roles is logged in."""

    def enter(name: str, *roles: Role, unit: str = "") -> Browser:
        admit(house, name, *roles, unit=unit)
        browser = Browser(address)
        assert browser.log_in(name).ok
        return browser

    return enter
