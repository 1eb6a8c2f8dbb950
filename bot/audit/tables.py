"""The ledger of acts, and what keeps the database from changing it."""

from sqlalchemy import DDL, JSON, Column, Index, Integer, String, Table, Text, event

from scheduler.database import Instant, metadata

audit = Table(
    "audit",  # only added to; the triggers below refuse everything else
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),  # without a gap
    Column("at", Instant, nullable=False),
    Column("actor", Text, nullable=False),
    Column("act", String(32), nullable=False),
    Column("kind", String(32), nullable=False),  # of the object: item, delivery, account ...
    Column("object_id", Text, nullable=False),
    Column("details", JSON, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    Index("ix_audit_object", "kind", "object_id", "id"),
)

audit_head = Table(
    "audit_head",  # one row: the newest entry, and the lock by which writers wait for each other
    metadata,
    Column("only", Integer, primary_key=True, autoincrement=False),
    Column("id", Integer, nullable=False),
    Column("hash", String(64), nullable=False),
)

GUARDS = {
    "sqlite": (
        "CREATE TRIGGER audit_keeps_entries BEFORE UPDATE ON audit "
        "BEGIN SELECT RAISE(ABORT, 'audit is only added to'); END",
        "CREATE TRIGGER audit_loses_nothing BEFORE DELETE ON audit "
        "BEGIN SELECT RAISE(ABORT, 'audit is only added to'); END",
    ),
    "postgresql": (
        "CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'audit is only added to'; END $$",
        "CREATE TRIGGER audit_keeps_entries BEFORE UPDATE OR DELETE ON audit "
        "FOR EACH ROW EXECUTE FUNCTION audit_refuse()",
        "CREATE TRIGGER audit_loses_nothing BEFORE TRUNCATE ON audit "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()",
    ),
}


def _when(dialect: str, statement: str) -> DDL:
    return DDL(statement).execute_if(dialect=dialect)  # type: ignore[no-untyped-call]


for _dialect, _statements in GUARDS.items():
    for _statement in _statements:
        event.listen(audit, "after_create", _when(_dialect, _statement))
