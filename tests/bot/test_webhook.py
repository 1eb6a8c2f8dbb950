"""`/hook/<account>`: what the platforms push is checked, kept and answered."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis
from sqlalchemy import func, select

from bot.app import House
from bot.webhook import MAX_BODY
from channels.emulator import Emulator, Request
from channels.wechat.emulator import Emulator as WeChat
from scheduler.database import reading
from scheduler.embedded import EmbeddedRedis
from scheduler.tables import finishes
from tests.bot.house import ACCOUNT, ask, open_house, served


@pytest.fixture
def platform() -> Emulator:
    return WeChat(finish_seconds=0.0)


@pytest.fixture
def house(tmp_path: Path, redis_server: EmbeddedRedis, redis: "Redis", platform: Emulator) -> Iterator[House]:
    with open_house(tmp_path, redis_server.url, platform) as house:
        yield house


@pytest.fixture
def hook(house: House, platform: Emulator) -> Iterator[str]:
    with served(house) as address:
        platform.callback = f"{address}/hook/{ACCOUNT}"
        yield platform.callback


def kept(house: House) -> int:
    with reading(house.engine) as connection:
        return connection.execute(select(func.count()).select_from(finishes)).scalar_one()


def test_the_platforms_question_is_answered(hook: str, platform: Emulator) -> None:
    platform.handle(Request("POST", "/_emulator/verify"))
    platform.tick()
    assert platform.handle(Request("GET", "/_emulator/verify")).body == b'{"asked": 1, "proved": 1}'


def test_an_outcome_that_comes_before_its_job_is_known_is_kept(
    house: House, hook: str, platform: WeChat
) -> None:
    publish_elsewhere(platform)
    platform.tick()
    assert kept(house) == 1


def publish_elsewhere(platform: WeChat) -> None:
    """An article that somebody sends from the platform's own pages."""
    platform._postman.event(
        "PUBLISHJOBFINISH", {"PublishEventInfo": {"publish_id": 7, "publish_status": 0}}, platform.now
    )


def test_a_push_without_a_good_signature_is_refused(house: House, hook: str) -> None:
    assert ask("POST", f"{hook}?timestamp=1&nonce=2&signature=3", b"<xml></xml>").status_code == 403
    assert kept(house) == 0


@pytest.mark.parametrize(
    ("method", "path", "size", "status"),
    [
        ("POST", "/hook/nobody", 1, 404),
        ("POST", "/hook/", 1, 404),
        ("PUT", f"/hook/{ACCOUNT}", 1, 405),
        ("POST", f"/hook/{ACCOUNT}", MAX_BODY + 1, 413),
    ],
)
def test_what_is_no_push_is_turned_away(hook: str, method: str, path: str, size: int, status: int) -> None:
    site = hook.partition("/hook/")[0]
    assert ask(method, f"{site}{path}", b"x" * size).status_code == status
