"""The life of a delivery, as a table and a few pure decisions.

    queued --claim--> sending --publish--> published --withdraw--> withdrawn
      |                 |--accept--> confirming --publish--> published
      |                 |                 |--reject--> failed,  --lose--> uncertain
      |                 |--defer---> queued      surely not accepted: later again
      |                 |--reject--> failed      refused, or out of attempts; a person may defer it
      |                 |--hold----> held        a last look before sending found something
      |                 `--lose----> uncertain   may be out: look up, never just send again
      |--hold--> held                            late or stopped: a person defers or cancels
      `--cancel--> cancelled

    uncertain: publish (found) | accept (found, still running) | defer (surely not there)
               | reject | cancel | wait (look again)

`answered` and `refused` are the only two ways out of a try, `looked_up` the only one out of doubt. An error
that nobody foresaw leads to *uncertain*, never to another try.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from channels.base import Finished, Found, LookedUp, NotThere, Receipt, Unknowable
from channels.errors import (
    AccountRefused,
    ChannelError,
    Duplicate,
    NotAccepted,
    Refused,
    Throttled,
)


class State(StrEnum):
    QUEUED = "queued"  # waits for its time, or for the account
    SENDING = "sending"  # a worker has it, until its lease ends
    CONFIRMING = "confirming"  # the platform took the job and has not told the outcome
    UNCERTAIN = "uncertain"  # may be out: being looked up, or waiting for a person
    HELD = "held"  # a person decides
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"
    FAILED = "failed"  # surely not out; the sentence says why
    CANCELLED = "cancelled"


class Event(StrEnum):
    SUBMIT = "submit"  # signed and queued
    CLAIM = "claim"
    ACCEPT = "accept"
    PUBLISH = "publish"
    DEFER = "defer"
    REJECT = "reject"
    LOSE = "lose"
    WAIT = "wait"  # looked, nothing new
    HOLD = "hold"
    CANCEL = "cancel"
    WITHDRAW = "withdraw"


TRANSITIONS: dict[tuple[State, Event], State] = {
    (State.QUEUED, Event.CLAIM): State.SENDING,
    (State.QUEUED, Event.HOLD): State.HELD,
    (State.QUEUED, Event.CANCEL): State.CANCELLED,
    (State.SENDING, Event.PUBLISH): State.PUBLISHED,
    (State.SENDING, Event.ACCEPT): State.CONFIRMING,
    (State.SENDING, Event.DEFER): State.QUEUED,
    (State.SENDING, Event.REJECT): State.FAILED,
    (State.SENDING, Event.HOLD): State.HELD,
    (State.SENDING, Event.LOSE): State.UNCERTAIN,
    (State.CONFIRMING, Event.PUBLISH): State.PUBLISHED,
    (State.CONFIRMING, Event.REJECT): State.FAILED,
    (State.CONFIRMING, Event.LOSE): State.UNCERTAIN,
    (State.CONFIRMING, Event.WAIT): State.CONFIRMING,
    (State.UNCERTAIN, Event.PUBLISH): State.PUBLISHED,
    (State.UNCERTAIN, Event.ACCEPT): State.CONFIRMING,
    (State.UNCERTAIN, Event.DEFER): State.QUEUED,
    (State.UNCERTAIN, Event.REJECT): State.FAILED,
    (State.UNCERTAIN, Event.CANCEL): State.CANCELLED,
    (State.UNCERTAIN, Event.WAIT): State.UNCERTAIN,
    (State.HELD, Event.DEFER): State.QUEUED,
    (State.HELD, Event.CANCEL): State.CANCELLED,
    (State.FAILED, Event.DEFER): State.QUEUED,
    (State.FAILED, Event.CANCEL): State.CANCELLED,
    (State.PUBLISHED, Event.PUBLISH): State.PUBLISHED,  # the platform tells more: addresses, counts
    (State.PUBLISHED, Event.WITHDRAW): State.WITHDRAWN,
}


class WrongState(Exception):
    """This event does not happen in this state; the message is for staff."""


@dataclass(frozen=True)
class Terms:
    """How patient we are. `look_up_after[0]` counts from the loss, each other from the look before it."""

    lease: timedelta = timedelta(minutes=3)
    put_again: timedelta = timedelta(minutes=1)  # what was put on the queue and not claimed by then
    confirm_after: tuple[timedelta, ...] = (
        timedelta(minutes=2),
        timedelta(minutes=10),
        timedelta(minutes=30),
    )
    confirm_within: timedelta = timedelta(hours=6)
    look_up_after: tuple[timedelta, ...] = (timedelta(minutes=1), timedelta(minutes=3), timedelta(minutes=10))
    back_off: timedelta = timedelta(minutes=1)
    back_off_at_most: timedelta = timedelta(minutes=30)
    pause: timedelta = timedelta(minutes=10)
    pause_again: tuple[timedelta, ...] = (timedelta(minutes=30), timedelta(hours=2))
    max_failures: int = 20

    def rest(self, refusals: int) -> timedelta:
        """How long an account rests that was refused so often in a row, this time included."""
        rests = (self.pause, *self.pause_again)
        return rests[min(refusals, len(rests)) - 1]


@dataclass(frozen=True)
class Change:
    """What an event does to a delivery; the ledger writes it as one row's update and one attempt."""

    event: Event
    state: State
    wake_at: datetime | None = (
        None  # when the clock looks at it next; None: only a person or the platform can
    )
    due_at: datetime | None = None  # a new time to go out
    failures: int = 0
    looks: int = 0
    receipt: Receipt | None = None
    code: str = ""
    sentence: str = ""
    pause_until: datetime | None = None  # the account rests
    account_refused: bool = False  # it rests the longer, the oftener this happens in a row


@dataclass(frozen=True)
class Delivery:
    """One or more posts to one account in one act. `version` changes with every event."""

    id: int
    key: str
    account: str
    state: State
    due_at: datetime
    version: int = 0
    attempt: int = 0  # how often it was claimed
    failures: int = 0  # tries in a row that surely did not reach the platform
    looks: int = 0  # look-ups in a row that did not find it
    since: datetime | None = None  # when it came into its state
    receipt: Receipt | None = None
    terms: Terms = field(default=Terms(), repr=False)

    def answered(self, receipt: Receipt, now: datetime) -> Change:
        """The platform answered a try, or a question about it."""
        if receipt.published:
            return self._after(Event.PUBLISH, receipt=receipt)
        if self.state is State.CONFIRMING:
            return self._still_running(receipt, now)
        return self._after(Event.ACCEPT, receipt=receipt, wake_at=now + self.terms.confirm_after[0])

    def refused(self, error: Exception, now: datetime) -> Change:
        """Where an error leaves a try. Only what was surely not accepted is tried again."""
        match error:
            case Throttled():
                return self._defer(error.until, error, pause_until=error.until)
            case AccountRefused():
                return self._defer(now + self.terms.pause, error)
            case NotAccepted() if self.failures + 1 < self.terms.max_failures:
                return self._defer(now + self._back_off(), error, failures=self.failures + 1)
            case Refused() | NotAccepted():
                return self._after(Event.REJECT, error)
            case Duplicate():
                return self._after(Event.LOSE, error, wake_at=now)
            case _:
                return self._after(Event.LOSE, error, wake_at=now + self.terms.look_up_after[0])

    def not_confirmed(self, error: Exception, now: datetime) -> Change:
        """Asking after an accepted job failed: only a clear refusal ends it."""
        if isinstance(error, Refused) and not isinstance(error, AccountRefused):
            return self._after(Event.REJECT, error)
        return self._still_running(self.receipt, now, error)

    def looked_up(self, found: LookedUp, now: datetime) -> Change:
        """What reading the platform back settles. "Not there" is believed when every look said so."""
        match found:
            case Found(receipt, evidence) if receipt.published:
                return self._after(Event.PUBLISH, receipt=receipt, sentence=evidence)
            case Found(receipt, evidence):
                later = now + self.terms.confirm_after[0]
                return self._after(Event.ACCEPT, receipt=receipt, sentence=evidence, wake_at=later)
            case NotThere(evidence, certain):
                looks = self.looks + 1
                if certain or looks >= len(self.terms.look_up_after):
                    return self._after(Event.DEFER, sentence=evidence, wake_at=now)
                later = now + self.terms.look_up_after[looks]
                return self._after(Event.WAIT, looks=looks, sentence=evidence, wake_at=later)
            case Unknowable(evidence):
                return self._after(Event.WAIT, looks=self.looks, sentence=evidence)

    def not_looked_up(self, error: Exception, now: datetime) -> Change:
        """The look-up itself failed, which says nothing about the post: look again, as long as it takes."""
        later = now + self.terms.back_off_at_most / 6
        if isinstance(error, Throttled):
            later = max(later, error.until)
        return self._after(Event.WAIT, error, looks=self.looks, wake_at=later)

    def finished(self, finish: Finished, now: datetime) -> Change:
        """The platform told the outcome by itself."""
        if finish.receipt is not None:
            return self.answered(finish.receipt, now)
        return self._after(Event.REJECT, finish.error)

    def lapsed(self, now: datetime) -> Change:
        """The lease ended without a word: the worker is gone, and with it what it knew."""
        return self._after(Event.LOSE, wake_at=now, sentence="发送途中程序中断，正在查对是否已发出。")

    def claimed(self, now: datetime) -> Change:
        return self._after(Event.CLAIM, wake_at=now + self.terms.lease, failures=self.failures)

    def held(self, sentence: str) -> Change:
        return self._after(Event.HOLD, sentence=sentence)

    def deferred(self, due_at: datetime, sentence: str) -> Change:
        """A person sends it (again) at `due_at`. Not while a worker does: then it might go out twice."""
        if self.state is State.SENDING:
            raise self._wrong(Event.DEFER)
        return self._after(Event.DEFER, wake_at=due_at, due_at=due_at, sentence=sentence)

    def cancelled(self, sentence: str) -> Change:
        return self._after(Event.CANCEL, sentence=sentence)

    def withdrawn(self, sentence: str) -> Change:
        return self._after(Event.WITHDRAW, sentence=sentence)

    def _defer(
        self, until: datetime, error: ChannelError, failures: int = 0, pause_until: datetime | None = None
    ) -> Change:
        return self._after(Event.DEFER, error, wake_at=until, failures=failures, pause_until=pause_until)

    def _back_off(self) -> timedelta:
        return min(self.terms.back_off * (1 << self.failures), self.terms.back_off_at_most)

    def _still_running(
        self, receipt: Receipt | None, now: datetime, error: Exception | None = None
    ) -> Change:
        if self.since is not None and now - self.since > self.terms.confirm_within:
            return self._after(Event.LOSE, error, wake_at=now, sentence="平台受理后一直没有结果，正在查对。")
        looks = self.looks + 1
        later = now + self.terms.confirm_after[min(looks, len(self.terms.confirm_after) - 1)]
        if isinstance(error, Throttled):
            later = max(later, error.until)
        return self._after(Event.WAIT, error, receipt=receipt, looks=looks, wake_at=later)

    def _wrong(self, event: Event) -> WrongState:
        return WrongState(f"投递 {self.id} 现在是“{WORDS[self.state]}”，不能{WORDS[event]}。")

    def _after(
        self,
        event: Event,
        error: Exception | None = None,
        *,
        wake_at: datetime | None = None,
        due_at: datetime | None = None,
        failures: int = 0,
        looks: int = 0,
        receipt: Receipt | None = None,
        sentence: str = "",
        pause_until: datetime | None = None,
    ) -> Change:
        state = TRANSITIONS.get((self.state, event))
        if state is None:
            raise self._wrong(event)
        known = error if isinstance(error, ChannelError) else None
        code = known.code if known else type(error).__name__ if error else ""
        words = known.sentence if known else ChannelError.default if error else ""
        return Change(
            event,
            state,
            wake_at,
            due_at,
            failures,
            looks,
            receipt,
            code,
            sentence or words,
            pause_until,
            isinstance(error, AccountRefused),
        )


WORDS: dict[State | Event, str] = {
    State.QUEUED: "待发",
    State.SENDING: "发送中",
    State.CONFIRMING: "待平台确认",
    State.UNCERTAIN: "结果待确认",
    State.HELD: "已暂缓",
    State.PUBLISHED: "已发布",
    State.WITHDRAWN: "已撤回",
    State.FAILED: "未发出",
    State.CANCELLED: "已取消",
    Event.SUBMIT: "入队",
    Event.CLAIM: "领取",
    Event.ACCEPT: "受理",
    Event.PUBLISH: "发布",
    Event.DEFER: "改期重发",
    Event.REJECT: "退回",
    Event.LOSE: "转为待查对",
    Event.WAIT: "继续等待",
    Event.HOLD: "暂缓",
    Event.CANCEL: "取消",
    Event.WITHDRAW: "撤回",
}
