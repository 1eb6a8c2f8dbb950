"""Health: is the process alive, and is everything there that the work needs?"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis
from sqlalchemy import text

from bot.app import Engines, House
from scheduler.embedded import EmbeddedRedis
from tests.acceptance.office import until
from tests.bot.house import ask, open_house, served

WELL = {"database": "ok", "redis": "ok", "clock": "ok", "worker": "ok"}


@pytest.fixture
def house(tmp_path: Path, redis_server: EmbeddedRedis, redis: "Redis") -> Iterator[House]:
    with open_house(tmp_path, redis_server.url) as house:
        yield house


@pytest.fixture
def site(house: House) -> Iterator[str]:
    with served(house) as address:
        yield address


def test_a_process_that_answers_is_alive(site: str) -> None:
    answer = ask("GET", f"{site}/health/live")
    assert (answer.status_code, answer.text) == (200, "ok")


def test_without_scheduler_and_worker_it_is_not_ready(site: str) -> None:
    answer = ask("GET", f"{site}/health/ready")
    assert answer.status_code == 503
    assert answer.json() == WELL | {"clock": "missing", "worker": "missing"}


def test_a_database_of_another_version_is_not_ready(house: House, site: str) -> None:
    with house.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    assert ask("GET", f"{site}/health/ready").json()["database"] == "missing"


def test_with_all_parts_at_work_it_is_ready_until_they_stop(house: House, site: str) -> None:
    engines = Engines(house, ("scheduler", "worker"))
    engines.start()
    until(lambda: ask("GET", f"{site}/health/ready").json() == WELL, 10, "all is well")
    assert ask("GET", f"{site}/health/ready").status_code == 200
    assert engines.stop(30)
    assert ask("GET", f"{site}/health/ready").status_code == 503


def test_a_redis_that_is_gone_is_named(tmp_path: Path) -> None:
    server = EmbeddedRedis(tmp_path / "redis")
    server.start()
    with open_house(tmp_path, server.url) as house, served(house) as site:
        server.stop()
        answer = ask("GET", f"{site}/health/ready")
    assert answer.status_code == 503
    assert answer.json()["redis"] != "ok"
    assert answer.json()["database"] == "ok"
