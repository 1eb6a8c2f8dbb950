"""The memory of a delivery and of an account, durable at each step."""

from sqlalchemy import Engine, bindparam, select

from scheduler.database import reading, upsert
from scheduler.tables import (
    notes,
    uploads,
)


class DeliveryNotes:
    """`channels.base.Notes` of one delivery; `put` commits."""

    def __init__(self, engine: Engine, delivery_id: int) -> None:
        self._engine, self._key = engine, {"delivery_id": delivery_id}

    def get(self, name: str) -> str | None:
        with reading(self._engine) as connection:
            return connection.execute(_NOTE, self._key | {"name": name}).scalar()

    def put(self, name: str, value: str) -> None:
        with self._engine.begin() as connection:
            upsert(connection, notes, self._key | {"name": name}, {"value": value})


class AccountUploads:
    """`channels.base.Notes` of what an account's platform holds already."""

    def __init__(self, engine: Engine, account: str) -> None:
        self._engine, self._key = engine, {"account": account}

    def get(self, name: str) -> str | None:
        with reading(self._engine) as connection:
            return connection.execute(_UPLOAD, self._key | {"name": name}).scalar()

    def put(self, name: str, value: str) -> None:
        with self._engine.begin() as connection:
            upsert(connection, uploads, self._key | {"name": name}, {"value": value})


_NOTE = select(notes.c.value).where(
    notes.c.delivery_id == bindparam("delivery_id"), notes.c.name == bindparam("name")
)


_UPLOAD = select(uploads.c.value).where(
    uploads.c.account == bindparam("account"), uploads.c.name == bindparam("name")
)
