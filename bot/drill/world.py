"""One story's world: its time, its platforms, its processes, and what goes wrong between them."""

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from random import Random
from typing import Any

import requests
from redis.exceptions import ConnectionError as RedisGone
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from bot.drill import office
from bot.drill.machine import Machine, Unwatched
from bot.drill.process import Office, Process, Step
from bot.drill.story import Event, Point, Story, What
from bot.drill.wire import Wire
from channels.base import Post
from channels.emulator import EVENT_FAULTS, Emulator, Fault, FaultRule, Outgoing, Request, Response
from scheduler import ledger
from scheduler.database import reading
from scheduler.delivery import State

START = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)  # a Monday, 10:00 in Beijing
LAST = START + timedelta(days=30)
MOST_STEPS = 4000
CALL_SECONDS = 0.05
TROUBLE = timedelta(seconds=1)
# A job that a platform took ends by itself; these are the waits after which to look at it.
JOBS_END = (timedelta(seconds=1), timedelta(seconds=420))


class Crash(BaseException):
    """The process ends here. No handler of the engine's takes it for a failure of something else."""


@dataclass(frozen=True)
class Sent:
    """A delivery of the story, with what was signed for it."""

    id: int
    account: str
    posts: tuple[Post, ...]


class World:
    """`play` brings a story to its end; then `sent`, `emulators` and the ledger tell what became of it."""

    def __init__(self, machine: Machine, story: Story) -> None:
        machine.empty()
        self.machine, self.story = machine, story
        self.now = START
        self.trace: list[tuple[datetime, str, str]] = []
        self.counts: Counter[Point] = Counter()
        self.restless = False  # it did not come to rest
        self.breaches: list[str] = []
        self._random = Random(story.seed)  # noqa: S311 - replayable, no secret
        self._acting: Process | None = None
        self._asleep: list[Process] = []
        self._steps = 0
        self._moments = sorted(
            {START + timedelta(seconds=e.nth) for e in story.events if e.at is Point.MOMENT}
        )
        self._due: defaultdict[tuple[Point, int], list[Event]] = defaultdict(list)
        for each in story.events:
            self._due[each.at, each.nth].append(each)
        self._late: list[tuple[datetime, str, Request]] = []
        self._next_wake: tuple[int, datetime | None] = (-1, None)
        self.emulators = office.platforms(story.cast, lambda: self.now, self._push)
        settings = office.settings(story, machine.folder)
        wire = Wire(self.deliver)

        def make(process: Process) -> Office:
            return Office(settings, lambda: self.now + process.skew, machine, wire)

        self.processes = [
            Process(f"process {number}", make, machine, self._random) for number in range(story.processes)
        ]
        self.sent = self._sign()

    # From the desk to rest

    def play(self) -> None:
        self.machine.watch = self
        self._run()
        if self.story.settled:
            self._let_a_person_settle()
            self._run()
        self.machine.watch = Unwatched()
        self.now += timedelta(hours=1)
        self._tick()

    def _sign(self) -> list[Sent]:
        house = self.processes[0].office
        sent = []
        with house.engine.begin() as connection:
            for number, item in enumerate(self.story.items):
                account = list(self.emulators)[item.account]
                posts = office.posts(number, item, partial(house.check, account))
                frozen = [ledger.freeze(connection, post, START) for post in posts]
                due_at, key = (
                    START + timedelta(seconds=item.after),
                    f"{self.story.seed:016x}{number:016x}"[-32:],
                )
                id_ = ledger.submit(
                    connection, account=account, posts=frozen, due_at=due_at, now=START, key=key
                )
                sent.append(Sent(id_, account, posts))
        return sent

    def _run(self, until: datetime = LAST) -> None:
        """One step after the other, in an order that the seed decides, until nothing is left to do."""
        while not self.restless:
            self._let_happen()
            steps = self._possible_steps()
            if steps:
                self._take(*self._random.choice(steps))
                continue
            moment = self._next_moment()
            if moment is None or moment > until:
                break
            self.now = max(self.now, moment)
        if until < LAST:
            self.now = max(self.now, until)

    def _possible_steps(self) -> list[tuple[Process, Step]]:
        wake = self._wake()
        steps: list[tuple[Process, Step]] = []
        for process in self.processes:
            if process in self._asleep:
                continue
            idle_until = process.idle_until()
            if idle_until is None:
                steps += [(process, step) for step in process.steps(wake)]
            elif idle_until <= self.now:
                steps.append((process, process.go_on))
        return steps

    def _take(self, process: Process, step: Step) -> None:
        self._steps += 1
        self.restless = self._steps > MOST_STEPS or self.now >= LAST
        before, self._acting = self._acting, process
        try:
            step()
        except Crash:
            pass
        except (SQLAlchemyError, RedisError) as error:
            self._tell(f"trouble: {type(error).__name__}")
            process.rests_until = self.now + TROUBLE
        finally:
            self._acting = before

    def _wake(self) -> datetime | None:
        """The ledger's next due time, asked again only after a commit."""
        commits = self.machine.commits
        if self._next_wake[0] != commits:
            watch, self.machine.watch = self.machine.watch, Unwatched()
            with reading(self.machine.engine) as connection:
                self._next_wake = (commits, ledger.next_wake(connection))
            self.machine.watch = watch
        return self._next_wake[1]

    def _next_moment(self) -> datetime | None:
        awake = [process for process in self.processes if process not in self._asleep]
        moments = [process.idle_until() for process in awake]
        wake = self._wake()
        moments += [wake - process.skew for process in awake if wake is not None]
        moments += self._moments[:1]
        moments += [at for at, _, _ in self._late]
        moments += [push.at for emulator in self.emulators.values() for push in emulator.outgoing]
        ahead = [moment for moment in moments if moment is not None and moment > self.now]
        return min(ahead, default=None)

    # What happens by itself

    def _let_happen(self) -> None:
        while self._moments and self._moments[0] <= self.now:
            moment = self._moments.pop(0)
            for event in self._due[Point.MOMENT, int((moment - START).total_seconds())]:
                self._tell(f"-- {event}")
                self._happen(event)
        self._arrive()
        self._tick()

    def _happen(self, event: Event) -> None:
        process = self.processes[event.nth % len(self.processes)]
        match event.word:
            case What.KILL:
                if process not in self._asleep:
                    process.die(self.now + timedelta(seconds=event.amount))
                    self.machine.let_go()
            case What.FLUSH:
                self.machine.flush()
            case What.CLOCK_JUMP:
                process.skew += timedelta(seconds=event.amount)
            case What.CANCEL:
                self._cancel(int(event.amount))
            case _:
                times = 1 if event.word in EVENT_FAULTS else None
                for emulator in self.emulators.values():
                    emulator.faults.append(FaultRule(Fault(event.word), times=times, seconds=event.amount))

    def _cancel(self, place: int) -> None:
        """A person takes back what has not gone out, as `gongbao delivery cancel` does."""
        if place >= len(self.sent):
            return
        watch, self.machine.watch = self.machine.watch, Unwatched()
        with reading(self.machine.engine) as connection:
            item = ledger.load(connection, self.sent[place].id)
        if item.state in (State.QUEUED, State.HELD, State.FAILED):
            ledger.record(self.machine.engine, item, item.cancelled("王芳取消"), self.now, "王芳")
        self.machine.watch = watch

    def _let_a_person_settle(self) -> None:
        """Somebody looks at the platform and says what is so of each delivery that waits for a person."""
        self.now += timedelta(minutes=30)
        self.machine.watch = Unwatched()
        for sent in self.sent:
            with reading(self.machine.engine) as connection:
                item = ledger.load(connection, sent.id)
            if item.state is State.UNCERTAIN and self.acts(sent):
                change = item.answered(office.seen(self.acts(sent)), self.now)
            elif item.state in (State.UNCERTAIN, State.HELD, State.FAILED):
                change = item.deferred(self.now, "王芳认定未发出")
            else:
                continue
            ledger.record(self.machine.engine, item, change, self.now, "王芳")
            self._tell(f"-- a person says of delivery {sent.id}: {change.state}")
        self.machine.watch = self

    def acts(self, sent: Sent) -> Sequence[str]:
        """By the platform's id of each act that shows one of these posts: once each, in order."""
        titles = {post.title for post in sent.posts}
        shown = self.emulators[sent.account].shown()
        return list(dict.fromkeys(each.act for each in shown if each.title in titles))

    # The platforms

    def deliver(self, account: str, request: Request, limit: float) -> Response:
        """A call on its way: the platform acts, or late, or not, and its answer comes, or not."""
        events = self._events(Point.CALL, request.path)
        self._crash(events, What.CRASH_BEFORE)
        emulator = self.emulators[account]
        rules = [rule for event in events if (rule := _rule(event, emulator)) is not None]
        words = {event.word for event in events}
        if What.NO_CONNECTION in words:
            raise requests.ConnectTimeout
        late = next((event for event in events if event.word == What.LATE), None)
        if late is not None:
            self.now += timedelta(seconds=limit)
            self._late.append((self.now + timedelta(seconds=late.amount), account, request))
            raise requests.ReadTimeout
        if request.path in emulator.acts:
            self._look_for_a_claim(account)
        self.now += timedelta(seconds=CALL_SECONDS)
        response = self._handled(emulator, rules, request)
        self._crash(events, What.CRASH_AFTER)
        if response.seconds >= limit:
            self.now += timedelta(seconds=limit)
            raise requests.ReadTimeout
        if response.dropped:
            raise requests.ConnectionError("dropped")
        return response

    def _look_for_a_claim(self, account: str) -> None:
        """What is sent must stand in the ledger as being sent, and one at a time."""
        watch, self.machine.watch = self.machine.watch, Unwatched()
        with reading(self.machine.engine) as connection:
            rows = ledger.listing(connection, [State.SENDING])
        self.machine.watch = watch
        sending = [row["id"] for row in rows if row["account"] == account]
        if len(sending) != 1:
            self.breaches.append(f"{account} was sent to while the ledger had {len(sending)} in hand")

    def _handled(self, emulator: Emulator, rules: list[FaultRule], request: Request) -> Response:
        emulator.faults[:0] = rules
        response = emulator.handle(request)
        for rule in rules:
            emulator.faults.remove(rule)
        if request.path in emulator.acts:
            self._moments = sorted({*self._moments, *(self.now + wait for wait in JOBS_END)})
        return response

    def _arrive(self) -> None:
        """What was long on its way reaches the platform; nobody waits for the answer."""
        arrived = [each for each in self._late if each[0] <= self.now]
        self._late = [each for each in self._late if each[0] > self.now]
        for _, account, request in arrived:
            self._tell(f"-- {account} gets {request.path} late")
            self._handled(self.emulators[account], [], request)

    def _tick(self) -> None:
        for emulator in self.emulators.values():
            emulator.tick()

    def _push(self, account: str, push: Outgoing) -> bytes | None:
        """To whichever process is there."""
        there = [
            process
            for process in self.processes
            if process.idle_until() is None and process not in self._asleep
        ]
        if not there:
            return None
        answers: list[bytes] = []
        process = self._random.choice(there)
        self._tell(f"-- {account} pushes to {process.name}")
        self._take(process, lambda: answers.append(process.receive(account, push)))
        return answers[0] if answers else None

    # The hand on every step

    def around(self, at: Point, label: str, act: Callable[[], Any]) -> Any:
        events = self._events(at, label)
        if not events:
            return act()
        words = {event.word for event in events}
        self._crash(events, What.CRASH_BEFORE)
        self._fail(words, What.DATABASE_BEFORE, What.REDIS_BEFORE)
        answer = act()
        self._crash(events, What.CRASH_AFTER)
        self._fail(words, What.DATABASE_AFTER, What.REDIS_AFTER)
        for event in events:
            if event.word == What.PAUSE:
                self._pause(timedelta(seconds=event.amount))
        return answer

    def _events(self, at: Point, label: str) -> list[Event]:
        self.counts[at] += 1
        nth = self.counts[at]
        events = self._due.get((at, nth), [])
        if at is not Point.BEGIN or events:
            self._tell(f"{at} {nth} {label}" if at is not Point.COMMIT else f"commit {nth}")
        for event in events:
            self._tell(f"-- {event}")
        return events

    def _crash(self, events: Sequence[Event], word: What) -> None:
        for event in events:
            if event.word == word and self._acting is not None:
                self.machine.let_go()
                self._acting.die(self.now + timedelta(seconds=event.amount))
                raise Crash

    def _fail(self, words: set[str], database: What, redis: What) -> None:
        if database in words:
            raise sqlite3.OperationalError("disk I/O error")
        if redis in words:
            self.machine.let_go()
            raise RedisGone("connection reset")

    def _pause(self, span: timedelta) -> None:
        """The acting process stands still in the middle of its step, and the world goes on without it."""
        process = self._acting
        if process is None or self._asleep or self.machine.locks():
            return  # who waits for a lock waits by the clock on the wall
        self._asleep.append(process)
        self._run(self.now + span)
        self._asleep.remove(process)
        self._tell(f"-- {process.name} goes on")

    def _tell(self, what: str) -> None:
        self.trace.append((self.now, self._acting.name if self._acting else "", what))


def _rule(event: Event, emulator: Emulator) -> FaultRule | None:
    if event.word in emulator.refusals:
        return FaultRule(Fault.ERRCODE, times=1, code=emulator.refusals[event.word])
    if event.word in set(Fault):
        return FaultRule(Fault(event.word), times=1, seconds=event.amount)
    return None
