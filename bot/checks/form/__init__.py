"""The form of public papers: document numbers, dates, periods, sums, numbering, book marks."""

from bot.checks.base import Context, Finding, Text
from bot.checks.form import dates, papers, sums


def check(text: Text, context: Context) -> list[Finding]:
    return [*papers.check(text), *dates.check(text, context), *sums.check(text)]
