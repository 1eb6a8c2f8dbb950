"""Dates that exist, weekdays that fit, periods that are as long as they say."""

import re
from collections.abc import Iterator
from datetime import date, timedelta

from bot.checks.base import Context, Finding, Level, Text
from bot.checks.form.papers import value

DAY = re.compile(
    r"(?<![0-9])(?:(?P<year>[0-9]{4})年)?(?P<month>[0-9]{1,2})月(?P<day>[0-9]{1,2})日"
    r"(?:[(〔 ]?(?:星期|周)(?P<weekday>[一二三四五六日天]))?"
)
WEEKDAYS = "一二三四五六日"
SPELLED_YEAR = re.compile(
    r"(?<![0-9A-Za-z〇零])[一二](?=[一二三四五六七八九]*[零○0Oo])[一二三四五六七八九〇零○0Oo]{3}年"
)
AS_ZERO = str.maketrans("零○0Oo", "〇〇〇〇〇")
LOST = re.compile(r"(?<![0-9.])20[0-9]{2}[0-9]{1,2}(?:日|月[0-9]{1,2}日|月份?(?![0-9]))")
PERIOD = re.compile(
    "(?:公示|公告|征求意见|征集|异议|报名|举报|公开|反馈|受理)(?:期限|期|时间|意见期)?(?:为|:|共"
    r"|限)?期?[为共]?(?P<count>[0-9]{1,3}|[一二三四五六七八九十]{1,3})个?"
    "(?P<unit>工作日|自然日|日"
    r"|天)[^。\n]{0,24}?自?(?P<from>(?:[0-9]{4}年)?[0-9]{1,2}月[0-9]{1,2}日)(?:[(〔][^)\n]{0,4}[)〕])?(?:起)?(?:开始)?"
    r"[,、]?(?:至|到|-|~)(?P<to>(?:[0-9]{4}年)?(?:[0-9]{1,2}月)?[0-9]{1,2}日)"
)
RUNNING = re.compile(r"公示期|征求意见|征集期|报名")
FIRST_YEAR = 1900
LAST_YEAR = 2100


def check(text: Text, context: Context) -> list[Finding]:
    return [*_days(text, context.today), *_years(text), *_lost(text), *_periods(text, context.today)]


def _days(text: Text, today: date) -> Iterator[Finding]:
    year = today.year
    for match in DAY.finditer(text.plain):
        if LOST.match(text.plain, match.start()):
            continue
        year = int(match["year"] or year)
        day = _day(year if match["year"] else None, match)
        if day is None:
            sentence = f"日期“{match[0]}”不存在，请改正。"
            yield text.finding("date", Level.BLOCK, match.span(), sentence)
        elif match["weekday"]:
            yield from _weekday(text, match, day.replace(year=year) if _exists(year, day) else day)


def _day(year: int | None, match: re.Match[str]) -> date | None:
    """The day; without a year any 29 February will do."""
    try:
        return date(year or 2000, int(match["month"]), int(match["day"]))
    except ValueError:
        return None


def _exists(year: int, day: date) -> bool:
    return FIRST_YEAR < year < LAST_YEAR and not (day.month == 2 and day.day == 29 and year % 4)


def _weekday(text: Text, match: re.Match[str], day: date) -> Iterator[Finding]:
    right = WEEKDAYS[day.weekday()]
    if match["weekday"].replace("天", "日") != right:
        place = match.span("weekday")
        sentence = (
            f"{day.year}年{day.month}月{day.day}日是星期{right}，文中写的是星期{match['weekday']}，请核对。"
        )
        yield text.finding("weekday", Level.WARN, place, sentence, right)


def _years(text: Text) -> Iterator[Finding]:
    for match in SPELLED_YEAR.finditer(text.plain):
        right = match[0].translate(AS_ZERO)
        sentence = f"“{match[0]}”里的零应写作“〇”，即“{right}”。"
        yield text.finding("date", Level.WARN, match.span(), sentence, right)


def _lost(text: Text) -> Iterator[Finding]:
    for match in LOST.finditer(text.plain):
        sentence = f"“{match[0]}”像是漏了“年”或“月”，请补全日期。"
        yield text.finding("date", Level.WARN, match.span(), sentence)


def _periods(text: Text, today: date) -> Iterator[Finding]:
    for match in PERIOD.finditer(text.plain):
        first, last = _ends(match, today)
        if first is None or last is None or not first <= last < first + timedelta(days=400):
            continue
        yield from _length(text, match, first, last)
        if last < today and RUNNING.search(match[0]):
            sentence = f"期限到{last.year}年{last.month}月{last.day}日，已经过去，请核对。"
            yield text.finding("period", Level.WARN, match.span("to"), sentence)


def _ends(match: re.Match[str], today: date) -> tuple[date | None, date | None]:
    """The named first and last day; what the last one leaves out is as in the first."""
    first = re.findall(r"[0-9]+", match["from"])
    last = re.findall(r"[0-9]+", match["to"])
    first = first if len(first) == 3 else [str(today.year), *first]
    last = [*first[: 3 - len(last)], *last]
    try:
        return date(*map(int, first)), date(*map(int, last))
    except ValueError:
        return None, None


def _length(text: Text, match: re.Match[str], first: date, last: date) -> Iterator[Finding]:
    """Both ends count, as notices do it; a day more or less by another count is let pass."""
    count = int(match["count"]) if match["count"].isdecimal() else value(match["count"])
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    if match["unit"] == "工作日":
        try:
            found = sum(is_working_day(day) for day in days)
        except NotImplementedError:
            sentence = f"{last.year}年的放假安排尚未公布，{count}个工作日的起止日期请在公布后再核对。"
            yield text.finding("period", Level.INFO, match.span("count"), sentence)
            return
        fits = (found, found - is_working_day(first))
    else:
        found = len(days)
        fits = (found, found - 1)
    if count not in fits:
        what = "个工作日" if match["unit"] == "工作日" else "天"
        sentence = f"期限写的是{match['count']}{match['unit']}，起止日期之间却是{found}{what}，请核对。"
        yield text.finding("period", Level.WARN, match.span("count"), sentence)


def is_working_day(day: date) -> bool:
    """By the State Council's yearly paper. Raises NotImplementedError for a year without one."""
    from chinese_calendar import is_workday

    return bool(is_workday(day))
