"""A token is kept for every process, guarded while it is fetched, and never shown."""

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from redis import Redis

from channels.base import Token, TokenStore
from channels.errors import Unavailable
from channels.sealing import Seal
from channels.tokens import MemoryTokens, RedisTokens

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
SEAL = Seal(b"k" * 32)
TOKEN = Token("T0KEN", NOW + timedelta(hours=2), NOW)


@pytest.fixture(params=["memory", "redis"])
def tokens(request: pytest.FixtureRequest) -> TokenStore:
    return (
        MemoryTokens() if request.param == "memory" else RedisTokens(request.getfixturevalue("redis"), SEAL)
    )


@pytest.fixture
def without_redis(tmp_path: Path) -> RedisTokens:
    return RedisTokens(Redis(unix_socket_path=str(tmp_path / "nobody.sock")), SEAL)


def test_what_was_put_is_got(tokens: TokenStore) -> None:
    tokens.put("town", TOKEN)
    assert tokens.get("town") == TOKEN
    assert tokens.get("county") is None


def test_the_newest_token_counts(tokens: TokenStore) -> None:
    tokens.put("town", TOKEN)
    newer = Token("NEWER", TOKEN.expires_at, NOW)
    tokens.put("town", newer)
    assert tokens.get("town") == newer


def test_only_one_holds_the_lock_at_a_time(tokens: TokenStore) -> None:
    inside, most = 0, 0

    def fetch() -> None:
        nonlocal inside, most
        with tokens.lock("town"):
            inside += 1
            most = max(most, inside)
            tokens.put("town", TOKEN)
            inside -= 1

    threads = [threading.Thread(target=fetch) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (most, inside) == (1, 0)


def test_the_lock_is_given_back_after_a_failure(tokens: TokenStore) -> None:
    with pytest.raises(ValueError, match="no token"), tokens.lock("town"):
        raise ValueError("no token")
    with tokens.lock("town"):
        tokens.put("town", TOKEN)
    assert tokens.get("town") == TOKEN


def test_a_flushed_redis_means_no_token_and_a_lost_lock_no_failure(redis: Redis) -> None:
    tokens = RedisTokens(redis, SEAL)
    with tokens.lock("town"):
        redis.flushall()
    assert tokens.get("town") is None


@pytest.mark.parametrize("raw", [b"", b"\xff", b"[]", b"{}", b'{"text": "t", "expires_at": 1e99}'])
def test_what_is_no_token_is_fetched_anew(redis: Redis, raw: bytes) -> None:
    redis.set("gongbao:token:town", raw)
    redis.set("gongbao:token:county", SEAL.close(raw.decode("latin-1"), "county"))
    assert RedisTokens(redis, SEAL).get("town") is None
    assert RedisTokens(redis, SEAL).get("county") is None


def test_without_redis_nothing_is_sent(without_redis: RedisTokens) -> None:
    with pytest.raises(Unavailable, match="Redis"):
        without_redis.get("town")
    with pytest.raises(Unavailable, match="Redis"):
        without_redis.put("town", TOKEN)
    with pytest.raises(Unavailable, match="Redis"), without_redis.lock("town"):
        pass


def test_a_token_never_shows_its_text() -> None:
    assert "T0KEN" not in f"{TOKEN!r}{TOKEN}{[TOKEN]}"


def test_a_token_is_usable_until_its_margin() -> None:
    assert TOKEN.usable(NOW, timedelta(minutes=119))
    assert not TOKEN.usable(NOW, timedelta(hours=2))


def test_machines_with_different_keys_are_told(redis: Redis, caplog: pytest.LogCaptureFixture) -> None:
    RedisTokens(redis, SEAL).put("town", TOKEN)
    assert RedisTokens(redis, Seal(b"x" * 32)).get("town") is None
    assert "key_file" in caplog.text
