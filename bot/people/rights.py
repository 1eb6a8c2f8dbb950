"""What a role may do. Pure: a person's grants, a draft and its unit decide."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from bot.drafts import WORDS, Act, Draft
from bot.errors import RuleBroken


class Role(StrEnum):
    CONTRIBUTOR = "contributor"  # hands in texts and sees what becomes of them
    DRAFTER = "drafter"
    REVIEWER = "reviewer"
    LEADER = "leader"
    REPLIER = "replier"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"


ROLE_WORDS = {
    Role.CONTRIBUTOR: "供稿人",
    Role.DRAFTER: "经办人",
    Role.REVIEWER: "审核人",
    Role.LEADER: "签发人",
    Role.REPLIER: "答复人",
    Role.ADMINISTRATOR: "管理员",
    Role.AUDITOR: "监督人",
}
STEP_ROLES: dict[Act, frozenset[Role]] = {
    Act.REVISE: frozenset({Role.CONTRIBUTOR, Role.DRAFTER}),
    Act.SUBMIT: frozenset({Role.DRAFTER}),
    Act.REVIEW: frozenset({Role.REVIEWER}),
    Act.SIGN: frozenset({Role.LEADER}),
    Act.SEND_BACK: frozenset({Role.REVIEWER, Role.LEADER}),
    Act.WITHDRAW: frozenset({Role.DRAFTER}),
    Act.DISCARD: frozenset({Role.CONTRIBUTOR, Role.DRAFTER}),
}
WRITERS = frozenset({Role.CONTRIBUTOR, Role.DRAFTER})
READERS = frozenset({Role.DRAFTER, Role.REVIEWER, Role.LEADER, Role.ADMINISTRATOR, Role.AUDITOR})


class NotAllowed(RuleBroken):
    """The person lacks the role for this, or the item is another unit's."""


@dataclass(frozen=True, order=True)
class Grant:
    role: Role
    unit: str = ""  # empty: every unit


@dataclass(frozen=True)
class Person:
    id: int
    name: str
    grants: frozenset[Grant]
    must_change: bool = False
    has_otp: bool = False

    @property
    def roles(self) -> frozenset[Role]:
        """The roles that the person holds anywhere."""
        return frozenset(grant.role for grant in self.grants)

    def holds(self, roles: Iterable[Role], unit: str) -> bool:
        """One of these roles, for this unit."""
        wanted = set(roles)
        return any(grant.role in wanted and grant.unit in ("", unit) for grant in self.grants)

    def units(self, roles: Iterable[Role]) -> frozenset[str] | None:
        """The units for which the person holds one of these roles; None: every unit."""
        wanted = set(roles)
        units = {grant.unit for grant in self.grants if grant.role in wanted}
        return None if "" in units else frozenset(units)

    def sees(self, draft: Draft, unit: str) -> bool:
        """Contributors see what they wrote; the others what their units have."""
        return self.holds(READERS, unit) or self.name in draft.writers


def want_right(person: Person, act: Act, draft: Draft, unit: str) -> None:
    """Raises NotAllowed unless the person's role covers this act on an item of this unit."""
    roles = STEP_ROLES[act]
    if not person.holds(roles, unit):
        wanted = "、".join(ROLE_WORDS[role] for role in sorted(roles))
        place = f"“{unit}”的" if unit else ""
        raise NotAllowed(f"{WORDS[act]}需要{place}{wanted}权限，您的账号没有。如有需要，请联系管理员。")
    if not person.holds({Role.DRAFTER}, unit) and act in (Act.REVISE, Act.DISCARD):
        _want_own(person, act, draft)


def acts_open(person: Person, draft: Draft, unit: str) -> list[Act]:
    """What this person could do to the draft now, in the order of the acts."""
    return [act for act in Act if _is_open(person, act, draft, unit)]


def _want_own(person: Person, act: Act, draft: Draft) -> None:
    if person.name not in draft.writers:
        raise NotAllowed(f"供稿人只能{WORDS[act]}自己的稿件，请联系本单位的经办人。")


def _is_open(person: Person, act: Act, draft: Draft, unit: str) -> bool:
    try:
        want_right(person, act, draft, unit)
        draft.after(act, person.name, draft.version, "理由")
    except RuleBroken:
        return False
    return True
