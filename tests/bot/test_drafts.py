"""The life of a draft: every state with every act, and no way to the signature around the chain."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.drafts import PASSING, TRANSITIONS, WORDS, Act, Draft, State, begun
from bot.errors import RuleBroken

STEPS = ("经办人", "政务公开办", "分管领导")
PEOPLE = ("甲", "乙", "丙", "丁")


def at(state: State, *passed: str, steps: tuple[str, ...] = STEPS) -> Draft:
    return Draft(7, state, steps, 1, frozenset({"甲"}), passed)


def reach(state: State) -> Draft:
    """A draft that came into this state by the usual chain."""
    passed = {State.SUBMITTED: ("甲",), State.REVIEWED: ("甲", "乙"), State.SIGNED: ("甲", "乙", "丙")}
    return at(state, *passed.get(state, ()))


def actor(act: Act) -> str:
    return {Act.REVIEW: "乙", Act.SEND_BACK: "乙", Act.SIGN: "丙"}.get(act, "甲")


@pytest.mark.parametrize(("state", "act"), list(product(State, Act)))
def test_each_act_does_what_the_table_says_or_is_refused(state: State, act: Act) -> None:
    draft = reach(state)
    allowed = (state, act) in TRANSITIONS and (act not in PASSING or act is draft.due)
    if allowed:
        assert draft.after(act, actor(act), 1, "请补充联系电话").state is TRANSITIONS[state, act]
    else:
        with pytest.raises(RuleBroken, match=WORDS[state]):
            draft.after(act, actor(act), 1, "请补充联系电话")


def test_the_usual_chain_ends_signed_by_three_people() -> None:
    draft = begun(1, STEPS, "甲")
    for act, who in ((Act.SUBMIT, "甲"), (Act.REVIEW, "乙"), (Act.SIGN, "丙")):
        draft = draft.after(act, who, 1)
    assert (draft.state, draft.passed, draft.due) == (State.SIGNED, ("甲", "乙", "丙"), None)


@pytest.mark.parametrize("length", range(1, 6))
def test_a_chain_of_any_length_takes_as_many_people(length: int) -> None:
    steps = tuple(f"第{number}步" for number in range(length))
    draft = begun(1, steps, "人0")
    for number in range(length):
        assert draft.step == steps[number]
        assert draft.due is not None
        draft = draft.after(draft.due, f"人{number}", 1)
    assert draft.state is State.SIGNED


@pytest.mark.parametrize(("state", "act"), [(State.SUBMITTED, Act.REVIEW), (State.REVIEWED, Act.SIGN)])
def test_the_writer_cannot_pass_their_own_item(state: State, act: Act) -> None:
    with pytest.raises(RuleBroken, match="甲是稿件 7 的经办人"):
        reach(state).after(act, "甲", 1)


def test_who_submitted_for_another_cannot_review() -> None:
    with pytest.raises(RuleBroken, match="不能自己审核"):
        at(State.SUBMITTED, "丁").after(Act.REVIEW, "丁", 1)


def test_the_reviewer_cannot_sign() -> None:
    with pytest.raises(RuleBroken, match="乙已办过"):
        reach(State.REVIEWED).after(Act.SIGN, "乙", 1)


def test_a_return_needs_a_reason() -> None:
    with pytest.raises(RuleBroken, match="理由"):
        reach(State.SUBMITTED).after(Act.SEND_BACK, "乙", 1, "  ")


def test_a_version_changed_meanwhile_is_not_passed() -> None:
    with pytest.raises(RuleBroken, match=r"第 1 版.*您看的是第 2 版"):
        reach(State.SUBMITTED).after(Act.REVIEW, "乙", 2)


def test_an_act_without_a_name_is_refused() -> None:
    with pytest.raises(RuleBroken, match="姓名"):
        begun(1, STEPS, "甲").after(Act.SUBMIT, " ", 1)


def test_the_writer_withdraws_and_cannot_return() -> None:
    assert reach(State.REVIEWED).after(Act.WITHDRAW, "甲", 1).state is State.WITHDRAWN
    with pytest.raises(RuleBroken, match="不能自己退回"):
        reach(State.REVIEWED).after(Act.SEND_BACK, "甲", 1, "写错了")


def test_only_the_drafter_withdraws() -> None:
    with pytest.raises(RuleBroken, match="审核的人请用“退回”"):
        reach(State.SUBMITTED).after(Act.WITHDRAW, "乙", 1)


def test_after_a_return_the_chain_begins_anew_and_the_same_reviewer_may_go_on() -> None:
    draft = reach(State.SUBMITTED).after(Act.SEND_BACK, "乙", 1, "请补充联系电话")
    draft = draft.after(Act.REVISE, "甲", 1).after(Act.SUBMIT, "甲", 2)
    assert draft.after(Act.REVIEW, "乙", 2).state is State.REVIEWED


def test_who_revised_an_item_may_no_longer_review_it() -> None:
    draft = reach(State.SUBMITTED).after(Act.SEND_BACK, "乙", 1, "请补充联系电话")
    draft = draft.after(Act.REVISE, "乙", 1).after(Act.SUBMIT, "甲", 2)
    with pytest.raises(RuleBroken, match="乙是稿件 7 的经办人"):
        draft.after(Act.REVIEW, "乙", 2)


acts = st.tuples(st.sampled_from(Act), st.sampled_from(PEOPLE), st.integers(1, 3))


@given(st.integers(2, 4), st.lists(acts, max_size=30))
def test_no_sequence_of_acts_reaches_the_signature_around_the_chain(
    length: int, sequence: list[tuple[Act, str, int]]
) -> None:
    draft = begun(1, tuple(f"第{number}步" for number in range(length)), "甲")
    for act, who, version in sequence:
        try:
            draft = draft.after(act, who, version, "理由")
        except RuleBroken:
            continue
        assert len(set(draft.passed)) == len(draft.passed) <= length
        assert not draft.writers & set(draft.passed[1:])
        if draft.state is State.SIGNED:
            assert len(draft.passed) == length
