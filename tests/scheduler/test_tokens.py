"""What a person authorised is kept sealed, and outlives Redis."""

from datetime import timedelta

import pytest
from redis import Redis
from sqlalchemy import Engine, select

from channels.base import Token
from channels.errors import AccountRefused
from channels.sealing import Seal
from scheduler.database import reading
from scheduler.tables import tokens
from scheduler.tokens import KeptTokens
from tests.support import NOW

SEAL = Seal(b"k" * 32)
TOKEN = Token("2.00secret", NOW + timedelta(days=30), NOW)


def test_a_kept_token_outlives_redis(redis: "Redis", engine: Engine) -> None:
    KeptTokens(redis, engine, SEAL).keep("town", TOKEN)
    redis.flushall()
    assert KeptTokens(redis, engine, SEAL).get("town") == TOKEN
    assert KeptTokens(redis, engine, SEAL).get("county") is None


def test_a_new_authorisation_takes_the_place_of_the_old(redis: "Redis", engine: Engine) -> None:
    store = KeptTokens(redis, engine, SEAL)
    store.keep("town", TOKEN)
    newer = Token("2.00newer", NOW + timedelta(days=60), NOW + timedelta(days=29))
    store.keep("town", newer)
    assert store.get("town") == newer


def test_no_database_row_and_no_redis_value_shows_a_token(redis: "Redis", engine: Engine) -> None:
    store = KeptTokens(redis, engine, SEAL)
    store.keep("town", TOKEN)
    store.put("wechat:wx1", TOKEN)
    with reading(engine) as connection:
        (row,) = connection.execute(select(tokens)).all()
    assert b"secret" not in row.sealed
    assert b"secret" not in (redis.get("gongbao:token:wechat:wx1") or b"")
    assert store.get("wechat:wx1") == TOKEN


def test_a_lost_key_asks_for_a_new_authorisation(redis: "Redis", engine: Engine) -> None:
    KeptTokens(redis, engine, SEAL).keep("town", TOKEN)
    with pytest.raises(AccountRefused, match="重新授权"):
        KeptTokens(redis, engine, Seal(b"x" * 32)).get("town")
