"""The desk's rows, read and written inside the caller's transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, insert, select, update

from bot import audit
from bot.desk.values import Item, Proposal
from bot.drafts import Act, Draft, State, begun
from bot.errors import RuleBroken
from bot.tables import draft_acts, draft_pictures, draft_versions, drafts
from channels.base import Picture, Post
from scheduler import ledger
from scheduler.tables import deliveries, delivery_posts
from scheduler.withdrawal import rows as withdrawal

HIGHEST_ID = 2**63 - 1

ITEMS = select(
    drafts,
    draft_versions.c.title,
    draft_versions.c.accounts,
    draft_versions.c.due_at,
    draft_versions.c.expires_at,
).join(
    draft_versions,
    (draft_versions.c.draft_id == drafts.c.id) & (draft_versions.c.version == drafts.c.version),
)


def begin(connection: Connection, steps: Sequence[str], proposal: Proposal, who: str, now: datetime) -> Draft:
    """A new draft in the column and unit of the proposal, still without its version."""
    row = {
        "state": State.EDITING,
        "steps": list(steps),
        "passed": [],
        "version": 1,
        "column": proposal.column,
        "unit": proposal.unit,
        "corrects": proposal.corrects,
        "added_at": now,
        "changed_at": now,
    }
    draft_id = connection.execute(insert(drafts).values(row).returning(drafts.c.id)).scalar_one()
    return begun(draft_id, steps, who)


def item_row(connection: Connection, draft_id: int) -> RowMapping:
    return connection.execute(ITEMS.where(drafts.c.id == draft_id)).mappings().one()


def load(connection: Connection, draft_id: int, *, lock: bool = True) -> Draft:
    """The draft, locked until the transaction ends. Raises RuleBroken for an id that is not there."""
    row = None
    if 0 < draft_id <= HIGHEST_ID:
        query = select(drafts).where(drafts.c.id == draft_id)
        row = connection.execute(query.with_for_update() if lock else query).mappings().one_or_none()
    if row is None:
        raise RuleBroken(f"没有编号为 {draft_id} 的稿件，请用 gongbao item list 查看编号。")
    return _draft(row, writers(connection, [draft_id])[draft_id])


def _draft(row: RowMapping, writers: frozenset[str]) -> Draft:
    return Draft(
        row["id"],
        State(row["state"]),
        tuple(row["steps"]),
        row["version"],
        writers,
        tuple(row["passed"]),
    )


def writers(connection: Connection, ids: Sequence[int]) -> dict[int, frozenset[str]]:
    query = select(draft_versions.c.draft_id, draft_versions.c.written_by)
    found: dict[int, frozenset[str]] = {}
    for draft_id, who in connection.execute(query.where(draft_versions.c.draft_id.in_(ids))):
        found[draft_id] = found.get(draft_id, frozenset()) | {who}
    return found


def item(row: RowMapping, writers: frozenset[str]) -> Item:
    return Item(
        _draft(row, writers),
        row["title"],
        row["column"],
        row["unit"],
        tuple(row["accounts"]),
        row["due_at"],
        row["post_id"],
        row["added_at"],
        row["changed_at"],
        row["expires_at"],
        row["corrects"],
    )


def keep_version(connection: Connection, draft: Draft, proposal: Proposal, who: str, now: datetime) -> None:
    post = _post(proposal)
    key = {"draft_id": draft.id, "version": draft.version}
    row = {
        "title": post.title,
        "html": post.html,
        "text": post.text,
        "digest": post.digest,
        "author": post.author,
        "source": post.source,
        "accounts": list(proposal.accounts),
        "due_at": proposal.due_at,
        "expires_at": proposal.expires_at,
        "sha256": post.sha256,
        "file": proposal.file,
        "written_by": who,
        "written_at": now,
    }
    connection.execute(insert(draft_versions).values(key | row))
    for position, picture in enumerate(post.pictures):
        kept = {
            "position": position,
            "sha256": ledger.keep_blob(connection, picture.content),
            "name": picture.name,
            "media_type": picture.media_type,
            "alt": picture.alt,
        }
        connection.execute(insert(draft_pictures).values(key | kept))


def _post(proposal: Proposal) -> Post:
    document = proposal.document
    return Post(
        title=document.title,
        html=document.html,
        text=document.text,
        digest=document.digest,
        author=proposal.author,
        source=proposal.source,
        pictures=document.pictures,
    )


def completed(connection: Connection, draft: Draft, proposal: Proposal) -> Proposal:
    """The proposal for a new version, with what the present one says where it is silent."""
    kept = _version_row(connection, draft)
    standing = connection.execute(select(drafts).where(drafts.c.id == draft.id)).mappings().one()
    return replace(
        proposal,
        column=standing["column"],
        unit=standing["unit"],
        author=proposal.author or kept["author"],
        source=proposal.source or kept["source"],
        accounts=proposal.accounts or tuple(kept["accounts"]),
        due_at=proposal.due_at or kept["due_at"],
        expires_at=proposal.expires_at or kept["expires_at"],
        corrects=standing["corrects"],
    )


def version(connection: Connection, draft: Draft) -> tuple[Post, RowMapping]:
    """The post that the draft's version makes, and the version's row. Raises RuleBroken if it was changed."""
    row = _version_row(connection, draft)
    at = {"draft_id": draft.id, "version": draft.version}
    pictures = select(draft_pictures).filter_by(**at).order_by(draft_pictures.c.position)
    post = Post(
        title=row["title"],
        html=row["html"],
        text=row["text"],
        digest=row["digest"],
        author=row["author"],
        source=row["source"],
        pictures=tuple(
            Picture(each.name, each.media_type, ledger.blob(connection, each.sha256), each.alt)
            for each in connection.execute(pictures).all()
        ),
    )
    if post.sha256 != row["sha256"]:
        raise RuleBroken(f"稿件 {draft.id} 的内容与写入时不一致，不能办理，请报告管理员。")
    return post, row


def _version_row(connection: Connection, draft: Draft) -> RowMapping:
    at = {"draft_id": draft.id, "version": draft.version}
    return connection.execute(select(draft_versions).filter_by(**at)).mappings().one()


def record(
    connection: Connection,
    draft: Draft,
    act: Act | str,
    who: str,
    now: datetime,
    opinion: str = "",
    post_id: int | None = None,
) -> None:
    """Where the draft stands after the act, and the act itself."""
    standing = {
        "state": draft.state,
        "passed": list(draft.passed),
        "version": draft.version,
        "changed_at": now,
    } | ({"post_id": post_id} if post_id else {})
    connection.execute(update(drafts).where(drafts.c.id == draft.id).values(standing))
    row = {
        "draft_id": draft.id,
        "version": draft.version,
        "act": act,
        "step": draft.steps[len(draft.passed) - 1] if draft.passed else "",
        "state": draft.state,
        "who": who,
        "at": now,
        "opinion": opinion.strip(),
    }
    connection.execute(insert(draft_acts).values(row))
    _put_on_record(connection, row, post_id)


def _put_on_record(connection: Connection, row: Mapping[str, Any], post_id: int | None) -> None:
    """The act with the hash of the version it was done to."""
    at = {"draft_id": row["draft_id"], "version": row["version"]}
    details = {name: row[name] for name in ("version", "step", "state", "opinion")}
    details["sha256"] = connection.execute(select(draft_versions.c.sha256).filter_by(**at)).scalar_one()
    audit.record(
        connection,
        at=row["at"],
        actor=row["who"],
        act=row["act"],
        kind="item",
        object_id=row["draft_id"],
        details=details | ({"post_id": post_id} if post_id else {}),
    )


def acts_of(connection: Connection, draft_id: int) -> list[Mapping[str, Any]]:
    query = select(draft_acts).where(draft_acts.c.draft_id == draft_id).order_by(draft_acts.c.id)
    return [dict(row) for row in connection.execute(query).mappings()]


def corrections_of(connection: Connection, draft_id: int) -> list[int]:
    query = select(drafts.c.id).where(drafts.c.corrects == draft_id).order_by(drafts.c.id)
    return list(connection.execute(query).scalars())


def withdrawals_of(connection: Connection, post_id: int | None) -> list[Mapping[str, Any]]:
    places = withdrawal.places_of_post(connection, post_id) if post_id else []
    return withdrawal.listing(connection, places=places)


def deliveries_of(connection: Connection, post_id: int | None) -> list[Mapping[str, Any]]:
    query = (
        select(deliveries)
        .join(delivery_posts, delivery_posts.c.delivery_id == deliveries.c.id)
        .where(delivery_posts.c.post_id == post_id)
        .order_by(deliveries.c.id)
    )
    return [dict(row) for row in connection.execute(query).mappings()]
