"""What the desk hands over, inside its own transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert

from channels.base import Post
from scheduler.delivery import Event, State
from scheduler.ledger.content import keep_blob
from scheduler.tables import (
    attempts,
    deliveries,
    delivery_posts,
    posts,
)


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
        insert(attempts),
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


def _id(result: Any) -> int:
    return int(result.inserted_primary_key[0])
