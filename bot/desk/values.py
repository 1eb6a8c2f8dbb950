"""What the desk is handed, and what it hands back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.drafts import Draft
from bot.importing import Imported
from channels.base import Post


@dataclass(frozen=True)
class Proposal:
    """What is handed in: a document, and what staff say about it. `accounts` empty: all of them."""

    document: Imported
    file: str
    column: str = ""
    unit: str = ""
    author: str = ""
    source: str = ""
    accounts: tuple[str, ...] = ()
    due_at: datetime | None = None  # None: as soon as it is signed
    expires_at: datetime | None = None  # when it is taken down again by itself; None: never
    corrects: int | None = None  # the item whose mistake it puts right


@dataclass(frozen=True)
class Item:
    """A draft with its newest version, as lists show it."""

    draft: Draft
    title: str
    column: str
    unit: str
    accounts: tuple[str, ...]
    due_at: datetime | None
    post_id: int | None
    added_at: datetime
    changed_at: datetime
    expires_at: datetime | None = None
    corrects: int | None = None


@dataclass(frozen=True)
class Dossier:
    """All that is known of an item. `acts` are rows of draft_acts, `deliveries` and `withdrawals` of theirs.

    `corrections` are the items that put this one right.
    """

    item: Item
    post: Post
    sha256: str
    file: str
    acts: list[Mapping[str, Any]]
    deliveries: list[Mapping[str, Any]]
    withdrawals: list[Mapping[str, Any]]
    corrections: list[int]


@dataclass(frozen=True)
class Done:
    """What a verb led to; `warnings` are the platforms' hints, `deliveries` were queued."""

    draft: Draft
    warnings: tuple[str, ...] = ()
    deliveries: tuple[int, ...] = ()
