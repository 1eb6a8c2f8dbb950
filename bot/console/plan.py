"""The plan as a calendar: what is to go out on which day, a week or a month at a time."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from starlette.responses import Response

from bot import drafts
from bot.console import calendar, queries
from bot.console.drafts import scope_of
from bot.console.queries import Row
from bot.console.rendering import tone
from bot.console.visit import Visit
from bot.desk import Item
from scheduler import delivery
from scheduler.database import reading
from scheduler.plan import BEIJING

SPANS = ("week", "month")


@dataclass(frozen=True)
class Slot:
    """One line in a day."""

    at: datetime
    title: str
    word: str
    tone: str
    path: str

    @property
    def date(self) -> date:
        return self.at.astimezone(BEIJING).date()


def show(visit: Visit) -> Response:
    span = visit.text("span") if visit.text("span") in SPANS else "week"
    today = visit.now.astimezone(BEIJING).date()
    day = _day(visit.text("day")) or today
    weeks = calendar.month(day) if span == "month" else [calendar.week(day)]
    days = [each for week in weeks for each in week]
    start, end = calendar.begin(days[0].date), calendar.begin(days[-1].date + timedelta(days=1))
    with reading(visit.rooms.engine) as connection:
        going = queries.deliveries_between(connection, scope_of(visit), start, end)
        asked = queries.drafts_between(connection, scope_of(visit), start, end)
    earlier, later = calendar.neighbours(day, span)
    slots = sorted([*map(_delivery_slot, going), *map(_draft_slot, asked)], key=lambda slot: slot.at)
    return visit.page(
        "plan.html",
        span=span,
        day=day,
        today=today,
        weeks=weeks,
        slots={each.date: [slot for slot in slots if slot.date == each.date] for each in days},
        earlier=earlier,
        later=later,
        unknown=[each.date.year for each in days if not each.known],
    )


def _delivery_slot(row: Row) -> Slot:
    words = delivery.WORDS[delivery.State(row["state"])]
    path = f"/deliveries/{row['id']}"
    return Slot(row["due_at"], "、".join(row["titles"]), words, tone(row["state"]), path)


def _draft_slot(item: Item) -> Slot:
    words = f"{drafts.WORDS[item.draft.state]}，未签发"
    return Slot(item.due_at or item.changed_at, item.title, words, "wanted", f"/drafts/{item.draft.id}")


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if calendar.FIRST <= found <= calendar.LAST else None
