"""Where people are logged in: the browser holds a token, the database its hash, so a session can be ended."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine, insert, select, update

from bot.tables import people, sessions
from scheduler.database import reading

IDLE = timedelta(hours=2)
LONGEST = timedelta(hours=12)
SEEN_EVERY = timedelta(minutes=1)  # so that reading a page seldom writes
NEWEST = 50


@dataclass(frozen=True)
class Session:
    id: int
    person_id: int
    token: str  # the browser's

    @property
    def csrf(self) -> str:
        """What each form of this session carries."""
        return hmac.new(self.token.encode(), b"form", hashlib.sha256).hexdigest()


class Sessions:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def begin(self, person_id: int, token: str, now: datetime, address: str = "", browser: str = "") -> int:
        """`token` is drawn by the caller, from at least 32 random bytes."""
        row = {
            "token": _hash(token),
            "person_id": person_id,
            "begun_at": now,
            "seen_at": now,
            "address": address[:64],
            "browser": browser[:200],
        }
        with self._engine.begin() as connection:
            return int(connection.execute(insert(sessions).values(row).returning(sessions.c.id)).scalar_one())

    def find(self, token: str, now: datetime) -> Session | None:
        """The open session with this token, if its person is not locked."""
        with reading(self._engine) as connection:
            query = (
                select(sessions)
                .join(people, people.c.id == sessions.c.person_id)
                .where(sessions.c.token == _hash(token), people.c.locked_at.is_(None), *_open(now))
            )
            row = connection.execute(query).mappings().one_or_none()
        if row is None:
            return None
        if now - row["seen_at"] >= SEEN_EVERY:
            self._see(row["id"], now)
        return Session(row["id"], row["person_id"], token)

    def end(self, session_id: int, now: datetime) -> None:
        self._end(now, sessions.c.id == session_id)

    def end_others(self, session: Session, now: datetime) -> None:
        self._end(now, sessions.c.person_id == session.person_id, sessions.c.id != session.id)

    def listing(self, now: datetime, person_id: int | None = None) -> list[Mapping[str, Any]]:
        """Open sessions with the person's name, last seen first; of one person, or of everybody."""
        query = (
            select(sessions, people.c.name)
            .join(people, people.c.id == sessions.c.person_id)
            .where(*_open(now))
            .order_by(sessions.c.seen_at.desc())
            .limit(NEWEST)
        )
        if person_id is not None:
            query = query.where(sessions.c.person_id == person_id)
        with reading(self._engine) as connection:
            return [dict(row) for row in connection.execute(query).mappings()]

    def _see(self, session_id: int, now: datetime) -> None:
        with self._engine.begin() as connection:
            connection.execute(update(sessions).where(sessions.c.id == session_id).values(seen_at=now))

    def _end(self, now: datetime, *which: Any) -> None:
        with self._engine.begin() as connection:
            connection.execute(
                update(sessions).where(sessions.c.ended_at.is_(None), *which).values(ended_at=now)
            )


def _open(now: datetime) -> tuple[Any, ...]:
    return (
        sessions.c.ended_at.is_(None),
        sessions.c.seen_at > now - IDLE,
        sessions.c.begun_at > now - LONGEST,
    )


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
