"""The chain: written at one place, in the caller's transaction, and proved from end to end."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.audit.tables import audit, audit_head

BEFORE_THE_FIRST = "0" * 64
PAGE = 1000


@dataclass(frozen=True)
class Entry:
    """One act. `hash` is the SHA-256 of `canonical()`, in which the previous entry's hash stands."""

    id: int
    at: datetime
    actor: str
    act: str
    kind: str
    object_id: str
    details: Mapping[str, Any]
    previous: str
    hash: str = ""

    def canonical(self) -> str:
        """All fields but the hash as one line of JSON: sorted keys, no spaces, the moment in UTC."""
        fields = asdict(self) | {"at": self.at.astimezone(UTC).isoformat(timespec="microseconds")}
        del fields["hash"]
        return json.dumps(fields, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    def sha256(self) -> str:
        return hashlib.sha256(self.canonical().encode()).hexdigest()


@dataclass(frozen=True)
class Break:
    """The first entry at which the chain does not hold; the sentence is for staff."""

    id: int
    sentence: str


def record(
    connection: Connection,
    *,
    at: datetime,
    actor: str,
    act: str,
    kind: str,
    object_id: object,
    details: Mapping[str, Any] | None = None,
) -> Entry:
    """Put an act on record, in the transaction that does it. `details` is what JSON can hold.

    Writers wait here for each other until they commit: make it the last thing of a transaction.
    """
    last = _lock_head(connection)
    entry = Entry(last.id + 1, at, actor, act, kind, str(object_id), dict(details or {}), last.hash)
    sealed = asdict(entry) | {"hash": entry.sha256()}
    connection.execute(insert(audit).values(sealed))
    connection.execute(update(audit_head).values(id=entry.id, hash=sealed["hash"]))
    return Entry(**sealed)


def head(connection: Connection) -> tuple[int, str]:
    """Number and hash of the newest entry: whoever noted them down can tell later that none is missing."""
    row = connection.execute(select(audit_head)).one_or_none()
    return (row.id, row.hash) if row else (0, BEFORE_THE_FIRST)


def entries(
    connection: Connection, kind: str = "", object_id: str = "", limit: int | None = None
) -> list[Entry]:
    """The newest `limit` entries, of one object or of all, oldest first."""
    query = select(audit).order_by(audit.c.id.desc()).limit(limit)
    if kind:
        query = query.where(audit.c.kind == kind)
    if object_id:
        query = query.where(audit.c.object_id == object_id)
    return [Entry(**row) for row in connection.execute(query).mappings()][::-1]


def verify(connection: Connection) -> Break | None:
    """The first entry that was changed, put in or taken out; None if the chain holds from end to end."""
    last_id, last_hash = 0, BEFORE_THE_FIRST
    for entry in _all(connection):
        if entry.id != last_id + 1:
            return Break(last_id + 1, f"第 {last_id + 1} 条记录不见了（后面是第 {entry.id} 条）。")
        if entry.previous != last_hash:
            return Break(entry.id, f"第 {entry.id} 条记录与前一条对不上，它或前一条被换过。")
        if entry.hash != entry.sha256():
            return Break(entry.id, f"第 {entry.id} 条记录的内容被改过，与写入时的校验值不符。")
        last_id, last_hash = entry.id, entry.hash
    return _against_head(connection, last_id, last_hash)


def _lock_head(connection: Connection) -> Any:
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    first = dialect.insert(audit_head).values(only=1, id=0, hash=BEFORE_THE_FIRST)
    connection.execute(first.on_conflict_do_nothing())
    return connection.execute(select(audit_head).with_for_update()).one()


def _all(connection: Connection) -> Iterator[Entry]:
    """Oldest first, a page at a time."""
    page = select(audit).order_by(audit.c.id).limit(PAGE)
    rows = connection.execute(page).mappings().all()
    while rows:
        yield from (Entry(**row) for row in rows)
        rows = connection.execute(page.where(audit.c.id > rows[-1]["id"])).mappings().all()


def _against_head(connection: Connection, last_id: int, last_hash: str) -> Break | None:
    head_id, head_hash = head(connection)
    if last_id < head_id:
        return Break(last_id + 1, f"第 {last_id + 1} 条记录不见了（应有 {head_id} 条，只剩 {last_id} 条）。")
    if (last_id, last_hash) != (head_id, head_hash):
        return Break(last_id, f"第 {last_id} 条记录不是程序写入的最后一条（应为第 {head_id} 条）。")
    return None
