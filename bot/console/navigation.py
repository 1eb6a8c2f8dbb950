"""The menu: which pages a role is shown. What it may open stands in `routes.py`."""

from dataclasses import dataclass

from bot.people import READERS, WRITERS, Person, Role

ANYONE = frozenset(Role)
REVIEWERS = frozenset({Role.REVIEWER, Role.LEADER})
DECIDERS = REVIEWERS | {Role.ADMINISTRATOR}
ADMINISTRATORS = frozenset({Role.ADMINISTRATOR})
AUDITORS = frozenset({Role.AUDITOR, Role.ADMINISTRATOR})


@dataclass(frozen=True)
class Entry:
    path: str
    word: str
    roles: frozenset[Role]

    def shown_to(self, person: Person) -> bool:
        return bool(person.roles & self.roles)

    def leads_to(self, path: str) -> bool:
        return path == self.path or (self.path != "/" and path.startswith(f"{self.path}/"))


MENU = (
    Entry("/", "首页", ANYONE),
    Entry("/drafts", "稿件", READERS | WRITERS),
    Entry("/review", "审核签发", REVIEWERS),
    Entry("/plan", "排期", READERS),
    Entry("/deliveries", "投递", READERS),
    Entry("/accounts", "账号", READERS),
    Entry("/audit", "办理记录", AUDITORS),
    Entry("/people", "人员", ADMINISTRATORS),
    Entry("/sessions", "登录情况", ADMINISTRATORS),
)
