"""The life of a draft: who may do what next. Pure; the desk keeps it.

    editing --submit--> submitted --review--> reviewed --sign--> signed
       |                    |--return--> returned       |           (a longer chain reviews more than once,
       |                    `--withdraw--> withdrawn    |            a shorter one signs earlier)
       `--discard--> discarded      returned, withdrawn: revise, submit again, discard

A column's chain names one to five steps. The first is the drafter's, who submits (and signs, if it is the
only one); the last signs; those between review. Nobody stands at two places of one item: who wrote any
version of it or passed an earlier step may neither review nor sign. A return begins the chain anew. Every
act names the version that was seen, so nothing is passed that changed meanwhile.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from bot.errors import RuleBroken


class State(StrEnum):
    EDITING = "editing"
    SUBMITTED = "submitted"
    REVIEWED = "reviewed"
    SIGNED = "signed"  # frozen for good
    RETURNED = "returned"  # by a reviewer, with a reason
    WITHDRAWN = "withdrawn"  # by its drafter
    DISCARDED = "discarded"


class Act(StrEnum):
    REVISE = "revise"
    SUBMIT = "submit"
    REVIEW = "review"
    SIGN = "sign"
    SEND_BACK = "return"
    WITHDRAW = "withdraw"
    DISCARD = "discard"


TRANSITIONS: dict[tuple[State, Act], State] = {
    (State.EDITING, Act.REVISE): State.EDITING,
    (State.EDITING, Act.SUBMIT): State.SUBMITTED,
    (State.EDITING, Act.SIGN): State.SIGNED,
    (State.EDITING, Act.DISCARD): State.DISCARDED,
    (State.SUBMITTED, Act.REVIEW): State.REVIEWED,
    (State.SUBMITTED, Act.SIGN): State.SIGNED,
    (State.SUBMITTED, Act.SEND_BACK): State.RETURNED,
    (State.SUBMITTED, Act.WITHDRAW): State.WITHDRAWN,
    (State.REVIEWED, Act.REVIEW): State.REVIEWED,
    (State.REVIEWED, Act.SIGN): State.SIGNED,
    (State.REVIEWED, Act.SEND_BACK): State.RETURNED,
    (State.REVIEWED, Act.WITHDRAW): State.WITHDRAWN,
    (State.RETURNED, Act.REVISE): State.EDITING,
    (State.RETURNED, Act.SUBMIT): State.SUBMITTED,
    (State.RETURNED, Act.DISCARD): State.DISCARDED,
    (State.WITHDRAWN, Act.REVISE): State.EDITING,
    (State.WITHDRAWN, Act.SUBMIT): State.SUBMITTED,
    (State.WITHDRAWN, Act.DISCARD): State.DISCARDED,
}

PASSING = (Act.SUBMIT, Act.REVIEW, Act.SIGN)  # the acts that take a draft one step on


@dataclass(frozen=True)
class Draft:
    """An item on its way to the signature. `passed` are those who passed its steps so far, in order."""

    id: int
    state: State
    steps: tuple[str, ...]
    version: int
    writers: frozenset[str]  # of every version
    passed: tuple[str, ...] = ()

    @property
    def due(self) -> Act | None:
        """What takes it one step on; None once it is signed or discarded."""
        if self.state in (State.SIGNED, State.DISCARDED):
            return None
        if len(self.passed) == len(self.steps) - 1:
            return Act.SIGN
        return Act.REVIEW if self.passed else Act.SUBMIT

    @property
    def step(self) -> str:
        """The name of the step that is due; empty once there is none."""
        return self.steps[len(self.passed)] if self.due else ""

    def after(self, act: Act, who: str, version: int, reason: str = "") -> "Draft":
        """The draft once `who`, having seen `version`, did this. Raises RuleBroken."""
        state = self._next_state(act)
        self._want_the_version(version)
        self._want_a_name(who)
        self._want_the_right_hand(act, who)
        if act is Act.SEND_BACK and not reason.strip():
            raise RuleBroken(f"{WORDS[act]}要写明理由，请说明要改什么。")
        if act is Act.REVISE:
            return replace(
                self, state=state, version=self.version + 1, writers=self.writers | {who}, passed=()
            )
        return replace(self, state=state, passed=(*self.passed, who) if act in PASSING else ())

    def _next_state(self, act: Act) -> State:
        state = TRANSITIONS.get((self.state, act))
        if state is None or (act in PASSING and act is not self.due):
            raise RuleBroken(
                f"稿件 {self.id} 现在是“{WORDS[self.state]}”，不能{WORDS[act]}。{self._advice()}"
            )
        return state

    def _want_the_version(self, version: int) -> None:
        if version != self.version:
            raise RuleBroken(
                f"稿件 {self.id} 已改到第 {self.version} 版，您看的是第 {version} 版，请重新查看后再办理。"
            )

    def _want_a_name(self, who: str) -> None:
        if not who.strip():
            raise RuleBroken("没有写明是谁在办理，请写上姓名。")

    def _want_the_right_hand(self, act: Act, who: str) -> None:
        drafters = self.writers | set(self.passed[:1])
        if act in (Act.WITHDRAW, Act.DISCARD) and who not in drafters:
            raise RuleBroken(f"只有稿件 {self.id} 的经办人可以{WORDS[act]}它，审核的人请用“退回”。")
        if (act in (Act.REVIEW, Act.SEND_BACK) or (act is Act.SIGN and self.passed)) and who in drafters:
            raise RuleBroken(f"{who}是稿件 {self.id} 的经办人，不能自己{WORDS[act]}，请换人办理。")
        if act in PASSING and who in self.passed:
            raise RuleBroken(f"{who}已办过稿件 {self.id} 的前一步，同一人不能办两步，请换人{WORDS[act]}。")

    def _advice(self) -> str:
        return f"下一步是“{self.step}”{WORDS[self.due]}。" if self.due else "如需修改，请另起一篇。"


def begun(draft_id: int, steps: Sequence[str], writer: str) -> Draft:
    """A new draft in its first version."""
    return Draft(draft_id, State.EDITING, tuple(steps), 1, frozenset({writer}))


WORDS: dict[State | Act, str] = {
    State.EDITING: "拟稿中",
    State.SUBMITTED: "已送审",
    State.REVIEWED: "已审核",
    State.SIGNED: "已签发",
    State.RETURNED: "已退回",
    State.WITHDRAWN: "已撤回",
    State.DISCARDED: "已作废",
    Act.REVISE: "修改",
    Act.SUBMIT: "送审",
    Act.REVIEW: "审核",
    Act.SIGN: "签发",
    Act.SEND_BACK: "退回",
    Act.WITHDRAW: "撤回",
    Act.DISCARD: "作废",
}
