"""Looking for a story that breaks the promise, and for the shortest one that does."""

import contextlib
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from bot.drill import story
from bot.drill.machine import Machine
from bot.drill.story import Event, Story
from bot.drill.verdict import Verdict, judge
from bot.drill.world import World
from scheduler.delivery import State

Part = TypeVar("Part")

MOST_TRIES = 400  # of shorter stories, for one that fails


@dataclass
class Tally:
    """What came of many stories."""

    stories: int = 0
    states: Counter[State] = field(default_factory=Counter)
    words: Counter[str] = field(default_factory=Counter)  # what went wrong in them
    failures: list[Verdict] = field(default_factory=list)

    def add(self, verdict: Verdict) -> None:
        self.stories += 1
        self.states += verdict.states
        self.words.update(event.word for event in verdict.story.events)
        if verdict.complaints:
            self.failures.append(verdict)

    def __iadd__(self, other: "Tally") -> "Tally":
        self.stories += other.stories
        self.states += other.states
        self.words += other.words
        self.failures += other.failures
        return self


@contextlib.contextmanager
def open_machine() -> Iterator[Machine]:
    """A machine in a folder of its own that is gone at the end."""
    with tempfile.TemporaryDirectory(prefix="gongbao-drill-") as folder:
        machine = Machine(Path(folder))
        try:
            yield machine
        finally:
            machine.close()


def play(machine: Machine, told: Story, *, traced: bool = False) -> Verdict:
    world = World(machine, told)
    world.play()
    return judge(world, traced=traced)


def singles(machine: Machine, only: str = "") -> list[Story]:
    """Every way to publish, with each single mishap at each point it passes; first with none."""
    found = []
    for place, cast in enumerate(story.casts()):
        plain = Story(place, (cast,), processes=2)
        world = World(machine, plain)
        world.play()
        found.append(plain)
        found += story.single_mishaps(plain, world.counts, only)
    return found


def shortest(machine: Machine, failed: Verdict) -> Verdict:
    """The same failure with as little as possible going on: what can be left out is left out."""
    tries = 0
    shorter = True
    while shorter and tries < MOST_TRIES:
        shorter = False
        for told in _shorter(failed.story):
            tries += 1
            verdict = play(machine, told)
            if verdict.complaints:
                failed, shorter = verdict, True
                break
    return failed


def _shorter(told: Story) -> Iterator[Story]:
    """Stories with one thing less."""
    for events in _fewer(told.events):
        yield replace(told, events=events)
    if len(told.items) > 1:
        for place in range(len(told.items)):
            yield replace(told, items=_without(told.items, place))
    for simpler in _simpler(told):
        if simpler != told:
            yield simpler


def _fewer(events: tuple[Event, ...]) -> Iterator[tuple[Event, ...]]:
    half = len(events) // 2
    if half:
        yield events[:half]
        yield events[half:]
    for place in range(len(events)):
        yield _without(events, place)


def _simpler(told: Story) -> Iterator[Story]:
    yield replace(told, processes=1)
    yield replace(told, spacing=0, late_after=0)
    yield replace(told, settled=False)
    yield replace(told, cast=tuple(replace(cast, mood="") for cast in told.cast))
    yield replace(told, items=tuple(replace(item, posts=1, pictured=False) for item in told.items))
    yield replace(told, cast=told.cast[:1], items=tuple(replace(item, account=0) for item in told.items))


def _without(parts: Sequence[Part], place: int) -> tuple[Part, ...]:
    return (*parts[:place], *parts[place + 1 :])
