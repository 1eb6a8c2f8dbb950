"""What outlives a process that crashes: the database and Redis, with the drill's hand on every step."""

import sqlite3
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from redis import ConnectionPool, Redis
from redis.client import Pipeline
from sqlalchemy import Engine, event

import bot.tables  # noqa: F401 - puts its tables into the metadata
import scheduler.tables  # noqa: F401 - so does this
from bot.drill.story import Point
from scheduler.database import metadata, open_engine
from scheduler.embedded import EmbeddedRedis

EMPTY = ";".join(str(table.delete()) for table in reversed(metadata.sorted_tables))


class Watch(Protocol):
    """Sees each step of a process, and may keep it from happening or from being known."""

    def around(self, at: Point, label: str, act: Callable[[], Any]) -> Any: ...


class Unwatched:
    def around(self, at: Point, label: str, act: Callable[[], Any]) -> Any:  # noqa: ARG002
        return act()


class Machine:
    """One database in memory and one Redis server, emptied for each story."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._server = EmbeddedRedis(folder / "redis")
        self._server.start()
        self.watch: Watch = Unwatched()
        self.unread = 0  # entries of the queue that nobody pulled
        self.commits = 0
        self.redis = _Redis(connection_pool=ConnectionPool.from_url(self._server.url), machine=self)
        self._connection: _Connection | None = None
        self.engine = self._open_engine()
        metadata.create_all(self.engine)

    def close(self) -> None:
        self.engine.dispose()
        self.redis.close()
        self._server.stop()

    def empty(self) -> None:
        self.watch = Unwatched()
        self.flush()
        with self.engine.begin() as connection:
            connection.connection.driver_connection.executescript(EMPTY)  # type: ignore[union-attr] # it is there

    def flush(self) -> None:
        """Redis forgets everything."""
        self.redis.raw("FLUSHALL")
        self.unread = 0

    def let_go(self) -> None:
        """Locks end by the clock on the wall, which does not run here."""
        for key in self.locks():
            self.redis.raw("DEL", key)

    def locks(self) -> list[bytes]:
        return list(self.redis.raw("KEYS", "*:lock"))

    def _open_engine(self) -> Engine:
        engine = open_engine("sqlite://")
        event.listen(engine, "do_connect", self._connect)
        return engine

    def _connect(self, _dialect: Any, _record: Any, place: Any, options: Any) -> "_Connection":
        if self._connection is None:
            self._connection = _Connection(*place, **options)
            self._connection.machine = self
        return self._connection


class _Connection(sqlite3.Connection):
    """The only one: the database in memory ends with it, so a crash closes it in name only."""

    machine: Machine

    def close(self) -> None:
        self.rollback()

    def execute(self, sql: str, *args: Any) -> sqlite3.Cursor:
        if sql.startswith("BEGIN"):
            self.machine.watch.around(Point.BEGIN, sql, lambda: None)
        return super().execute(sql, *args)

    def commit(self) -> None:
        self.machine.watch.around(Point.COMMIT, "commit", self._commit)

    def _commit(self) -> None:
        super().commit()
        self.machine.commits += 1


class _Redis(Redis):
    def __init__(self, *, connection_pool: ConnectionPool, machine: Machine) -> None:
        super().__init__(connection_pool=connection_pool)
        self.machine = machine

    def execute_command(self, *args: Any, **options: Any) -> Any:
        act = partial(super().execute_command, *args, **options)
        return self.machine.watch.around(Point.REDIS, str(args[0]), act)

    def raw(self, *args: Any) -> Any:
        """A command of the drill's own, which nothing happens to."""
        return super().execute_command(*args)  # type: ignore[no-untyped-call] # untyped in redis-py

    def pipeline(self, transaction: bool = True, shard_hint: Any = None) -> Pipeline:
        made = _Pipeline(self.connection_pool, self.response_callbacks, transaction, shard_hint)
        made.machine = self.machine
        return made


class _Pipeline(Pipeline):
    machine: Machine

    def execute(self, raise_on_error: bool = True) -> list[Any]:  # noqa: ARG002 - nobody asks for False
        names = [str(command[0][0]) for command in self.command_stack]
        answer = self.machine.watch.around(Point.REDIS, "+".join(names), partial(self._execute, names))
        return list(answer)

    def _execute(self, names: list[str]) -> list[Any]:
        answer = super().execute()
        self.machine.unread += names.count("XADD")
        return answer
