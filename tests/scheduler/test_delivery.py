from datetime import timedelta
from itertools import product

import pytest

from channels.base import Found, NotThere, Receipt, Unknowable
from channels.errors import (
    AccountRefused,
    ChannelError,
    ContentRefused,
    Duplicate,
    Refused,
    Throttled,
    Unavailable,
    Uncertain,
)
from scheduler.delivery import TRANSITIONS, WORDS, Delivery, Event, State, Terms, WrongState
from tests.support import NOW

TERMS = Terms()
OUT = Receipt("1", published=True)
RUNNING = Receipt("1", published=False)


def a_delivery(state: State = State.SENDING, failures: int = 0, looks: int = 0) -> Delivery:
    return Delivery(1, "0" * 32, "town", state, NOW, 3, 1, failures, looks, NOW, None, TERMS)


def test_nothing_leads_from_sending_back_to_queued_but_a_sure_no() -> None:
    """The only way back to the queue is `defer`, which stands for surely not accepted."""
    back = {event for (_, event), state in TRANSITIONS.items() if state is State.QUEUED}
    assert back == {Event.DEFER}


@pytest.mark.parametrize(("state", "event"), list(product(State, Event)))
def test_every_event_in_every_state_moves_as_the_table_says_or_is_refused(state: State, event: Event) -> None:
    item = a_delivery(state)
    if (state, event) in TRANSITIONS:
        assert item._after(event).state is TRANSITIONS[state, event]
    else:
        with pytest.raises(WrongState, match="不能"):
            item._after(event)


def test_a_person_cannot_send_anew_what_a_worker_is_sending() -> None:
    with pytest.raises(WrongState, match=r"发送中.*不能改期重发"):
        a_delivery(State.SENDING).deferred(NOW, "张三重新发送")


def test_every_state_and_event_has_its_chinese_word() -> None:
    assert set(WORDS) == {*State, *Event}


LATER = NOW + timedelta(hours=5)


@pytest.mark.parametrize(
    ("error", "state", "wake_at"),
    [
        (Unavailable(), State.QUEUED, NOW + TERMS.back_off),
        (Throttled(LATER), State.QUEUED, LATER),
        (ContentRefused(), State.FAILED, None),
        (Refused(), State.FAILED, None),
        (AccountRefused(), State.QUEUED, NOW + TERMS.pause),
        (Duplicate(), State.UNCERTAIN, NOW),
        (Uncertain(), State.UNCERTAIN, NOW + TERMS.look_up_after[0]),
        (ChannelError(), State.UNCERTAIN, NOW + TERMS.look_up_after[0]),
        (KeyError("nobody foresaw it"), State.UNCERTAIN, NOW + TERMS.look_up_after[0]),
    ],
)
def test_only_what_was_surely_not_accepted_is_tried_again(
    error: Exception, state: State, wake_at: object
) -> None:
    change = a_delivery().refused(error, NOW)
    assert (change.state, change.wake_at) == (state, wake_at)


@pytest.mark.parametrize("state", [State.SENDING, State.UNCERTAIN, State.CONFIRMING])
def test_a_refusal_of_the_account_is_told_apart(state: State) -> None:
    error = AccountRefused("请更新授权。", "40001")
    item = a_delivery(state)
    change = (
        item.refused(error, NOW)
        if state is State.SENDING
        else item.not_looked_up(error, NOW)
        if state is State.UNCERTAIN
        else item.not_confirmed(error, NOW)
    )
    assert change.account_refused
    assert (change.code, change.sentence) == ("40001", "请更新授权。")


def test_an_account_rests_longer_with_each_refusal_in_a_row() -> None:
    minutes = [TERMS.rest(refusals) / timedelta(minutes=1) for refusals in (1, 2, 3, 4, 50)]
    assert minutes == [10, 30, 120, 120, 120]


def test_a_throttled_account_rests_till_then() -> None:
    until = NOW + timedelta(hours=3)
    change = a_delivery().refused(Throttled(until), NOW)
    assert (change.pause_until, change.account_refused) == (until, False)


def test_nothing_is_asked_before_the_platform_may_be_asked() -> None:
    until = NOW + timedelta(hours=3)
    assert a_delivery(State.UNCERTAIN).not_looked_up(Throttled(until), NOW).wake_at == until
    assert a_delivery(State.CONFIRMING).not_confirmed(Throttled(until), NOW).wake_at == until
    soon = a_delivery(State.UNCERTAIN).not_looked_up(Throttled(NOW), NOW).wake_at
    assert soon == NOW + timedelta(minutes=5)


def test_tries_back_off_and_end() -> None:
    waits = [a_delivery(failures=n).refused(Unavailable(), NOW).wake_at for n in range(TERMS.max_failures)]
    minutes = [(wait - NOW).total_seconds() / 60 for wait in waits if wait]
    assert minutes[:6] == [1, 2, 4, 8, 16, 30]
    assert waits[-1] is None


def test_not_there_is_believed_only_when_every_look_said_so() -> None:
    item, states = a_delivery(State.UNCERTAIN), []
    for looks in range(len(TERMS.look_up_after)):
        item = a_delivery(State.UNCERTAIN, looks=looks)
        states.append(item.looked_up(NotThere("没有找到。"), NOW).state)
    assert states == [State.UNCERTAIN, State.UNCERTAIN, State.QUEUED]


def test_what_was_never_begun_goes_back_at_once() -> None:
    change = a_delivery(State.UNCERTAIN).looked_up(NotThere("没有开始提交。", certain=True), NOW)
    assert (change.state, change.wake_at) == (State.QUEUED, NOW)


def test_found_is_published_and_found_running_is_confirmed() -> None:
    item = a_delivery(State.UNCERTAIN)
    assert item.looked_up(Found(OUT, "找到。"), NOW).state is State.PUBLISHED
    assert item.looked_up(Found(RUNNING, "找到。"), NOW).state is State.CONFIRMING


def test_what_cannot_be_known_waits_for_a_person() -> None:
    change = a_delivery(State.UNCERTAIN).looked_up(Unknowable("最近发得太多。"), NOW)
    assert (change.state, change.wake_at, change.sentence) == (State.UNCERTAIN, None, "最近发得太多。")


def test_a_failed_look_up_proves_nothing() -> None:
    change = a_delivery(State.UNCERTAIN, looks=2).not_looked_up(Unavailable(), NOW)
    assert (change.state, change.looks) == (State.UNCERTAIN, 2)


def test_an_accepted_job_that_stays_silent_becomes_uncertain() -> None:
    item = a_delivery(State.CONFIRMING)
    assert item.answered(RUNNING, NOW).state is State.CONFIRMING
    assert item.answered(RUNNING, NOW + TERMS.confirm_within * 2).state is State.UNCERTAIN


@pytest.mark.parametrize("error", [Unavailable(), Uncertain(), AccountRefused(), KeyError()])
def test_a_failed_question_does_not_end_a_job(error: Exception) -> None:
    assert a_delivery(State.CONFIRMING).not_confirmed(error, NOW).state is State.CONFIRMING


def test_a_refusal_ends_an_accepted_job() -> None:
    assert a_delivery(State.CONFIRMING).not_confirmed(ContentRefused(), NOW).state is State.FAILED


def test_a_lapsed_lease_is_doubt_not_another_try() -> None:
    assert a_delivery().lapsed(NOW).state is State.UNCERTAIN
