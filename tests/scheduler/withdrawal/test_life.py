from datetime import timedelta
from itertools import product

import pytest

from channels.base import Found, NotThere, Receipt, Unknowable
from channels.errors import (
    AccountRefused,
    Duplicate,
    Refused,
    Throttled,
    Unavailable,
    Uncertain,
)
from scheduler.delivery import Terms, WrongState
from scheduler.withdrawal.life import TRANSITIONS, WORDS, Event, SamePerson, State, Withdrawal
from tests.support import NOW

OVER = (State.WITHDRAWN, State.CANCELLED, State.DROPPED)


def a_withdrawal(state: State = State.WITHDRAWING, failures: int = 0) -> Withdrawal:
    return Withdrawal(7, 3, 0, "town", state, "张三", "内容有误", failures=failures)


VERBS = {
    Event.CONFIRM: lambda item: item.confirmed("李四", NOW),
    Event.DROP: lambda item: item.dropped("李四", "不用撤"),
    Event.CLAIM: lambda item: item.claimed(NOW),
    Event.CANCEL: lambda item: item.cancelled("还没有发出。"),
    Event.REJECT: lambda item: item.rejected("账号不在了。"),
    Event.WITHDRAW: lambda item: item.done_by_hand("李四", "已删除"),
    Event.DEFER: lambda item: item.tried_again("李四", "还在", NOW),
    Event.LOSE: lambda item: item.lapsed(NOW),
    Event.WAIT: lambda item: item.looked_at(Unknowable("看不到。"), NOW),
}


@pytest.mark.parametrize(("state", "event"), list(product(State, VERBS)))
def test_every_event_happens_where_the_table_says_and_nowhere_else(state: State, event: Event) -> None:
    target = TRANSITIONS.get((state, event))
    if target is None:
        with pytest.raises(WrongState, match=f"撤回 7 现在是“{WORDS[state]}”"):
            VERBS[event](a_withdrawal(state))
    else:
        assert VERBS[event](a_withdrawal(state)).state is target


@pytest.mark.parametrize("state", [state for state in State if state not in OVER])
def test_every_state_has_a_way_to_an_end(state: State) -> None:
    reached = {state}
    for _ in State:
        reached |= {target for (source, _), target in TRANSITIONS.items() if source in reached}
    assert State.WITHDRAWN in reached


@pytest.mark.parametrize("state", OVER)
def test_an_end_is_an_end(state: State) -> None:
    assert not [source for source, _ in TRANSITIONS if source is state]


def test_staff_have_a_word_for_everything() -> None:
    assert {*State, *Event} == set(WORDS)


def test_who_asked_does_not_confirm() -> None:
    with pytest.raises(SamePerson, match="张三申请的，同一人不能自己同意"):
        a_withdrawal(State.ASKED).confirmed("张三", NOW)


@pytest.mark.parametrize(
    ("error", "state", "later"),
    [
        (Throttled(NOW + timedelta(hours=5)), State.CONFIRMED, timedelta(hours=5)),
        (AccountRefused(), State.CONFIRMED, Terms().pause),
        (Unavailable(), State.CONFIRMED, Terms().back_off),
        (Refused(), State.IMPOSSIBLE, None),
        (Duplicate(), State.UNCERTAIN, timedelta(0)),
        (Uncertain(), State.UNCERTAIN, Terms().look_up_after[0]),
        (ZeroDivisionError(), State.UNCERTAIN, Terms().look_up_after[0]),
    ],
)
def test_only_what_surely_had_no_effect_is_tried_again(
    error: Exception, state: State, later: timedelta | None
) -> None:
    change = a_withdrawal().refused(error, NOW)
    assert change.state is state
    assert change.wake_at == (None if later is None else NOW + later)
    assert change.sentence


@pytest.mark.parametrize("error", [Unavailable(), AccountRefused()])
def test_what_fails_too_often_is_for_a_person(error: Exception) -> None:
    change = a_withdrawal(failures=Terms().max_failures - 1).refused(error, NOW)
    assert (change.state, change.wake_at) == (State.IMPOSSIBLE, None)


def test_a_lost_answer_does_not_speak_of_sending() -> None:
    assert "发送" not in a_withdrawal().refused(Uncertain(), NOW).sentence


@pytest.mark.parametrize(
    ("found", "state"),
    [
        (NotThere("已不存在。"), State.WITHDRAWN),
        (Found(Receipt("1", True), "还在。"), State.CONFIRMED),
        (Unknowable("看不到。"), State.UNCERTAIN),
    ],
)
def test_a_look_keeps_its_evidence(found: Found | NotThere | Unknowable, state: State) -> None:
    change = a_withdrawal(State.UNCERTAIN).looked_at(found, NOW)
    assert (change.state, change.sentence) == (state, found.evidence)


def test_what_nobody_can_see_waits_for_a_person() -> None:
    assert a_withdrawal(State.UNCERTAIN).looked_at(Unknowable("看不到。"), NOW).wake_at is None


def test_a_look_that_failed_is_made_again() -> None:
    change = a_withdrawal(State.UNCERTAIN).not_looked_at(Unavailable(), NOW)
    assert change.state is State.UNCERTAIN
    assert change.wake_at is not None
    assert change.wake_at > NOW
