"""Days in weeks and months, with holidays and moved workdays as far as they are published. Pure."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import chinese_calendar

from scheduler.plan import BEIJING

FIRST, LAST = date(2000, 1, 1), date(2100, 1, 1)
HOLIDAYS = {
    "New Year's Day": "元旦",
    "Spring Festival": "春节",
    "Tomb-sweeping Day": "清明",
    "Labour Day": "劳动节",
    "Dragon Boat Festival": "端午",
    "Mid-autumn Festival": "中秋",
    "National Day": "国庆",
    "Anti-Fascist 70th Day": "抗战胜利纪念日",
}
A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Day:
    date: date
    off: bool
    word: str  # 春节, or 班 for a weekend that is worked
    known: bool  # the year's holidays are published
    inside: bool = True  # belongs to the month that is shown


def week(day: date) -> list[Day]:
    """Monday to Sunday around this day."""
    monday = day - day.weekday() * A_DAY
    return [_day(monday + n * A_DAY) for n in range(7)]


def month(day: date) -> list[list[Day]]:
    """Whole weeks that hold every day of the month."""
    first = day.replace(day=1)
    monday = first - first.weekday() * A_DAY
    weeks = []
    while monday < first or monday.month == first.month:
        weeks.append([_day(monday + n * A_DAY, first.month) for n in range(7)])
        monday += 7 * A_DAY
    return weeks


def neighbours(day: date, span: str) -> tuple[date, date]:
    """A day of the span before, and of the one after."""
    if span == "week":
        return day - 7 * A_DAY, day + 7 * A_DAY
    first = day.replace(day=1)
    return (first - A_DAY).replace(day=1), (first + 31 * A_DAY).replace(day=1)


def begin(day: date) -> datetime:
    """The Beijing midnight with which the day begins."""
    return datetime.combine(day, time(0), BEIJING)


def _day(day: date, month: int = 0) -> Day:
    inside = month in (0, day.month)
    try:
        off, holiday = chinese_calendar.get_holiday_detail(day)
    except NotImplementedError:  # it knows only the years whose holidays are published
        return Day(day, day.weekday() >= 5, "", False, inside)
    if off:
        return Day(day, True, HOLIDAYS.get(holiday or "", ""), True, inside)
    return Day(day, False, "班" if day.weekday() >= 5 else "", True, inside)
