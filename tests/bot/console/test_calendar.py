from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.console import calendar

DAYS = st.dates(calendar.FIRST, calendar.LAST)


@given(DAYS)
def test_a_week_begins_on_monday_and_holds_its_day(day: date) -> None:
    week = [each.date for each in calendar.week(day)]
    assert (len(week), week[0].weekday(), day in week) == (7, 0, True)


@given(DAYS)
def test_a_month_is_whole_weeks_with_each_of_its_days_once(day: date) -> None:
    weeks = calendar.month(day)
    inside = [each.date.day for week in weeks for each in week if each.inside]
    assert all(len(week) == 7 and week[0].date.weekday() == 0 for week in weeks)
    assert inside == list(range(1, len(inside) + 1))
    assert any(each.date == day for week in weeks for each in week)


@given(DAYS, st.sampled_from(["week", "month"]))
def test_going_on_and_back_stays_near(day: date, span: str) -> None:
    _, later = calendar.neighbours(day, span)
    back, _ = calendar.neighbours(later, span)
    assert (back.year, back.month) == (day.year, day.month)


@pytest.mark.parametrize(
    ("day", "off", "word"),
    [
        (date(2026, 10, 1), True, "国庆"),
        (date(2026, 2, 14), False, "班"),
        (date(2026, 11, 23), False, ""),
        (date(2026, 11, 28), True, ""),
    ],
)
def test_holidays_and_moved_workdays_are_marked(day: date, off: bool, word: str) -> None:
    [found] = [each for each in calendar.week(day) if each.date == day]
    assert (found.off, found.word, found.known) == (off, word, True)


def test_a_year_that_is_not_published_is_said() -> None:
    assert not any(each.known for each in calendar.week(date(2090, 5, 1)))
