"""The life of a withdrawal, as a table and a few pure decisions.

    asked --confirm--> confirmed --claim--> withdrawing --withdraw--> withdrawn
      |                  |  |  |               |--defer---> confirmed    surely not done: later again
      `--drop--> dropped |  |  |               |--reject--> impossible   a person takes it down by hand
                         |  |  |               `--lose----> uncertain    may be gone: read back, never assume
                         |  |  `--cancel--> cancelled                    not out; the delivery is cancelled
                         |  `--reject--> impossible                      the account is not ours any more
                         `--drop--> dropped

    uncertain: withdraw (gone) | defer (still there) | wait (look again, or a person looks)
    confirmed, uncertain, impossible: withdraw (by hand, on a person's word)
    impossible: defer | drop

One person asks, another confirms. A withdrawal takes down one post of one delivery; nothing but the
platform's clear answer, a look that finds it gone, or a person's word counts as done.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from channels.base import Found, LookedUp, NotThere, Unknowable
from channels.errors import (
    AccountRefused,
    ChannelError,
    Duplicate,
    NotAccepted,
    Refused,
    Throttled,
    Uncertain,
)
from scheduler.delivery import Terms, WrongState


class State(StrEnum):
    ASKED = "asked"  # waits for the second person
    CONFIRMED = "confirmed"  # to be done as soon as it can be
    WITHDRAWING = "withdrawing"  # a worker has it, until its lease ends
    UNCERTAIN = "uncertain"  # may be gone: being looked at, or waiting for a person
    IMPOSSIBLE = "impossible"  # not by this program; the sentence says what to do
    WITHDRAWN = "withdrawn"
    CANCELLED = "cancelled"  # was never out
    DROPPED = "dropped"  # stays where it is


class Event(StrEnum):
    ASK = "ask"
    CONFIRM = "confirm"
    CLAIM = "claim"
    WITHDRAW = "withdraw"
    DEFER = "defer"
    REJECT = "reject"
    LOSE = "lose"
    WAIT = "wait"
    CANCEL = "cancel"
    DROP = "drop"


TRANSITIONS: dict[tuple[State, Event], State] = {
    (State.ASKED, Event.CONFIRM): State.CONFIRMED,
    (State.ASKED, Event.DROP): State.DROPPED,
    (State.CONFIRMED, Event.CLAIM): State.WITHDRAWING,
    (State.CONFIRMED, Event.CANCEL): State.CANCELLED,
    (State.CONFIRMED, Event.REJECT): State.IMPOSSIBLE,
    (State.CONFIRMED, Event.WITHDRAW): State.WITHDRAWN,
    (State.CONFIRMED, Event.DROP): State.DROPPED,
    (State.WITHDRAWING, Event.WITHDRAW): State.WITHDRAWN,
    (State.WITHDRAWING, Event.DEFER): State.CONFIRMED,
    (State.WITHDRAWING, Event.REJECT): State.IMPOSSIBLE,
    (State.WITHDRAWING, Event.LOSE): State.UNCERTAIN,
    (State.UNCERTAIN, Event.WITHDRAW): State.WITHDRAWN,
    (State.UNCERTAIN, Event.DEFER): State.CONFIRMED,
    (State.UNCERTAIN, Event.REJECT): State.IMPOSSIBLE,
    (State.UNCERTAIN, Event.WAIT): State.UNCERTAIN,
    (State.IMPOSSIBLE, Event.WITHDRAW): State.WITHDRAWN,
    (State.IMPOSSIBLE, Event.DEFER): State.CONFIRMED,
    (State.IMPOSSIBLE, Event.DROP): State.DROPPED,
}

AHEAD = (State.ASKED, State.CONFIRMED)  # what is not out yet must not go out meanwhile


class SamePerson(WrongState):
    """Who asks for a withdrawal does not confirm it; the message is for staff."""


@dataclass(frozen=True)
class Change:
    """What an event does to a withdrawal; one row's update and one step of its history."""

    event: Event
    state: State
    wake_at: datetime | None = None  # when the clock looks at it next; None: only a person can
    failures: int = 0
    code: str = ""
    sentence: str = ""
    confirmed_by: str = ""


@dataclass(frozen=True)
class Withdrawal:
    """One post of one delivery; `position` counts from 0. `version` changes with every event."""

    id: int
    delivery_id: int
    position: int
    account: str
    state: State
    asked_by: str
    reason: str
    confirmed_by: str = ""
    version: int = 0
    failures: int = 0  # tries in a row that did not take it down
    since: datetime | None = None  # when it came into its state
    terms: Terms = field(default=Terms(), repr=False)

    def confirmed(self, who: str, now: datetime) -> Change:
        """The second person agrees."""
        if self.state is State.ASKED and who == self.asked_by:
            raise SamePerson(f"撤回 {self.id} 是{who}申请的，同一人不能自己同意，请换人办理。")
        change = self._after(Event.CONFIRM, wake_at=now, sentence=f"{who}同意撤回。")
        return replace(change, confirmed_by=who)

    def dropped(self, who: str, reason: str) -> Change:
        return self._after(Event.DROP, sentence=f"{who}决定不撤回：{reason}")

    def claimed(self, now: datetime) -> Change:
        return self._after(Event.CLAIM, wake_at=now + self.terms.lease, failures=self.failures)

    def answered(self) -> Change:
        """The platform said that it is done."""
        return self._after(Event.WITHDRAW, sentence="平台答复已撤回。")

    def refused(self, error: Exception, now: datetime) -> Change:
        """Where an error leaves a try. Only what surely had no effect is tried again unseen."""
        match error:
            case Throttled():
                return self._after(Event.DEFER, error, wake_at=error.until, failures=self.failures)
            case AccountRefused():
                return self._again(now + self.terms.pause, error)
            case NotAccepted():
                return self._again(now + self.terms.back_off, error)
            case Refused():
                return self._after(Event.REJECT, error)
            case Duplicate():
                return self._after(Event.LOSE, error, wake_at=now, failures=self.failures)
            case _:
                later = now + self.terms.look_up_after[0]
                return self._after(Event.LOSE, error, wake_at=later, failures=self.failures)

    def looked_at(self, found: LookedUp, now: datetime) -> Change:
        """What reading the platform back settles. Still there: taking it down once more does no harm."""
        match found:
            case NotThere(evidence):
                return self._after(Event.WITHDRAW, sentence=evidence)
            case Found(_, evidence):
                return self._again(now + self.terms.look_up_after[0], sentence=evidence)
            case Unknowable(evidence):
                return self._after(Event.WAIT, sentence=evidence)

    def not_looked_at(self, error: Exception, now: datetime) -> Change:
        """The look itself failed, which says nothing: look again, as long as it takes."""
        later = now + self.terms.back_off_at_most / 6
        return self._after(Event.WAIT, error, wake_at=later, failures=self.failures)

    def lapsed(self, now: datetime) -> Change:
        """The lease ended without a word: the worker is gone, and with it what it knew."""
        sentence = "撤回途中程序中断，正在查对是否已撤回。"
        return self._after(Event.LOSE, wake_at=now, failures=self.failures, sentence=sentence)

    def cancelled(self, sentence: str) -> Change:
        return self._after(Event.CANCEL, sentence=sentence)

    def rejected(self, sentence: str) -> Change:
        return self._after(Event.REJECT, sentence=sentence)

    def done_by_hand(self, who: str, reason: str) -> Change:
        """A person took it down, or saw that it is gone."""
        return self._after(Event.WITHDRAW, sentence=f"{who}认定已撤回：{reason}")

    def tried_again(self, who: str, reason: str, now: datetime) -> Change:
        return self._after(Event.DEFER, wake_at=now, sentence=f"{who}要求再撤一次：{reason}")

    def _again(self, later: datetime, error: ChannelError | None = None, sentence: str = "") -> Change:
        if self.failures + 1 >= self.terms.max_failures:
            return self._after(Event.REJECT, error, sentence=sentence)
        return self._after(Event.DEFER, error, wake_at=later, failures=self.failures + 1, sentence=sentence)

    def _after(
        self,
        event: Event,
        error: Exception | None = None,
        *,
        wake_at: datetime | None = None,
        failures: int = 0,
        sentence: str = "",
    ) -> Change:
        state = TRANSITIONS.get((self.state, event))
        if state is None:
            raise WrongState(f"撤回 {self.id} 现在是“{WORDS[self.state]}”，不能{WORDS[event]}。")
        known = error if isinstance(error, ChannelError) else None
        code = known.code if known else type(error).__name__ if error else ""
        return Change(event, state, wake_at, failures, code, sentence or _said(error))


def _said(error: Exception | None) -> str:
    """What staff read; the words for an unknown outcome speak of sending elsewhere."""
    if isinstance(error, ChannelError) and not isinstance(error, Uncertain | Duplicate):
        return error.sentence
    return "没有收到平台的明确答复，正在查对是否已撤回。" if error else ""


WORDS: dict[State | Event, str] = {
    State.ASKED: "待同意",
    State.CONFIRMED: "待撤回",
    State.WITHDRAWING: "撤回中",
    State.UNCERTAIN: "撤回结果待确认",
    State.IMPOSSIBLE: "需人工撤回",
    State.WITHDRAWN: "已撤回",
    State.CANCELLED: "未发出，已取消",
    State.DROPPED: "不撤回",
    Event.ASK: "申请撤回",
    Event.CONFIRM: "同意",
    Event.CLAIM: "领取",
    Event.WITHDRAW: "撤回",
    Event.DEFER: "再次撤回",
    Event.REJECT: "转为人工撤回",
    Event.LOSE: "转为待查对",
    Event.WAIT: "继续等待",
    Event.CANCEL: "取消",
    Event.DROP: "不撤回",
}
