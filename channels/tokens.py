"""Access tokens, shared by every thread and process that uses an account."""

import json
import logging
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import UTC, datetime
from typing import cast

from redis import Redis
from redis.exceptions import RedisError

from channels.base import Token
from channels.errors import Unavailable
from channels.sealing import Seal, Unsealable

log = logging.getLogger(__name__)

PREFIX = "gongbao:token:"
LOCK_SECONDS = 30  # longer than a token fetch may take


class MemoryTokens:
    """Tokens of one process, for tests and single commands."""

    def __init__(self) -> None:
        self._tokens: dict[str, Token] = {}
        self._lock = threading.RLock()

    def get(self, name: str) -> Token | None:
        return self._tokens.get(name)

    def put(self, name: str, token: Token) -> None:
        self._tokens[name] = token

    def lock(self, name: str) -> AbstractContextManager[object]:  # noqa: ARG002 - one lock is enough here
        return self._lock


class RedisTokens:
    """Tokens in Redis, sealed, since Redis writes what it holds into files.

    A flushed Redis costs a new fetch, nothing else: `stable_token` gives the same one. Without Redis there is
    no token, so nothing is sent: Unavailable.
    """

    def __init__(self, redis: "Redis", seal: Seal) -> None:
        self._redis, self._seal = redis, seal

    def get(self, name: str) -> Token | None:
        with _reaching_redis():
            sealed = cast("bytes | None", self._redis.get(PREFIX + name))
        return self._opened(sealed, name) if sealed is not None else None

    def put(self, name: str, token: Token) -> None:
        kept = {
            "text": token.text,
            "expires_at": token.expires_at.timestamp(),
            "refreshed_at": token.refreshed_at.timestamp(),
        }
        with _reaching_redis():
            self._redis.set(PREFIX + name, self._seal.close(json.dumps(kept), name))

    @contextmanager
    def lock(self, name: str) -> Iterator[object]:
        lock = self._redis.lock(f"{PREFIX}{name}:lock", timeout=LOCK_SECONDS, blocking_timeout=LOCK_SECONDS)
        with _reaching_redis():
            held = lock.acquire()
        if not held:
            raise Unavailable("等待访问令牌超时，稍后会自动再试。", "token_lock")
        try:
            yield lock
        finally:
            with suppress(RedisError):  # it ends by itself, and what was done under it counts
                lock.release()

    def _opened(self, sealed: bytes, name: str) -> Token | None:
        """None for what is no token of ours: a new fetch mends it."""
        try:
            kept = json.loads(self._seal.open(sealed, name))
            return Token(str(kept["text"]), _moment(kept["expires_at"]), _moment(kept["refreshed_at"]))
        except Unsealable:
            log.warning("a shared token is sealed with another key: is key_file the same on every machine?")
            return None
        except (ValueError, LookupError, TypeError, OverflowError, OSError):
            return None


@contextmanager
def _reaching_redis() -> Iterator[None]:
    try:
        yield
    except RedisError:
        raise Unavailable("连不上 Redis，取不到访问令牌，稍后会自动再试。", "redis") from None


def _moment(stamp: float) -> datetime:
    return datetime.fromtimestamp(stamp, UTC)
