"""Recall and precision on lines made from templates: at least 99 in 100, for each kind."""

from collections import Counter

import pytest

from bot.checks import Context, check
from tests.bot.checks.labelled import FOUND, TODAY, Line, found_lines, harmless_lines

GOAL = 0.99
CONTEXT = Context(TODAY)
LINES = [*found_lines(2026, 40), *harmless_lines(2026, 60)]


def kinds_in(line: Line) -> set[str]:
    return {finding.kind for finding in check(line.text, CONTEXT)}


RESULTS = [(line, kinds_in(line)) for line in LINES]


@pytest.mark.parametrize("kind", FOUND)
def test_what_is_there_is_found(kind: str) -> None:
    missed = [line.text for line, kinds in RESULTS if line.kind == kind and kind not in kinds]
    total = sum(line.kind == kind for line in LINES)
    assert 1 - len(missed) / total >= GOAL, missed[:5]


@pytest.mark.parametrize("kind", FOUND)
def test_what_is_not_there_is_not_found(kind: str) -> None:
    wrong = [line.text for line, kinds in RESULTS if line.kind != kind and kind in kinds]
    right = sum(line.kind == kind and kind in kinds for line, kinds in RESULTS)
    assert right / (right + len(wrong)) >= GOAL, wrong[:5]


def test_no_harmless_line_is_blocked() -> None:
    blocked = Counter(kind for line, kinds in RESULTS if not line.kind for kind in kinds)
    assert sum(blocked.values()) <= (1 - GOAL) * sum(not line.kind for line in LINES), blocked


def test_what_is_found_in_a_line_is_found_among_other_lines() -> None:
    lines = [
        line.text for line, kinds in RESULTS if kinds and "\n" not in line.text and "\t" not in line.text
    ]
    whole = check("\n".join(lines), CONTEXT)
    alone = [finding for line in lines for finding in check(line, CONTEXT)]
    assert Counter(finding.kind for finding in whole) == Counter(finding.kind for finding in alone)
