"""A correction names what it puts right, and goes where that went."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from html import escape

from sqlalchemy import Connection, func, select

from bot.errors import RuleBroken
from bot.importing import Imported
from bot.tables import draft_versions, drafts
from scheduler.delivery import Event
from scheduler.plan import BEIJING
from scheduler.tables import attempts, deliveries, delivery_posts


def published(connection: Connection, draft_id: int) -> Mapping[str, datetime]:
    """Where an item went out, by account, and when first. Raises RuleBroken if it did nowhere."""
    query = (
        select(deliveries.c.account, func.min(attempts.c.at).label("first_at"))
        .join(delivery_posts, delivery_posts.c.delivery_id == deliveries.c.id)
        .join(drafts, drafts.c.post_id == delivery_posts.c.post_id)
        .join(attempts, attempts.c.delivery_id == deliveries.c.id)
        .where(drafts.c.id == draft_id, attempts.c.event == Event.PUBLISH)
        .group_by(deliveries.c.account)
        .order_by(func.min(deliveries.c.id))
    )
    found = {row.account: row.first_at for row in connection.execute(query)}
    if not found:
        raise RuleBroken(f"稿件 {draft_id} 还没有在任何账号上发布，不用更正；要停发请撤回，再另起一篇。")
    return found


def naming(connection: Connection, original_id: int, document: Imported) -> Imported:
    """The document with a first line that says which post it corrects, and of which day."""
    title = select(draft_versions.c.title).join(
        drafts, (drafts.c.id == draft_versions.c.draft_id) & (drafts.c.version == draft_versions.c.version)
    )
    name = connection.execute(title.where(drafts.c.id == original_id)).scalar_one()
    day = min(published(connection, original_id).values()).astimezone(BEIJING)
    line = f"本文更正{day.year}年{day.month}月{day.day}日发布的《{name}》。"
    if document.text.startswith(line):
        return document
    return replace(document, html=f"<p>{escape(line)}</p>{document.html}", text=f"{line}\n{document.text}")
