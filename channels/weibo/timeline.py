"""The account's newest posts as the platform tells them: never more than five."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any


@dataclass(frozen=True)
class Seen:
    """One post on the account's page."""

    number: int
    text: str
    at: datetime


@dataclass(frozen=True)
class Mark:
    """Where the page stood before a call: the newest post known then, and the time. Numbers grow with time,
    so a known number beats two clocks."""

    number: int  # 0: none was known
    at: datetime

    def is_before(self, post: Seen) -> bool:
        return post.number > self.number if self.number else post.at >= self.at


@dataclass(frozen=True)
class Timeline:
    posts: tuple[Seen, ...]  # newest first
    total: int  # of all posts the account has

    @classmethod
    def read(cls, answer: Mapping[str, Any]) -> "Timeline":
        """Raises ValueError, KeyError or TypeError for an answer of another shape."""
        posts = tuple(_seen(status) for status in answer["statuses"])
        return cls(posts, int(answer.get("total_number", -1)))

    def reaches(self, mark: Mark) -> bool:
        """Whether everything since the mark is on it."""
        if self.total == len(self.posts):
            return True
        return bool(self.posts) and not mark.is_before(self.posts[-1])


def _seen(status: Mapping[str, Any]) -> Seen:
    number = status.get("idstr") or status["mid"]
    return Seen(int(number), str(status["text"]), _moment(status["created_at"]))


def _moment(text: str) -> datetime:
    """Wed Oct 24 23:49:17 +0800 2012"""
    _, month, day, clock, zone, year = text.split()
    return parsedate_to_datetime(f"{day} {month} {year} {clock} {zone}")
