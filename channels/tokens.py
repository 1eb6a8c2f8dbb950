"""Access tokens, shared by every thread and process that uses an account."""

import json
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from redis import Redis

LOCK_SECONDS = 30  # longer than a token fetch may take


@dataclass(frozen=True)
class Token:
    """A secret with an end. Its text stays out of repr, so it stays out of logs."""

    text: str
    expires_at: datetime  # UTC
    refreshed_at: datetime  # UTC

    def __repr__(self) -> str:
        return f"Token(expires_at={self.expires_at:%Y-%m-%dT%H:%M:%SZ})"

    def usable(self, now: datetime, margin: timedelta = timedelta(0)) -> bool:
        return now + margin < self.expires_at


class TokenStore(Protocol):
    """Where tokens are kept between calls."""

    def get(self, name: str) -> Token | None: ...

    def put(self, name: str, token: Token) -> None: ...

    def lock(self, name: str) -> AbstractContextManager[object]:
        """Held while a token is fetched, so that one process asks and the others read its answer."""
        ...


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
    """Tokens in Redis. A flushed Redis costs a new fetch, nothing else: `stable_token` gives the same one."""

    def __init__(self, redis: "Redis", prefix: str = "gongbao:token:") -> None:
        self._redis = redis
        self._prefix = prefix

    def get(self, name: str) -> Token | None:
        raw = cast("bytes | None", self._redis.get(self._prefix + name))
        if raw is None:
            return None
        kept = json.loads(raw)
        return Token(kept["text"], _moment(kept["expires_at"]), _moment(kept["refreshed_at"]))

    def put(self, name: str, token: Token) -> None:
        kept = {
            "text": token.text,
            "expires_at": token.expires_at.timestamp(),
            "refreshed_at": token.refreshed_at.timestamp(),
        }
        self._redis.set(self._prefix + name, json.dumps(kept))

    @contextmanager
    def lock(self, name: str) -> Iterator[object]:
        with self._redis.lock(
            f"{self._prefix}{name}:lock", timeout=LOCK_SECONDS, blocking_timeout=LOCK_SECONDS
        ) as held:
            yield held


def _moment(stamp: float) -> datetime:
    return datetime.fromtimestamp(stamp, UTC)
