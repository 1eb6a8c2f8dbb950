import pytest

from bot.drafts import Act, begun
from bot.people import Grant, NotAllowed, Person, Role, acts_open, want_right

DRAFT = begun(1, ["经办人", "政务公开办", "分管领导"], "王芳")
SUBMITTED = DRAFT.after(Act.SUBMIT, "王芳", 1)
REVIEWED = SUBMITTED.after(Act.REVIEW, "李明", 1)


def person(name: str, *grants: Grant) -> Person:
    return Person(1, name, frozenset(grants))


@pytest.mark.parametrize(
    ("role", "draft", "acts"),
    [
        (Role.DRAFTER, DRAFT, {Act.REVISE, Act.SUBMIT, Act.DISCARD}),
        (Role.CONTRIBUTOR, DRAFT, set()),
        (Role.REVIEWER, DRAFT, set()),
        (Role.REVIEWER, SUBMITTED, {Act.REVIEW, Act.SEND_BACK}),
        (Role.LEADER, SUBMITTED, {Act.SEND_BACK}),
        (Role.REVIEWER, REVIEWED, {Act.SEND_BACK}),
        (Role.LEADER, REVIEWED, {Act.SIGN, Act.SEND_BACK}),
        (Role.ADMINISTRATOR, REVIEWED, set()),
        (Role.AUDITOR, REVIEWED, set()),
        (Role.REPLIER, REVIEWED, set()),
    ],
)
def test_each_role_acts_at_its_own_step(role: Role, draft: object, acts: set[Act]) -> None:
    who = "王芳" if role is Role.DRAFTER else "陈静"
    assert set(acts_open(person(who, Grant(role)), draft, "党政办")) == acts  # type: ignore[arg-type]


def test_a_role_for_one_unit_ends_at_its_border() -> None:
    reviewer = person("李明", Grant(Role.REVIEWER, "党政办"))
    want_right(reviewer, Act.REVIEW, SUBMITTED, "党政办")
    with pytest.raises(NotAllowed, match="“财政所”的审核人权限"):
        want_right(reviewer, Act.REVIEW, SUBMITTED, "财政所")


def test_who_holds_every_role_still_cannot_pass_two_steps() -> None:
    everything = person("王芳", *(Grant(role) for role in Role))
    assert Act.REVIEW not in acts_open(everything, SUBMITTED, "")


def test_a_contributor_touches_and_sees_nothing_of_others() -> None:
    own, other = person("王芳", Grant(Role.CONTRIBUTOR)), person("赵六", Grant(Role.CONTRIBUTOR))
    assert own.sees(DRAFT, "党政办")
    assert not other.sees(DRAFT, "党政办")
    want_right(own, Act.REVISE, DRAFT, "党政办")
    with pytest.raises(NotAllowed, match="自己的稿件"):
        want_right(other, Act.REVISE, DRAFT, "党政办")
