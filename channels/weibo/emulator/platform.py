"""What the platform remembers of one account and one app."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone

from channels.emulator import File
from channels.weibo import mids
from channels.weibo.emulator.refusals import Refusal

BEIJING = timezone(timedelta(hours=8))
FIRST_SECOND = 515_483_463  # where the seconds in a post's number begin to count
OWN_ACCOUNT_LIFE = timedelta(seconds=157_679_471)  # the account owns the app: about five years
NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Terms:
    """Who the account is, and what the platform grants it."""

    appkey: str = "2800114477"
    app_secret: str = "emulated-secret-of-the-app"  # noqa: S105 - worth nothing
    uid: str = "7300112233"
    screen_name: str = "云溪发布"
    access_token: str = "2.00emulatedTokenOfTheAccount"  # noqa: S105 - worth nothing
    safe_domain: str = "yunxi.gov.example"
    redirect_uri: str = "https://yunxi.gov.example/oauth2"
    mode: str = "share"
    token_life: timedelta = OWN_ACCOUNT_LIFE
    article_right: bool = True
    calls_a_day: int = 100
    calls_an_hour: int = 150
    posts_an_hour: int = 30
    refuses_repeats: bool = True
    delay: timedelta = timedelta(0)  # posts are answered with 20032 and seen this much later


@dataclass
class Grant:
    """An access token."""

    text: str
    created: datetime
    ends: datetime
    revoked: bool = False


@dataclass
class Code:
    """What the authorise page hands out, to be exchanged once."""

    redirect_uri: str
    ends: datetime
    used: bool = False


@dataclass
class Status:
    """A post. `text` is what was sent, `kept` what the platform made of it."""

    number: int
    kind: str
    text: str
    kept: str
    at: datetime
    seen_from: datetime
    picture: File | None = None
    article: "Article | None" = None
    deleted_at: datetime = NEVER

    def seen(self, now: datetime) -> bool:
        return self.seen_from <= now < self.deleted_at


@dataclass(frozen=True)
class Article:
    object_id: str
    title: str
    content: str
    summary: str
    cover: str

    @property
    def address(self) -> str:
        return f"https://weibo.com/ttarticle/p/show?id={self.object_id}"


@dataclass
class Comment:
    number: int
    status: int
    author: str
    name: str
    text: str
    at: datetime
    answers: int = 0
    deleted: bool = False


@dataclass(frozen=True)
class Letter:
    """A private message between a fan and the account."""

    fan: str
    text: str
    at: datetime
    ours: bool


@dataclass
class Platform:
    terms: Terms
    started: datetime
    grants: list[Grant] = field(default_factory=list)
    codes: dict[str, Code] = field(default_factory=dict)
    statuses: list[Status] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    letters: list[Letter] = field(default_factory=list)
    used: Counter[str] = field(default_factory=Counter)
    numbers: int = 0

    def __post_init__(self) -> None:
        self.grants.append(Grant(self.terms.access_token, self.started, self.started + self.terms.token_life))

    def number(self, now: datetime) -> int:
        """A new id: the second and a running number, as in the platform's own."""
        self.numbers += 1
        return (int(now.timestamp()) - FIRST_SECOND << 22) + self.numbers

    def grant(self, token: str, now: datetime) -> Grant:
        """The token's grant. Raises Refusal if it is unknown, over or taken back."""
        grant = next((grant for grant in self.grants if grant.text == token), None)
        if grant is None:
            raise Refusal(21332)
        if grant.revoked:
            raise Refusal(21316)
        if now >= grant.ends:
            raise Refusal(21315)
        return grant

    def status(self, number: str, now: datetime) -> Status:
        """A post that can be seen. Raises Refusal."""
        for status in self.statuses:
            if str(status.number) == number and status.seen(now):
                return status
        raise Refusal(20101)

    def comment(self, number: str) -> Comment:
        for comment in self.comments:
            if str(comment.number) == number and not comment.deleted:
                return comment
        raise Refusal(20201)

    def seen(self, now: datetime) -> list[Status]:
        """Posts followers see, newest first."""
        return [status for status in reversed(self.statuses) if status.seen(now)]

    def address(self, status: Status) -> str:
        return f"https://weibo.com/{self.terms.uid}/{mids.to_text(status.number)}"
