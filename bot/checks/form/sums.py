"""Totals that are the sum of their parts, shares that are the part of their whole."""

import re
from collections.abc import Iterator
from decimal import Decimal

from bot.checks.base import Finding, Level, Text

NUMBER = r"(?<![0-9.])[0-9]{1,12}(?:\.[0-9]{1,4})?"
UNITS = "万元|亿元|元|条|件|户|人次|人|名|个|公里|米|平方米|亩|吨|次|处|所|份|篇"
WHOLE = re.compile(
    rf"(?P<whole>{NUMBER})(?P<unit>{UNITS})[,(]?其中[:]?(?P<parts>(?:[^0-9。;\n]{{1,16}}{NUMBER}(?P=unit)(?:\([^)\n]*\))?[,、和)及]?){{2,}})"
)
PART = re.compile(rf"({NUMBER})(?:{UNITS})")
SHARE = re.compile(
    rf"(?P<whole>{NUMBER})(?P<unit>{UNITS})[,(]?其中[^0-9。;\n]{{1,16}}(?P<part>{NUMBER})(?P=unit)[,(]占(?:总数的"
    rf"|总量的|比|全部的)?(?P<share>{NUMBER})%"
)
TOTAL_ROW = re.compile(r"^\|? ?(?:合计|总计|小计)")
CELL = re.compile(r"[^\t|]+")
ROUNDING = Decimal("0.11")
HALF = Decimal("0.51")


def check(text: Text) -> list[Finding]:
    return [*_wholes(text), *_shares(text), *_tables(text)]


def _wholes(text: Text) -> Iterator[Finding]:
    """Parts named after 其中 may be some of many, but never more than the whole."""
    for match in WHOLE.finditer(text.plain):
        total = sum(Decimal(part) for part in PART.findall(match["parts"]))
        if total > Decimal(match["whole"]) + ROUNDING:
            sentence = f"各项相加是{total}，多于总数{match['whole']}，请核对或写明理由。"
            yield text.finding("sum", Level.NEED_REASON, match.span("whole"), sentence)


def _shares(text: Text) -> Iterator[Finding]:
    for match in SHARE.finditer(text.plain):
        whole, part, share = (Decimal(match[name]) for name in ("whole", "part", "share"))
        if whole and abs(part * 100 / whole - share) > HALF:
            right = round(part * 100 / whole, 1)
            sentence = f"{part}占{whole}的{right}%，文中写的是{share}%，请核对或写明理由。"
            yield text.finding("share", Level.NEED_REASON, match.span("share"), sentence)


def _tables(text: Text) -> Iterator[Finding]:
    rows: list[list[re.Match[str]]] = []
    for place, line in text.lines():
        cells = list(CELL.finditer(text.plain, place, place + len(line)))
        if "\t" not in line and "|" not in line:
            rows = []
        elif TOTAL_ROW.match(line):
            yield from _total(text, rows, cells)
            rows = []
        else:
            rows.append(cells)


def _total(text: Text, rows: list[list[re.Match[str]]], totals: list[re.Match[str]]) -> Iterator[Finding]:
    """Each number of the last row is the sum of its column, where every row above has a number there."""
    body = [row for row in rows if len(row) == len(totals)]
    for column, total in enumerate(totals):
        parts = [_amount(row[column]) for row in body]
        known = [part for part in parts if part is not None]
        named = _amount(total)
        if named is None or len(known) < 2 or len(known) < len(parts) - 2:
            continue
        if abs(sum(known) - named) > ROUNDING:
            sentence = f"合计写的是{named}，这一列相加是{sum(known)}，请核对或写明理由。"
            yield text.finding("sum", Level.NEED_REASON, total.span(), sentence, str(sum(known)))


def _amount(cell: re.Match[str]) -> Decimal | None:
    words = cell[0].strip().replace(",", "")
    return Decimal(words) if re.fullmatch(NUMBER, words) else None
