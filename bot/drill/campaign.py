"""A whole drill: every single mishap, then stories at random, shared out over processes."""

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing import get_context
from queue import Empty
from typing import Any

import structlog

from bot.drill import search, story
from bot.drill.machine import Machine
from bot.drill.search import Tally
from bot.drill.story import Story
from bot.drill.verdict import Verdict

BATCH = 20  # stories after which a process tells how far it is
LOOK_SECONDS = 1.0
MOST_FAILURES = 5  # enough to mend; each is shortened, which takes its time

Tell = Callable[[int, int], None]


@dataclass(frozen=True)
class Order:
    """What to play; `only` keeps to one sort of mishap."""

    rounds: int
    seed: int = 1
    only: str = ""
    singles: bool = True


@dataclass(frozen=True)
class Outcome:
    tally: Tally
    seconds: float


class WorkerLost(Exception):
    """A process of the drill ended without a word."""


def run(order: Order, workers: int, tell: Tell) -> Outcome:
    """Play everything, stop at a few failures, and tell how far it is: (done, of how many)."""
    began = time.monotonic()
    told = list(_told(order))
    tally = Tally()
    context = get_context("spawn")
    results, enough = context.Queue(), context.Event()
    processes = [
        context.Process(target=_play_share, args=(told[place::workers], results, enough), daemon=True)
        for place in range(workers)
    ]
    for process in processes:
        process.start()
    for part in _collected(results, processes):
        tally += part
        tell(tally.stories, len(told))
        if len(tally.failures) >= MOST_FAILURES:
            enough.set()
    for process in processes:
        process.join()
    return Outcome(tally, time.monotonic() - began)


def _collected(results: Any, processes: Sequence[Any]) -> Iterator[Tally]:
    """What the processes report, until each has said that it is done. Raises WorkerLost."""
    working = len(processes)
    while working:
        try:
            part = results.get(timeout=LOOK_SECONDS)
        except Empty:
            if any(process.exitcode for process in processes):
                raise WorkerLost from None
            continue
        if part is None:
            working -= 1
        else:
            yield part


def _play_share(told: Sequence[Story], results: Any, enough: Any) -> None:
    """One process's share. The stories that fail come back shortened."""
    _be_quiet()
    with search.open_machine() as machine:
        for start in range(0, len(told), BATCH):
            if enough.is_set():
                break
            results.put(play_all(machine, told[start : start + BATCH]))
    results.put(None)


def play_all(machine: Machine, told: Sequence[Story]) -> Tally:
    tally = Tally()
    for each in told:
        verdict = search.play(machine, each)
        tally.add(search.shortest(machine, verdict) if verdict.complaints else verdict)
    return tally


def replay(seed: int, only: str = "") -> Verdict:
    """One story, with all its steps."""
    _be_quiet()
    with search.open_machine() as machine:
        return search.play(machine, story.drawn(seed, only), traced=True)


def _told(order: Order) -> Iterator[Story]:
    if order.singles:
        _be_quiet()
        with search.open_machine() as machine:
            yield from search.singles(machine, order.only)
    for seed in range(order.seed, order.seed + order.rounds):
        yield story.drawn(seed, order.only)


def _be_quiet() -> None:
    """What the engine logs here are the mishaps that we made."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    logging.disable(logging.CRITICAL)
