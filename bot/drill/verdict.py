"""Was the promise kept? What the platforms show is compared with what was signed and what the ledger says."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.drill.office import normal
from bot.drill.story import Story
from bot.drill.world import Sent, World
from channels.base import Post
from channels.emulator import Shown
from scheduler import ledger
from scheduler.database import reading
from scheduler.delivery import TRANSITIONS, Event, State
from scheduler.ledger.values import Row

A_PERSON_SEES = {State.HELD, State.FAILED, State.UNCERTAIN}
SURELY_NOT_OUT = {State.HELD, State.FAILED, State.CANCELLED}


@dataclass(frozen=True)
class Verdict:
    """`complaints` is empty if the promise was kept."""

    story: Story
    states: Counter[State]
    complaints: tuple[str, ...]
    trace: tuple[str, ...]


def judge(world: World, *, traced: bool = False) -> Verdict:
    """`traced`: with all its steps, even if nothing is wrong."""
    with reading(world.machine.engine) as connection:
        rows = {row["id"]: row for row in ledger.listing(connection)}
        histories = {sent.id: ledger.history(connection, sent.id) for sent in world.sent}
    found = ["the world did not come to rest"] if world.restless else []
    found += world.breaches
    for sent in world.sent:
        row, shown = rows[sent.id], world.emulators[sent.account].shown()
        ours = [each for each in shown if each.title in {post.title for post in sent.posts}]
        complaints = [
            *_count(row, world.acts(sent)),
            *_content(sent, ours),
            *_history(row, histories[sent.id]),
        ]
        found += [f"delivery {sent.id} ({row['state']}): {complaint}" for complaint in complaints]
    if not world.story.events:
        found += _all_out(list(rows.values()))
        found += _order(world)
    states = Counter(State(row["state"]) for row in rows.values())
    return Verdict(world.story, states, tuple(found), tuple(_lines(world)) if found or traced else ())


def _count(row: Row, acts: Sequence[str]) -> Iterator[str]:
    """Out once; or not out, and somebody knows why."""
    state = State(row["state"])
    if len(acts) > 1:
        yield f"out {len(acts)} times"
    if state is State.PUBLISHED and not acts:
        yield "called published, and not out"
    if state in SURELY_NOT_OUT and acts:
        yield "called not out, and out"
    if state not in {State.PUBLISHED, State.CANCELLED, *A_PERSON_SEES}:
        yield "left behind"
    if state in A_PERSON_SEES and not row["sentence"]:
        yield "nobody is told why"
    if row["wake_at"] is not None:
        yield "settled, and still to be looked at"


def _content(sent: Sent, ours: Sequence[Shown]) -> Iterator[str]:
    """What followers see is what was signed, all of it, in its order."""
    if not ours:
        return
    first = [each for each in ours if each.act == ours[0].act]
    if [each.title for each in first] != [post.title for post in sent.posts]:
        yield f"shown as {'、'.join(each.title for each in first)}"
        return
    for each, post in zip(first, sent.posts, strict=True):
        if normal(each.text) not in _words(post):
            yield f"its text is changed: {each.text}"


def _words(post: Post) -> set[str]:
    return {normal(post.text), normal(post.short), normal(post.digest)}


def _history(row: Row, history: Sequence[Row]) -> Iterator[str]:
    """The attempts lead, one allowed event after the other, to the state."""
    state, number = State.QUEUED, 0
    for attempt in history[1:]:
        if attempt["number"] != number:  # that is all that a claim leaves in the history
            if state is not State.QUEUED:
                yield f"claimed while {state}"
            state, number = State.SENDING, attempt["number"]
        if (state, attempt["event"], attempt["code"]) == (State.SENDING, Event.DEFER, ""):
            yield "sent again though nobody said that it was not out"
        after = TRANSITIONS.get((state, Event(attempt["event"])))
        if after != State(attempt["state"]):
            yield f"its history has {attempt['event']} after {state}"
        state = State(attempt["state"])
    if state != State(row["state"]):
        yield f"its history ends as {state}"


def _all_out(rows: Sequence[Row]) -> Iterator[str]:
    return (
        f"delivery {row['id']} is not out, though nothing went wrong"
        for row in rows
        if row["state"] != State.PUBLISHED
    )


def _order(world: World) -> Iterator[str]:
    """Where nothing went wrong, each account's posts come out in the order in which they were due."""
    for account, emulator in world.emulators.items():
        wanted = sorted(
            (world.story.items[place].after, sent.id, sent.posts[0].title)
            for place, sent in enumerate(world.sent)
            if sent.account == account
        )
        titles = [title for _, _, title in wanted]
        came = [each.title for each in emulator.shown() if each.title in titles]
        if came != titles:
            yield f"{account} shows {'、'.join(came)} in this order"


def _lines(world: World) -> Iterator[str]:
    for at, who, what in world.trace:
        seconds = (at - world.trace[0][0]).total_seconds()
        yield f"{seconds:10.2f}  {who:<10} {what}"
