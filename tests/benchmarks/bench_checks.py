"""An item of 6,000 characters through all checks. Goal: below 30 ms.

Reference in the same run: scanning the same text once for every label of a number, in one regular expression.

    python -m tests.benchmarks.bench_checks
"""

import time
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path

import bot
from bot.checks import Context, check
from bot.checks.office import words_of
from bot.checks.personal_data.labels import PATTERN
from tests.bot.checks.labelled import found_lines, harmless_lines

LENGTH = 6000
ROUNDS = 30
CONTEXT = Context(date(2026, 11, 23), words=words_of(""))
ITEMS = Path(bot.__file__).parent / "demo_items"


def ordinary() -> str:
    """The demo's items, one after the other, until the length is reached."""
    text = "\n".join(file.read_text(encoding="utf-8") for file in sorted(ITEMS.glob("*.md")))
    return (text * (LENGTH // len(text) + 1))[:LENGTH]


def full_of_people() -> str:
    """The worst that comes in: a list in which every line names somebody."""
    lines = [line.text for line in (*found_lines(1, 4), *harmless_lines(1, 2))]
    return "\n".join(lines)[:LENGTH]


def best(act: Callable[[], object]) -> float:
    """Milliseconds of the fastest of some rounds."""

    def once() -> float:
        start = time.perf_counter()
        act()
        return (time.perf_counter() - start) * 1000

    return min(once() for _ in range(ROUNDS))


def main() -> None:
    for name, text in (("ordinary text", ordinary()), ("list of people", full_of_people())):
        found = len(check(text, CONTEXT))
        took = best(partial(check, text, CONTEXT))
        reference = best(partial(PATTERN.findall, text))
        print(f"{name}, {found} findings: {took:.1f} ms, {took / reference:.2f} x one scan of the text")


if __name__ == "__main__":
    main()
