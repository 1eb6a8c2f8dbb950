"""A small office: its settings, documents, and platforms that take everything unless told otherwise."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from sqlalchemy import Engine

import bot.tables  # noqa: F401
from bot.desk import Desk, Proposal
from bot.importing import Imported
from bot.settings import Account, Settings
from channels.base import AccountSettings, Picture, Post, Problem
from scheduler.plan import Rules
from tests.bot.importing.samples import drawn

DRAFTER, OFFICE, LEADER = "张三", "李四", "王五"
PICTURE = Picture("水位.png", "image/png", drawn(), "水位标尺")
DOCUMENT = Imported(
    title="关于防汛的通知",
    html=f'<p>汛期将至。</p><p><img src="picture:{PICTURE.sha256}" alt="水位标尺"></p>',
    text="汛期将至。",
    pictures=(PICTURE,),
)


@dataclass
class Platforms:
    """What the accounts' platforms object to."""

    problems: dict[str, list[Problem]] = field(default_factory=dict)

    def check(self, account: str, posts: Sequence[Post]) -> list[Problem]:
        return self.problems.get(account, [])


def settings(**more: Any) -> Settings:
    accounts = {
        name: Account(name, AccountSettings(kind="weibo"), Rules()) for name in ("town_wechat", "town_weibo")
    }
    return Settings(accounts=accounts, **more)


def desk(engine: Engine, platforms: Platforms | None = None, **more: Any) -> Desk:
    numbers = count(1)
    return Desk(engine, settings(**more), (platforms or Platforms()).check, lambda: f"{next(numbers):032x}")


def proposal(document: Imported = DOCUMENT, **more: Any) -> Proposal:
    return Proposal(document, "通知.md", **more)
