"""The ledger: every step of a delivery in one transaction, state and history together.

Redis may forget everything; what stands here is the truth. No function here calls a platform, and no
transaction is open while one is called.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, bindparam, delete, exists, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from channels.base import Finished, Picture, Post, Receipt
from channels.errors import Refused
from scheduler.database import reading
from scheduler.delivery import TRANSITIONS, Change, Delivery, Event, State, Terms
from scheduler.plan import Standing, midnight
from scheduler.tables import (
    attempts,
    blobs,
    deliveries,
    delivery_posts,
    finishes,
    notes,
    pauses,
    posts,
    uploads,
)

Row = Mapping[str, Any]  # by column name


class Tampered(Exception):
    """The frozen post is not what was signed; the message is for staff."""


# What the desk hands over, inside its own transaction


def keep_blob(connection: Connection, content: bytes) -> str:
    """Keep a picture or file once, by its SHA-256, which is returned."""
    sha256 = hashlib.sha256(content).hexdigest()
    if connection.execute(select(exists().where(blobs.c.sha256 == sha256))).scalar():
        return sha256
    connection.execute(insert(blobs).values(sha256=sha256, content=content))
    return sha256


def blob(connection: Connection, sha256: str) -> bytes:
    """The content kept under this hash. Raises LookupError."""
    content = connection.execute(select(blobs.c.content).where(blobs.c.sha256 == sha256)).scalar()
    if content is None:
        raise LookupError(sha256)
    return bytes(content)


def freeze(connection: Connection, post: Post, now: datetime) -> int:
    """Keep a signed post for good; returns its id."""
    for picture in (*post.pictures, *((post.cover,) if post.cover else ())):
        keep_blob(connection, picture.content)
    row = {"sha256": post.sha256, "content": post.canonical(), "signed_at": now}
    return _id(connection.execute(insert(posts).values(row)))


def submit(
    connection: Connection, *, account: str, posts: Sequence[int], due_at: datetime, now: datetime, key: str
) -> int:
    """Queue one act: these posts, in order, on this account; returns the delivery's id.

    `key` is 32 hexadecimal characters, drawn by the caller, the same for every try of this delivery.
    """
    row = {
        "key": key,
        "account": account,
        "state": State.QUEUED,
        "version": 0,
        "attempt": 0,
        "failures": 0,
        "looks": 0,
        "due_at": due_at,
        "wake_at": due_at,
        "since": now,
        "reference": "",
        "code": "",
        "sentence": "",
    }
    delivery_id = _id(connection.execute(insert(deliveries).values(row)))
    order = [
        {"delivery_id": delivery_id, "position": position, "post_id": post}
        for position, post in enumerate(posts)
    ]
    connection.execute(insert(delivery_posts), order)
    connection.execute(
        _ADD_ATTEMPT,
        {
            "delivery_id": delivery_id,
            "number": 0,
            "event": Event.SUBMIT,
            "state": State.QUEUED,
            "at": now,
            "actor": "desk",
            "code": "",
            "sentence": "",
        },
    )
    return delivery_id


# What the clock asks


def due(connection: Connection, now: datetime, limit: int) -> list[tuple[int, str, State, datetime]]:
    """Deliveries to look at now, longest waiting first: (id, account, state, due_at)."""
    rows = connection.execute(_DUE, {"now": now, "limit": limit})
    return [(row.id, row.account, State(row.state), row.due_at) for row in rows]


def next_wake(connection: Connection) -> datetime | None:
    """When the clock is wanted next."""
    return connection.execute(_NEXT_WAKE).scalar()


def standing(connection: Connection, account: str, now: datetime) -> Standing:
    """How an account stands: what went out today, and whether it rests."""
    last_at, today = connection.execute(_OUT_TODAY, {"account": account, "since": midnight(now)}).one()
    pause = connection.execute(_PAUSE, {"account": account}).one_or_none()
    doubt_until = connection.execute(_DOUBT, {"account": account}).scalar()
    if pause is None:
        return Standing(last_at, today, doubt_until)
    return Standing(last_at, today, doubt_until, pause.until, pause.sentence)


def put_off(connection: Connection, ids: Sequence[int], until: datetime, sentence: str = "") -> None:
    """Look at these again at `until`; what was claimed meanwhile is left alone."""
    for start in range(0, len(ids), 500):
        connection.execute(
            update(deliveries)
            .where(deliveries.c.id.in_(ids[start : start + 500]), deliveries.c.state != State.SENDING)
            .values(wake_at=until, **({"sentence": sentence} if sentence else {}))
        )


# What the worker does


def load(connection: Connection, delivery_id: int, terms: Terms | None = None) -> Delivery:
    """One delivery as it stands. Raises LookupError."""
    row = connection.execute(_LOAD, {"id": delivery_id}).one_or_none()
    if row is None:
        raise LookupError(f"没有投递 {delivery_id}。")
    return delivery(row._asdict(), terms)


@dataclass(frozen=True)
class Job:
    """A delivery and what was signed for it."""

    item: Delivery
    content: "Content"


@dataclass(frozen=True)
class Outcome:
    """What became of a delivery, to be written."""

    item: Delivery
    change: Change
    at: datetime


def claim(connection: Connection, ids: Sequence[int], now: datetime, terms: Terms | None = None) -> list[Job]:
    """Take queued deliveries for sending, at most one for each account; returns those that were got.

    Of two who try, the database lets one through: a row must still be queued, its account must neither rest
    nor be at work, and a unique index allows one *sending* delivery for each account. Raises IntegrityError
    if another process was faster by a moment; nothing is claimed then.

    An account waits while one of its deliveries is being looked up: what is sent meanwhile would push the
    one in doubt off the short list that a platform shows. A delivery that waits for a person stops nobody.
    """
    if not ids:
        return []
    values = {"ids": ids, "b_now": now, "b_wake_at": now + (terms or Terms()).lease}
    rows = connection.execute(_CLAIM, values).all()
    return _with_content(connection, [delivery(row._asdict(), terms) for row in rows])


def load_jobs(connection: Connection, ids: Sequence[int], terms: Terms | None = None) -> list[Job]:
    """Deliveries as they stand, with their content."""
    if not ids:
        return []
    rows = connection.execute(select(deliveries).where(deliveries.c.id.in_(ids))).all()
    return _with_content(connection, [delivery(row._asdict(), terms) for row in rows])


def still_queued(connection: Connection, ids: Sequence[int]) -> set[int]:
    """Those that nobody has taken."""
    if not ids:
        return set()
    query = select(deliveries.c.id).where(deliveries.c.id.in_(ids), deliveries.c.state == State.QUEUED)
    return set(connection.execute(query).scalars())


def record(engine: Engine, item: Delivery, change: Change, now: datetime, actor: str) -> bool:
    """Write what became of a delivery. False: it has moved on since `item` was read, nothing is written."""
    with engine.begin() as connection:
        return write(connection, [Outcome(item, change, now)], actor)


def write(connection: Connection, outcomes: Sequence[Outcome], actor: str) -> bool:
    """As `record`, several at once, inside the caller's transaction. On False the caller must roll back.

    The update repeats the version that was read, so a worker that wakes up late cannot overwrite.
    """
    if not outcomes:
        return True
    updated = connection.execute(_RECORD, [_new_values(outcome) for outcome in outcomes]).rowcount
    if updated != len(outcomes):
        return False
    connection.execute(_ADD_ATTEMPT, [_attempt(outcome, actor) for outcome in outcomes])
    for outcome in outcomes:
        if outcome.change.pause_until is not None:
            _pause(connection, outcome.item.account, outcome.change)
        if outcome.change.state is State.CONFIRMING and outcome.change.receipt is not None:
            _apply_kept_finish(connection, outcome)
    return True


def finish(
    engine: Engine, account: str, finished: Finished, now: datetime, terms: Terms | None = None
) -> bool:
    """The platform told an outcome. False: no delivery waits for it; kept in case the answer comes later."""
    with engine.begin() as connection:
        row = connection.execute(_BY_REFERENCE, {"account": account, "reference": finished.reference}).first()
        if row is None:
            _keep_finish(connection, account, finished, now)
            return False
        item = delivery(row._asdict(), terms)
        if (item.state, _event(finished)) not in TRANSITIONS:
            return False  # told twice, or settled otherwise
        return write(connection, [Outcome(item, item.finished(finished, now), now)], "platform")


@dataclass(frozen=True)
class Content:
    """What was signed for a delivery, as it is kept: rows of `posts` in order, and the blobs they name."""

    rows: tuple[tuple[str, str], ...]  # content, sha256
    blobs: Mapping[str, bytes] = field(repr=False)

    def posts(self) -> tuple[Post, ...]:
        """The posts. Raises Tampered if one of them, or a picture, is not what was signed."""
        return tuple(self._post(content, sha256) for content, sha256 in self.rows)

    def _post(self, content: str, sha256: str) -> Post:
        frozen = json.loads(content)
        title = str(frozen.get("title", ""))
        try:
            frozen["pictures"] = tuple(self._picture(stub) for stub in frozen["pictures"])
            frozen["cover"] = self._picture(frozen["cover"]) if frozen["cover"] else None
            post = Post(**frozen)
        except (KeyError, TypeError, ValueError):
            raise _tampered(title) from None
        if post.sha256 != sha256:
            raise _tampered(title)
        return post

    def _picture(self, stub: list[str]) -> Picture:
        """Its hash is taken from the bytes, so a changed picture changes the hash of the post."""
        name, media_type, sha256, alt = stub
        return Picture(name, media_type, self.blobs[sha256], alt)


def _with_content(connection: Connection, items: Sequence[Delivery]) -> list[Job]:
    """Two queries, however many deliveries."""
    if not items:
        return []
    rows: dict[int, list[tuple[str, str]]] = {item.id: [] for item in items}
    for row in connection.execute(_POSTS, {"ids": list(rows)}):
        rows[row.delivery_id].append((row.content, row.sha256))
    wanted = {sha256 for kept in rows.values() for content, _ in kept for sha256 in _pictures_in(content)}
    found = {sha256: blob(connection, sha256) for sha256 in sorted(wanted)}
    return [Job(item, Content(tuple(rows[item.id]), found)) for item in items]


class DeliveryNotes:
    """`channels.base.Notes` of one delivery; `put` commits."""

    def __init__(self, engine: Engine, delivery_id: int) -> None:
        self._engine, self._key = engine, {"delivery_id": delivery_id}

    def get(self, name: str) -> str | None:
        with reading(self._engine) as connection:
            return connection.execute(_NOTE, self._key | {"name": name}).scalar()

    def put(self, name: str, value: str) -> None:
        with self._engine.begin() as connection:
            _upsert(connection, notes, self._key | {"name": name}, {"value": value})


class AccountUploads:
    """`channels.base.Notes` of what an account's platform holds already."""

    def __init__(self, engine: Engine, account: str) -> None:
        self._engine, self._key = engine, {"account": account}

    def get(self, name: str) -> str | None:
        with reading(self._engine) as connection:
            return connection.execute(_UPLOAD, self._key | {"name": name}).scalar()

    def put(self, name: str, value: str) -> None:
        with self._engine.begin() as connection:
            _upsert(connection, uploads, self._key | {"name": name}, {"value": value})


# What people look at


def listing(
    connection: Connection, states: Sequence[State] = (), ids: Sequence[int] = (), limit: int = 200
) -> list[Row]:
    """Deliveries with the titles they carry, newest first."""
    query = select(deliveries).order_by(deliveries.c.id.desc()).limit(limit)
    if states:
        query = query.where(deliveries.c.state.in_(states))
    if ids:
        query = query.where(deliveries.c.id.in_(ids))
    rows = [dict(row) for row in connection.execute(query).mappings()]
    titles = _titles(connection, [row["id"] for row in rows])
    return [row | {"titles": titles.get(row["id"], [])} for row in rows]


def history(connection: Connection, delivery_id: int) -> list[Row]:
    """Everything that ever happened to a delivery, oldest first."""
    query = select(attempts).where(attempts.c.delivery_id == delivery_id).order_by(attempts.c.id)
    return [dict(row) for row in connection.execute(query).mappings()]


def counts(connection: Connection) -> dict[State, int]:
    """How many deliveries are in each state."""
    rows = connection.execute(select(deliveries.c.state, func.count()).group_by(deliveries.c.state))
    return {State(state): count for state, count in rows}


def resume(connection: Connection, account: str, now: datetime) -> bool:
    """End an account's rest; its deliveries are looked at now. False: it did not rest."""
    rested = connection.execute(
        delete(pauses).where(pauses.c.account == account, pauses.c.until > now)
    ).rowcount
    if rested:
        waiting = (deliveries.c.account == account, deliveries.c.state == State.QUEUED)
        earlier = (deliveries.c.due_at <= now, deliveries.c.wake_at > now)
        connection.execute(update(deliveries).where(*waiting, *earlier).values(wake_at=now))
    return bool(rested)


def rests(connection: Connection, now: datetime) -> list[Row]:
    """Accounts that rest now, and why."""
    return [dict(row) for row in connection.execute(select(pauses).where(pauses.c.until > now)).mappings()]


def delivery(row: Row, terms: Terms | None = None) -> Delivery:
    """A row of `deliveries` as the value that decides."""
    return Delivery(
        id=row["id"],
        key=row["key"],
        account=row["account"],
        state=State(row["state"]),
        due_at=row["due_at"],
        version=row["version"],
        attempt=row["attempt"],
        failures=row["failures"],
        looks=row["looks"],
        since=row["since"],
        receipt=_receipt(row["receipt"]),
        terms=terms or Terms(),
    )


# Statements, built once

_DUE = (
    select(deliveries.c.id, deliveries.c.account, deliveries.c.state, deliveries.c.due_at)
    .where(deliveries.c.wake_at <= bindparam("now"))
    .order_by(deliveries.c.wake_at, deliveries.c.id)
    .limit(bindparam("limit"))
)
_NEXT_WAKE = (
    select(deliveries.c.wake_at)
    .where(deliveries.c.wake_at.is_not(None))
    .order_by(deliveries.c.wake_at, deliveries.c.id)
    .limit(1)
)
_OUT_TODAY = select(func.max(deliveries.c.since), func.count()).where(
    deliveries.c.account == bindparam("account"),
    deliveries.c.state.in_([State.CONFIRMING, State.PUBLISHED, State.UNCERTAIN]),
    deliveries.c.since >= bindparam("since"),
)
_PAUSE = select(pauses.c.until, pauses.c.sentence).where(pauses.c.account == bindparam("account"))
_DOUBT = select(func.max(deliveries.c.wake_at)).where(
    deliveries.c.account == bindparam("account"),
    deliveries.c.state == State.UNCERTAIN,
    deliveries.c.wake_at.is_not(None),
)
_LOAD = select(deliveries).where(deliveries.c.id == bindparam("id"))
_BY_REFERENCE = (
    select(deliveries)
    .where(deliveries.c.account == bindparam("account"), deliveries.c.reference == bindparam("reference"))
    .order_by(deliveries.c.id.desc())
)
_AT_WORK = deliveries.alias("at_work")
_CLAIM = (
    update(deliveries)
    .where(
        deliveries.c.id.in_(bindparam("ids", expanding=True)),
        deliveries.c.state == State.QUEUED,
        ~exists().where(pauses.c.account == deliveries.c.account, pauses.c.until > bindparam("b_now")),
        ~exists().where(_AT_WORK.c.account == deliveries.c.account, _AT_WORK.c.state == State.SENDING),
        ~exists().where(
            _AT_WORK.c.account == deliveries.c.account,
            _AT_WORK.c.state == State.UNCERTAIN,
            _AT_WORK.c.wake_at.is_not(None),
        ),
    )
    .values(
        state=State.SENDING,
        version=deliveries.c.version + 1,
        attempt=deliveries.c.attempt + 1,
        looks=0,
        since=bindparam("b_now"),
        wake_at=bindparam("b_wake_at"),
    )
    .returning(deliveries)
)
_RECORD = (
    update(deliveries)
    .where(deliveries.c.id == bindparam("b_id"), deliveries.c.version == bindparam("b_version"))
    .values(
        {
            name: bindparam(name)
            for name in (
                "state",
                "version",
                "failures",
                "looks",
                "due_at",
                "wake_at",
                "since",
                "reference",
                "receipt",
                "code",
                "sentence",
            )
        }
    )
)
_ADD_ATTEMPT = insert(attempts)
_KEPT_FINISH = select(finishes.c.finish).where(
    finishes.c.account == bindparam("account"), finishes.c.reference == bindparam("reference")
)
_POSTS = (
    select(delivery_posts.c.delivery_id, posts.c.content, posts.c.sha256)
    .join(posts, delivery_posts.c.post_id == posts.c.id)
    .where(delivery_posts.c.delivery_id.in_(bindparam("ids", expanding=True)))
    .order_by(delivery_posts.c.delivery_id, delivery_posts.c.position)
)
_NOTE = select(notes.c.value).where(
    notes.c.delivery_id == bindparam("delivery_id"), notes.c.name == bindparam("name")
)
_UPLOAD = select(uploads.c.value).where(
    uploads.c.account == bindparam("account"), uploads.c.name == bindparam("name")
)


def _id(result: Any) -> int:
    return int(result.inserted_primary_key[0])


def _new_values(outcome: Outcome) -> dict[str, Any]:
    item, change = outcome.item, outcome.change
    receipt = change.receipt or item.receipt
    return {
        "b_id": item.id,
        "b_version": item.version,
        "state": change.state,
        "version": item.version + 1,
        "failures": change.failures,
        "looks": change.looks,
        "due_at": change.due_at or item.due_at,
        "wake_at": change.wake_at,
        "since": outcome.at if change.state is not item.state else item.since or outcome.at,
        "reference": receipt.reference if receipt else "",
        "receipt": _receipt_row(receipt),
        "code": change.code,
        "sentence": change.sentence,
    }


def _attempt(outcome: Outcome, actor: str) -> dict[str, Any]:
    item, change = outcome.item, outcome.change
    return {
        "delivery_id": item.id,
        "number": item.attempt,
        "event": change.event,
        "state": change.state,
        "begun_at": item.since if item.state is State.SENDING else None,
        "at": outcome.at,
        "actor": actor,
        "code": change.code,
        "sentence": change.sentence,
        "receipt": _receipt_row(change.receipt),
    }


def _receipt_row(receipt: Receipt | None) -> dict[str, Any] | None:
    if receipt is None:
        return None
    return {
        "reference": receipt.reference,
        "published": receipt.published,
        "addresses": list(receipt.addresses),
        "details": dict(receipt.details),
    }


def _receipt(row: Row | None) -> Receipt | None:
    if row is None:
        return None
    return Receipt(row["reference"], row["published"], tuple(row["addresses"]), row["details"])


def _pictures_in(content: str) -> list[str]:
    frozen = json.loads(content)
    stubs = [*frozen.get("pictures", ()), *([frozen["cover"]] if frozen.get("cover") else ())]
    return [stub[2] for stub in stubs]


def _tampered(title: str) -> Tampered:
    return Tampered(f"《{title}》的内容与签发时不一致，已停止发送，请核查后重新送审。")


def _pause(connection: Connection, account: str, change: Change) -> None:
    """It ends by itself: the next try after it shows whether the cause is gone."""
    values = {"until": change.pause_until, "code": change.code, "sentence": change.sentence}
    _upsert(connection, pauses, {"account": account}, values)


def _event(finished: Finished) -> Event:
    return Event.PUBLISH if finished.receipt else Event.REJECT


def _keep_finish(connection: Connection, account: str, finished: Finished, now: datetime) -> None:
    error = finished.error
    row = {
        "receipt": _receipt_row(finished.receipt),
        "code": error.code if error else "",
        "sentence": error.sentence if error else "",
    }
    key = {"account": account, "reference": finished.reference}
    _upsert(connection, finishes, key, {"at": now, "finish": row})


def _apply_kept_finish(connection: Connection, outcome: Outcome) -> None:
    """An outcome may come before the answer to the submit call was recorded."""
    item, receipt = outcome.item, outcome.change.receipt
    key = {"account": item.account, "reference": receipt.reference if receipt else ""}
    kept = connection.execute(_KEPT_FINISH, key).scalar()
    if kept is None:
        return
    out = _receipt(kept["receipt"])
    error = None if out else Refused(kept["sentence"], kept["code"])
    waiting = load(connection, item.id, item.terms)
    change = waiting.finished(Finished(key["reference"], out, error), outcome.at)
    write(connection, [Outcome(waiting, change, outcome.at)], "platform")


def _titles(connection: Connection, ids: Sequence[int]) -> dict[int, list[str]]:
    query = (
        select(delivery_posts.c.delivery_id, posts.c.content)
        .join(posts, posts.c.id == delivery_posts.c.post_id)
        .where(delivery_posts.c.delivery_id.in_(ids))
        .order_by(delivery_posts.c.delivery_id, delivery_posts.c.position)
    )
    titles: dict[int, list[str]] = {}
    for delivery_id, content in connection.execute(query):
        titles.setdefault(delivery_id, []).append(json.loads(content)["title"])
    return titles


def _upsert(connection: Connection, table: Any, key: Row, values: Row) -> None:
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(table).values(**key, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=list(key), set_=dict(values)))
