"""Tokens that outlive Redis: what an authorisation brought stands in the ledger, sealed."""

from contextlib import AbstractContextManager

from redis import Redis
from sqlalchemy import Engine, bindparam, select

from channels.base import Token
from channels.errors import AccountRefused
from channels.sealing import Seal, Unsealable
from channels.tokens import RedisTokens
from scheduler.database import reading, upsert
from scheduler.tables import tokens


class KeptTokens:
    """`channels.base.TokenStore`: fetched tokens in Redis, those that a person brought in the ledger."""

    def __init__(self, redis: "Redis", engine: Engine, seal: Seal) -> None:
        self._fetched, self._engine, self._seal = RedisTokens(redis, seal), engine, seal

    def get(self, name: str) -> Token | None:
        """Raises AccountRefused if the key does not open what is kept."""
        return self._fetched.get(name) or self._kept(name)

    def put(self, name: str, token: Token) -> None:
        self._fetched.put(name, token)

    def lock(self, name: str) -> AbstractContextManager[object]:
        return self._fetched.lock(name)

    def keep(self, name: str, token: Token) -> None:
        """Durable when it returns."""
        row = {
            "sealed": self._seal.close(token.text, name),
            "expires_at": token.expires_at,
            "refreshed_at": token.refreshed_at,
        }
        with self._engine.begin() as connection:
            upsert(connection, tokens, {"name": name}, row)

    def _kept(self, name: str) -> Token | None:
        with reading(self._engine) as connection:
            row = connection.execute(_TOKEN, {"name": name}).one_or_none()
        if row is None:
            return None
        try:
            text = self._seal.open(row.sealed, name)
        except Unsealable:
            raise AccountRefused(
                "保存的账号授权打不开，密钥文件可能换过。请管理员恢复密钥文件，或重新授权该账号。", "sealed"
            ) from None
        return Token(text, row.expires_at, row.refreshed_at)


_TOKEN = select(tokens.c.sealed, tokens.c.expires_at, tokens.c.refreshed_at).where(
    tokens.c.name == bindparam("name")
)
