"""What the platform's people and machines will decide about the next job, set from outside."""

from dataclasses import dataclass, field
from typing import Literal

Job = Literal["publish", "broadcast"]


@dataclass(frozen=True)
class Verdict:
    """`status`: a publish_status as text ("4"), or the Status of a broadcast's event ("err(20001)")."""

    job: Job
    status: str
    fail_idx: tuple[int, ...] = ()


@dataclass
class Verdicts:
    waiting: list[Verdict] = field(default_factory=list)

    def take(self, job: Job, otherwise: str) -> Verdict:
        for verdict in self.waiting:
            if verdict.job == job:
                self.waiting.remove(verdict)
                return verdict
        return Verdict(job, otherwise)
