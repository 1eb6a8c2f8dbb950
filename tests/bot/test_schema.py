import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, inspect, text

import bot.audit
import bot.tables  # noqa: F401 - the tables of both belong to the ledger
from bot import schema
from scheduler.database import metadata, open_engine, reading


@pytest.fixture
def empty(database_url: str) -> Engine:
    return open_engine(database_url)


def test_the_migrations_make_the_tables_of_the_code(empty: Engine) -> None:
    schema.upgrade(empty)
    with reading(empty) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    assert schema.current(empty) == schema.head()
    empty.dispose()


def test_an_empty_database_is_set_up_and_then_accepted(empty: Engine) -> None:
    schema.prepare(empty)
    schema.prepare(empty)
    with reading(empty) as connection:
        assert inspect(connection).has_table("deliveries")
    empty.dispose()


@pytest.mark.parametrize(
    ("version", "words"), [("0000", "旧版本.*gongbao database upgrade"), ("9999", "请升级程序")]
)
def test_another_version_is_said_and_nothing_is_touched(empty: Engine, version: str, words: str) -> None:
    schema.upgrade(empty)
    with empty.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :v"), {"v": version})
    with pytest.raises(schema.OldSchema, match=words):
        schema.prepare(empty)
    assert schema.current(empty) == version
    empty.dispose()
