"""The plan as a calendar: what is to go out on which day, a week or a month at a time."""

from collections.abc import Sequence
from datetime import date, timedelta

from starlette.responses import Response

from bot.console import calendar, queries
from bot.console.calendar import Day
from bot.console.drafts import scope_of
from bot.console.queries import Row
from bot.console.visit import Visit
from bot.desk import Item
from scheduler.database import reading
from scheduler.plan import BEIJING

SPANS = ("week", "month")


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
    return visit.page(
        "plan.html",
        span=span,
        day=day,
        today=today,
        weeks=weeks,
        going=_by_day(days, going),
        asked={each.date: [item for item in asked if _date_of(item) == each.date] for each in days},
        earlier=earlier,
        later=later,
        unknown=[each.date.year for each in days if not each.known],
    )


def _by_day(days: Sequence[Day], rows: Sequence[Row]) -> dict[date, list[Row]]:
    found: dict[date, list[Row]] = {day.date: [] for day in days}
    for row in rows:
        found[row["due_at"].astimezone(BEIJING).date()].append(row)
    return found


def _date_of(item: Item) -> date | None:
    return item.due_at.astimezone(BEIJING).date() if item.due_at else None


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if calendar.FIRST <= found <= calendar.LAST else None
