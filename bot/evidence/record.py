"""What the ledger holds of an item: every version, who passed it, what went out, and what was answered."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, select

from bot import audit
from bot.audit import Entry
from bot.checks.office import context_of
from bot.checks.posts import Remark, look_over
from bot.desk import Item, rows
from bot.drafts import Draft
from bot.settings import Settings
from channels.base import Picture, Post
from scheduler import ledger
from scheduler.tables import posts
from scheduler.withdrawal import rows as withdrawals

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Version:
    """One version: what it would publish, by whom and from which file. `row` is its row of draft_versions."""

    post: Post
    row: Row


@dataclass(frozen=True)
class Record:
    """`frozen` is the canonical text that was signed; empty before that. `attempts` go by delivery."""

    item: Item
    versions: tuple[Version, ...]
    acts: tuple[Row, ...]
    remarks: tuple[Remark, ...]
    frozen: str
    deliveries: tuple[Row, ...]
    attempts: Mapping[int, tuple[Row, ...]]
    withdrawals: tuple[Row, ...]
    entries: tuple[Entry, ...]

    @property
    def pictures(self) -> dict[str, Picture]:
        """Those of every version, by their SHA-256."""
        return {picture.sha256: picture for version in self.versions for picture in version.post.pictures}


def gather(connection: Connection, draft_id: int, settings: Settings) -> Record:
    """Raises RuleBroken for an item that is not there, or changed behind the desk's back."""
    draft = rows.load(connection, draft_id, lock=False)
    row = rows.item_row(connection, draft_id)
    item = rows.item(row, draft.writers)
    numbers = range(1, draft.version + 1)
    versions = [_version(connection, replace(draft, version=number)) for number in numbers]
    deliveries = rows.deliveries_of(connection, item.post_id)
    taken_down = rows.withdrawals_of(connection, item.post_id)
    return Record(
        item,
        tuple(versions),
        tuple(rows.acts_of(connection, draft_id)),
        # as they were found on the day of the last act: the same record makes the same bundle
        tuple(look_over(versions[-1].post, context_of(settings, item.changed_at))),
        _frozen(connection, item.post_id),
        tuple(deliveries),
        {each["id"]: tuple(ledger.history(connection, each["id"])) for each in deliveries},
        tuple(
            {**each, "steps": withdrawals.history(connection, each["id"])}
            for each in sorted(taken_down, key=_id)
        ),
        _entries(connection, draft_id, deliveries, taken_down),
    )


def _version(connection: Connection, draft: Draft) -> Version:
    post, row = rows.version(connection, draft)
    return Version(post, dict(row))


def _frozen(connection: Connection, post_id: int | None) -> str:
    return connection.execute(select(posts.c.content).where(posts.c.id == post_id)).scalar() or ""


def _entries(
    connection: Connection, draft_id: int, deliveries: list[Row], taken_down: list[Row]
) -> tuple[Entry, ...]:
    """The acts on the item, its deliveries and their withdrawals, in the order of the chain."""
    objects = [("item", draft_id)]
    objects += [("delivery", each["id"]) for each in deliveries]
    objects += [("withdrawal", each["id"]) for each in taken_down]
    found = [entry for kind, number in objects for entry in audit.entries(connection, kind, str(number))]
    return tuple(sorted(found, key=lambda entry: entry.id))


def _id(row: Row) -> int:
    return int(row["id"])
