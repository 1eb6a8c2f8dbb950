"""The chain on both databases: nothing slips in, out or past, and the database itself refuses to forget."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from bot import audit
from bot.audit import Entry
from tests.support import NOW

UNGUARD = {
    "sqlite": ["DROP TRIGGER audit_keeps_entries", "DROP TRIGGER audit_loses_nothing"],
    "postgresql": ["ALTER TABLE audit DISABLE TRIGGER ALL"],
}


def act(engine: Engine, object_id: object = 7, **details: Any) -> Entry:
    with engine.begin() as connection:
        return audit.record(
            connection,
            at=NOW,
            actor="张三",
            act="submit",
            kind="item",
            object_id=object_id,
            details={"opinion": "同意", "version": 1} | details,
        )


def tamper(engine: Engine, *statements: str) -> None:
    """As somebody would who holds the database's password."""
    with engine.begin() as connection:
        for statement in (*UNGUARD[engine.dialect.name], *statements):
            connection.execute(text(statement))


def broken(engine: Engine) -> int | None:
    with engine.connect() as connection:
        found = audit.verify(connection)
    return found.id if found else None


def test_each_entry_holds_the_hash_of_the_one_before(engine: Engine) -> None:
    first, second = act(engine), act(engine)
    assert (first.id, second.id) == (1, 2)
    assert second.previous == first.hash == first.sha256()
    with engine.connect() as connection:
        assert audit.entries(connection) == [first, second]
        assert audit.head(connection) == (2, second.hash)
    assert broken(engine) is None


def test_an_empty_ledger_is_whole(engine: Engine) -> None:
    assert broken(engine) is None


def test_an_act_that_is_rolled_back_leaves_no_entry(engine: Engine) -> None:
    act(engine)
    with engine.connect() as connection:
        audit.record(connection, at=NOW, actor="张三", act="x", kind="item", object_id=1)
        connection.rollback()
    assert act(engine).id == 2
    assert broken(engine) is None


def test_entries_are_listed_by_object(engine: Engine) -> None:
    act(engine, 7)
    wanted = act(engine, 8)
    with engine.connect() as connection:
        assert audit.entries(connection, "item", "8") == [wanted]
        assert audit.entries(connection, "delivery") == []
        assert audit.entries(connection, limit=1) == [wanted]


@pytest.mark.parametrize(
    "statement",
    ["UPDATE audit SET actor = 'x'", "DELETE FROM audit", "UPDATE audit SET id = id + 1 WHERE id = 2"],
)
def test_the_database_refuses_to_change_an_entry(engine: Engine, statement: str) -> None:
    act(engine)
    act(engine)
    with pytest.raises(DBAPIError, match="only added to"), engine.begin() as connection:
        connection.execute(text(statement))
    assert broken(engine) is None


@pytest.mark.parametrize(
    ("statement", "number"),
    [
        ("UPDATE audit SET actor = '李四' WHERE id = 2", 2),
        ("UPDATE audit SET details = '{}' WHERE id = 3", 3),
        ("UPDATE audit SET at = '2020-01-01' WHERE id = 1", 1),
        ("UPDATE audit SET object_id = '8' WHERE id = 1", 1),
        ("UPDATE audit SET hash = previous WHERE id = 2", 2),
        ("UPDATE audit SET previous = hash WHERE id = 2", 2),
        ("DELETE FROM audit WHERE id = 1", 1),
        ("DELETE FROM audit WHERE id = 2", 2),
        ("DELETE FROM audit WHERE id = 3", 3),
        ("DELETE FROM audit", 1),
        ("UPDATE audit SET id = 9 WHERE id = 3", 3),
        ("DELETE FROM audit_head", 3),
    ],
)
def test_the_first_broken_entry_is_named(engine: Engine, statement: str, number: int) -> None:
    for _ in range(3):
        act(engine)
    tamper(engine, statement)
    assert broken(engine) == number


def test_an_entry_that_was_rewritten_with_its_hash_breaks_the_next(engine: Engine) -> None:
    first = act(engine)
    act(engine)
    forged = Entry(**(vars(first) | {"actor": "李四", "hash": ""})).sha256()
    tamper(engine, f"UPDATE audit SET actor = '李四', hash = '{forged}' WHERE id = 1")
    assert broken(engine) == 2


def test_many_who_act_at_once_make_one_chain(engine: Engine) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = sorted(entry.id for entry in pool.map(lambda number: act(engine, number), range(40)))
    assert made == list(range(1, 41))
    assert broken(engine) is None


def test_the_hash_is_of_the_moment_not_of_its_time_zone() -> None:
    here = NOW.astimezone(timezone(timedelta(hours=8)))
    hashes = {Entry(1, at, "张三", "a", "item", "1", {}, "").sha256() for at in (NOW, here)}
    assert len(hashes) == 1


@given(st.sampled_from(["actor", "act", "kind", "object_id", "previous"]), st.text(), st.text())
def test_any_change_of_any_field_changes_the_hash(field: str, before: str, after: str) -> None:
    plain: dict[str, Any] = dict.fromkeys(("actor", "act", "kind", "object_id", "previous"), "")
    entry, other = (Entry(id=1, at=NOW, details={}, **plain | {field: value}) for value in (before, after))
    assert (entry.sha256() == other.sha256()) == (before == after)
