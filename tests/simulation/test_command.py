"""`gongbao drill`."""

import json

import pytest
from typer.testing import CliRunner

from bot.__main__ import app
from bot.drill import search, story
from bot.drill.machine import Machine
from bot.drill.story import What
from bot.errors import RuleBroken
from tests.simulation.test_mutants import believes_the_first_look


def test_a_short_drill_reports_what_it_played() -> None:
    done = CliRunner().invoke(app, ["drill", "--rounds", "4", "--no-singles", "--workers", "2", "--json"])
    told = json.loads(done.stdout)
    assert done.exit_code == 0
    assert told["ok"]
    assert told["stories"] == 4


def test_a_story_is_told_again_step_by_step() -> None:
    done = CliRunner().invoke(app, ["drill", "--replay", "3"])
    assert done.exit_code == 0
    assert done.stdout.startswith("seed 3")
    assert "commit 1" in done.stdout


def test_an_unknown_fault_is_answered_with_the_known_ones() -> None:
    done = CliRunner().invoke(app, ["drill", "--only", "nonsense"])
    assert isinstance(done.exception, RuleBroken)
    assert What.LATE in str(done.exception)


def test_a_failing_story_is_shortened_to_what_it_takes(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    believes_the_first_look(monkeypatch)
    played = (search.play(machine, story.drawn(seed, What.LATE)) for seed in range(100))
    failed = next(verdict for verdict in played if verdict.complaints)
    short = search.shortest(machine, failed)
    assert short.complaints
    assert len(short.story.events) == 1
    assert short.trace
