"""What a drill is made of: who publishes what, and what goes wrong at which point. Drawn by a seed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from random import Random

import channels
from channels.emulator import EVENT_FAULTS, Fault


class Point(StrEnum):
    """Where something may happen; the n-th of its kind since the story began."""

    BEGIN = "begin"  # of a transaction
    COMMIT = "commit"
    REDIS = "redis"  # a command, or several in one round trip
    CALL = "call"  # to a platform
    MOMENT = "moment"  # so many seconds after the beginning


class What(StrEnum):
    """What may happen beside the platforms' own faults and refusals."""

    CRASH_BEFORE = "crash_before"
    CRASH_AFTER = "crash_after"
    PAUSE = "pause"  # the process sleeps, the world goes on
    DATABASE_BEFORE = "database_before"  # the commit fails
    DATABASE_AFTER = "database_after"  # it is done, its answer is lost
    REDIS_BEFORE = "redis_before"
    REDIS_AFTER = "redis_after"
    NO_CONNECTION = "no_connection"
    LATE = "late"  # the platform acts long after we gave up
    KILL = "kill"
    FLUSH = "flush"
    CLOCK_JUMP = "clock_jump"
    CANCEL = "cancel"


@dataclass(frozen=True)
class Event:
    """`word` is a What, a Fault, or what a refusal says; `amount` is in seconds, or an item's place."""

    word: str
    at: Point
    nth: int
    amount: float = 0

    def __str__(self) -> str:
        where = f"{self.nth} s after the start" if self.at is Point.MOMENT else f"{self.at} {self.nth}"
        return f"{self.word} at {where}" + (f" ({self.amount:g})" if self.amount else "")


@dataclass(frozen=True)
class Cast:
    """An account: its kind, its way to publish, and the mood its platform is in."""

    kind: str
    mode: str
    mood: str = ""


@dataclass(frozen=True)
class Item:
    """A delivery: of `posts` posts where the account can, due `after` seconds."""

    account: int = 0
    after: int = 0
    posts: int = 1
    pictured: bool = False


@dataclass(frozen=True)
class Story:
    seed: int
    cast: tuple[Cast, ...]
    items: tuple[Item, ...] = (Item(),)
    processes: int = 1
    spacing: int = 0  # seconds between two deliveries of an account
    late_after: int = 0  # minutes
    settled: bool = False  # in the end a person looks at the platforms and says what is so
    events: tuple[Event, ...] = ()

    def __str__(self) -> str:
        lines = [f"seed {self.seed}, {self.processes} process(es)"]
        lines += [
            f"account {place}: {cast.kind} {cast.mode} {cast.mood}".rstrip()
            for place, cast in enumerate(self.cast)
        ]
        lines += [
            f"item {place}: account {item.account}, due after {item.after} s, {item.posts} post(s)"
            for place, item in enumerate(self.items)
        ]
        if self.spacing or self.late_after:
            lines.append(f"spacing {self.spacing} s, late after {self.late_after} min")
        if self.settled:
            lines.append("in the end a person says what is so")
        return "\n".join([*lines, *map(str, self.events)])


DOWN = (1, 20, 100, 400)  # how long a process that crashed is away
PAUSES = (5, 100, 400, 1500)
LATENESS = (1, 40, 200, 700)  # beyond the time limit; the last look comes 14 minutes after the loss
SKEWS = (-900, -120, 120, 900)
JUMPS = (-3600, -90, 90, 600, 7200)
SLOW = 30  # seconds, more than a call may take
HORIZON = 3600  # the moments of a story lie in its first hour

AMOUNTS: Mapping[str, tuple[float, ...]] = {
    What.CRASH_BEFORE: DOWN,
    What.CRASH_AFTER: DOWN,
    What.KILL: DOWN,
    What.PAUSE: PAUSES,
    What.LATE: LATENESS,
    What.CLOCK_JUMP: JUMPS,
    What.CANCEL: (0, 1, 2),
    Fault.CLOCK_SKEW: SKEWS,
    Fault.SLOW_BEFORE: (SLOW,),
    Fault.SLOW_AFTER: (SLOW,),
}
AT_MOMENTS = (What.KILL, What.FLUSH, What.CLOCK_JUMP, What.CANCEL, Fault.CLOCK_SKEW, *sorted(EVENT_FAULTS))
AT_CALLS = tuple(fault for fault in Fault if fault not in {*EVENT_FAULTS, Fault.CLOCK_SKEW, Fault.ERRCODE})


def words() -> dict[str, tuple[Point, ...]]:
    """Everything that may happen, and where."""
    found: dict[str, tuple[Point, ...]] = {
        What.CRASH_BEFORE: (Point.COMMIT, Point.REDIS, Point.CALL),
        What.CRASH_AFTER: (Point.COMMIT, Point.REDIS, Point.CALL),
        What.PAUSE: (Point.BEGIN, Point.COMMIT),
        What.DATABASE_BEFORE: (Point.COMMIT,),
        What.DATABASE_AFTER: (Point.COMMIT,),
        What.REDIS_BEFORE: (Point.REDIS,),
        What.REDIS_AFTER: (Point.REDIS,),
    }
    found |= dict.fromkeys((What.NO_CONNECTION, What.LATE, *AT_CALLS, *refusals()), (Point.CALL,))
    return found | dict.fromkeys(AT_MOMENTS, (Point.MOMENT,))


def refusals() -> list[str]:
    """What platforms may say to any call."""
    return sorted({word for kind in _kinds() for word in channels.load_emulator(kind).refusals})


def casts() -> list[Cast]:
    """Every way to publish on every platform that can be played here."""
    return [Cast(kind, mode) for kind in _kinds() for mode in channels.load_emulator(kind).modes]


def drawn(seed: int, only: str = "") -> Story:
    """The story of a seed: a few deliveries and up to six mishaps, all of one sort if `only` names it."""
    random = Random(seed)  # noqa: S311 - replayable stories, no secret
    cast = tuple(_in_some_mood(random) for _ in range(random.choice((1, 1, 1, 2))))
    items = tuple(_item(random, len(cast)) for _ in range(random.choice((1, 1, 1, 2, 3))))
    return Story(
        seed,
        cast,
        items,
        processes=random.choice((1, 2, 2)),
        spacing=random.choice((0, 0, 0, 300)),
        late_after=random.choice((0, 0, 0, 30)),
        settled=random.random() < 0.3,
        events=tuple(_event(random, only) for _ in range(random.choice((1, 1, 2, 2, 3, 5)))),
    )


def single_mishaps(plain: Story, counted: Mapping[Point, int], only: str = "") -> Iterator[Story]:
    """The story with each one thing going wrong at each point that it was seen to pass."""
    for word, points in words().items():
        if only and word != only:
            continue
        for at in points:
            numbers = MOMENTS if at is Point.MOMENT else range(1, counted[at] + 1)
            for nth in numbers:
                for amount in AMOUNTS.get(word, (0,)):
                    yield replace(plain, events=(Event(word, at, nth, amount),))


MOMENTS = (0, 1, 150)


def _in_some_mood(random: Random) -> Cast:
    cast = random.choice(casts())
    moods = sorted(channels.load_emulator(cast.kind).moods)
    return replace(cast, mood=random.choice(["", "", *moods]))


def _item(random: Random, accounts: int) -> Item:
    return Item(
        account=random.randrange(accounts),
        after=random.choice((0, 0, 1, 60, 600)),
        posts=random.choice((1, 1, 2)),
        pictured=random.random() < 0.3,
    )


USUAL = {Point.BEGIN: 60, Point.COMMIT: 30, Point.REDIS: 50, Point.CALL: 14, Point.MOMENT: HORIZON}


def _event(random: Random, only: str) -> Event:
    possible = words()
    word = only or random.choice(sorted(possible))
    at = random.choice(possible[word])
    # early points matter most, and short stories have no others
    nth = 1 + int(USUAL[at] * random.random() ** 2)
    return Event(word, at, nth, random.choice(AMOUNTS.get(word, (0,))))


def _kinds() -> list[str]:
    return [kind for kind in channels.kinds() if channels.has_emulator(kind)]
