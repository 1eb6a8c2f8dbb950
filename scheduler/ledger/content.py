"""What was signed: frozen posts and their pictures, kept by content."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, bindparam, exists, select

from channels.base import Picture, Post
from scheduler.database import upsert
from scheduler.tables import (
    blobs,
    delivery_posts,
    posts,
)


class Tampered(Exception):
    """The frozen post is not what was signed; the message is for staff."""


def keep_blob(connection: Connection, content: bytes) -> str:
    """Keep a picture or file once, by its SHA-256, which is returned."""
    sha256 = hashlib.sha256(content).hexdigest()
    if not connection.execute(select(exists().where(blobs.c.sha256 == sha256))).scalar():
        upsert(connection, blobs, {"sha256": sha256}, {"content": content})
    return sha256


def blob(connection: Connection, sha256: str) -> bytes:
    """The content kept under this hash. Raises LookupError."""
    content = connection.execute(select(blobs.c.content).where(blobs.c.sha256 == sha256)).scalar()
    if content is None:
        raise LookupError(sha256)
    return bytes(content)


@dataclass(frozen=True)
class Content:
    """What was signed for a delivery, as it is kept: rows of `posts` in order, and the blobs they name."""

    rows: tuple[tuple[str, str], ...]  # content, sha256
    blobs: Mapping[str, bytes] = field(repr=False)

    def posts(self) -> tuple[Post, ...]:
        """The posts. Raises Tampered if one of them, or a picture, is not what was signed."""
        if not self.rows:
            raise Tampered("这次投递的内容不见了，已停止发送，请核查后重新送审。")
        return tuple(self._post(content, sha256) for content, sha256 in self.rows)

    def _post(self, content: str, sha256: str) -> Post:
        frozen = _parse(content)
        try:
            frozen["pictures"] = tuple(self._picture(stub) for stub in frozen["pictures"])
            frozen["cover"] = self._picture(frozen["cover"]) if frozen["cover"] else None
            post = Post(**frozen)
        except (KeyError, TypeError, ValueError):
            raise _tampered(frozen) from None
        if post.sha256 != sha256:
            raise _tampered(frozen)
        return post

    def _picture(self, stub: list[str]) -> Picture:
        """Its hash is taken from the bytes, so a changed picture changes the hash of the post."""
        name, media_type, sha256, alt = stub
        return Picture(name, media_type, self.blobs[sha256], alt)


def load_content(connection: Connection, ids: Sequence[int]) -> dict[int, Content]:
    """By delivery; two kinds of query, however many deliveries."""
    rows: dict[int, list[tuple[str, str]]] = {number: [] for number in ids}
    for row in connection.execute(_POSTS, {"ids": list(rows)}):
        rows[row.delivery_id].append((row.content, row.sha256))
    wanted = {sha256 for kept in rows.values() for content, _ in kept for sha256 in _pictures_in(content)}
    found = _blobs(connection, sorted(wanted)) if wanted else {}
    return {number: Content(tuple(kept), found) for number, kept in rows.items()}


def _blobs(connection: Connection, wanted: Sequence[str]) -> dict[str, bytes]:
    """Those that are there: a missing one shows when its post is put together."""
    query = select(blobs.c.sha256, blobs.c.content).where(blobs.c.sha256.in_(wanted))
    return {row.sha256: bytes(row.content) for row in connection.execute(query)}


def _pictures_in(content: str) -> list[str]:
    frozen = _parse(content)
    try:
        stubs = [*frozen["pictures"], *([frozen["cover"]] if frozen["cover"] else ())]
        return [str(stub[2]) for stub in stubs]
    except (KeyError, TypeError, IndexError):
        return []


def _parse(content: str) -> dict[str, Any]:
    """Whatever stands in the row: that it is not what was signed shows by its hash."""
    try:
        frozen = json.loads(content)
    except ValueError:
        return {}
    return frozen if isinstance(frozen, dict) else {}


def _tampered(frozen: Mapping[str, Any]) -> Tampered:
    return Tampered(f"《{frozen.get('title', '')}》的内容与签发时不一致，已停止发送，请核查后重新送审。")


_POSTS = (
    select(delivery_posts.c.delivery_id, posts.c.content, posts.c.sha256)
    .join(posts, delivery_posts.c.post_id == posts.c.id)
    .where(delivery_posts.c.delivery_id.in_(bindparam("ids", expanding=True)))
    .order_by(delivery_posts.c.delivery_id, delivery_posts.c.position)
)
