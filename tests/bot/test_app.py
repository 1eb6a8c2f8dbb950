import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis
from sqlalchemy import text

from bot import settings
from bot.app import Engines, House
from bot.errors import RuleBroken
from bot.schema import OldSchema
from scheduler.embedded import EmbeddedRedis
from tests.bot.house import ACCOUNT, open_house


@pytest.fixture
def house(tmp_path: Path, redis_server: EmbeddedRedis, redis: "Redis") -> Iterator[House]:
    with open_house(tmp_path, redis_server.url) as house:
        yield house


def embedded(folder: Path) -> House:
    (folder / "config.toml").write_text("", encoding="utf-8")
    return House(settings.load(folder / "config.toml", {}))


def test_an_empty_database_is_set_up(house: House) -> None:
    with house.engine.begin() as connection:
        assert connection.execute(text("SELECT count(*) FROM deliveries")).scalar() == 0


def test_an_old_database_is_not_touched(house: House) -> None:
    with house.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    with contextlib.closing(House(house.settings)) as later, pytest.raises(OldSchema, match="0000"):
        _ = later.engine


def test_accounts_are_opened_without_a_call(house: House) -> None:
    assert list(house.channels) == [ACCOUNT]


def test_each_process_has_a_name_of_its_own(house: House) -> None:
    assert House(house.settings).name != house.name


def test_without_redis_a_nudge_is_left_out(tmp_path: Path) -> None:
    with open_house(tmp_path, "redis://127.0.0.1:9/0") as house:
        house.nudge()


def test_our_own_redis_comes_and_goes_with_the_house(tmp_path: Path) -> None:
    house = embedded(tmp_path)
    assert house.redis.ping()
    house.close()
    assert not EmbeddedRedis(tmp_path / "data" / "redis").answers()


def test_a_data_folder_that_is_a_file_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("", encoding="utf-8")
    house = embedded(tmp_path)
    with pytest.raises(RuleBroken, match=r"数据文件夹 .* 不能使用"):
        _ = house.engine
    with pytest.raises(RuleBroken, match=r"data\.folder"):
        _ = house.redis


@pytest.mark.parametrize("roles", [("web",), ("scheduler",), ("worker",), ("web", "scheduler", "worker")])
def test_any_roles_start_and_stop(house: House, roles: tuple[str, ...]) -> None:
    engines = Engines(house, roles)
    engines.start()
    assert engines.stop(30)
