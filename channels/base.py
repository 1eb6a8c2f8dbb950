"""The words a channel speaks, and what it must be able to do.

A channel kind is a folder `channels/<kind>/` whose `channel.py` offers `Settings` and `Channel` (see
`ChannelModule`). Nobody above this package names a platform: the scheduler hands over a `Parcel` and reads
a `Receipt` or one of the errors drawn in `channels/errors.py`.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from pydantic import BaseModel, ConfigDict, Field

from channels.errors import ChannelError

if TYPE_CHECKING:
    from requests.adapters import BaseAdapter

PICTURE_SCHEME = "picture:"  # <img src="picture:SHA256"> in Post.html stands for one of Post.pictures


@dataclass(frozen=True)
class Picture:
    """A picture as it was signed; `media_type` is what the bytes are, not what the name says."""

    name: str
    media_type: str
    content: bytes = field(repr=False)
    alt: str = ""

    @cached_property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True)
class Post:
    """A signed item, frozen. `html` is sanitised; `text` is the same body without markup, NFC."""

    title: str
    html: str
    text: str
    digest: str = ""
    author: str = ""
    source: str = ""  # address of the entry on the disclosure platform
    short: str = ""  # text for a microblog; empty: the channel composes it from title and digest
    cover: Picture | None = None
    pictures: tuple[Picture, ...] = ()

    def canonical(self) -> str:
        """The signed content as one line of JSON; pictures stand in it by name, kind, hash and words."""
        return json.dumps(self._content(), ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    @cached_property
    def sha256(self) -> str:
        """What the leader signed, and what the worker looks at again before sending."""
        return hashlib.sha256(self.canonical().encode()).hexdigest()

    def _content(self) -> dict[str, object]:
        def stub(picture: Picture) -> list[str]:
            return [picture.name, picture.media_type, picture.sha256, picture.alt]

        return {
            "title": self.title,
            "html": self.html,
            "text": self.text,
            "digest": self.digest,
            "author": self.author,
            "source": self.source,
            "short": self.short,
            "cover": stub(self.cover) if self.cover else None,
            "pictures": [stub(picture) for picture in self.pictures],
        }


class Notes(Protocol):
    """A small memory that survives a crash: `put` returns only once the value is durable."""

    def get(self, name: str) -> str | None: ...

    def put(self, name: str, value: str) -> None: ...


@dataclass(frozen=True)
class Parcel:
    """What a channel is handed: posts to publish in one act, and the memory of how far an earlier try came.

    `key` is 32 hexadecimal characters, the same at each try. `notes` belong to this delivery (draft id, "the
    submit call was begun at ..."); `uploads` to the account (address of a picture by content hash).
    A channel notes that it begins a call with effect *before* that call: what was never begun is surely
    not out.
    """

    key: str
    posts: tuple[Post, ...]
    notes: Notes
    uploads: Notes


@dataclass(frozen=True)
class Receipt:
    """What the platform answered. `published` false: it took the job, the outcome comes later."""

    reference: str  # the platform's id of the act, kept as text
    published: bool
    addresses: tuple[str, ...] = ()  # one for each post, in order, once known
    details: Mapping[str, str] = field(default_factory=dict)  # other ids and counts worth keeping

    def then(self, later: "Receipt") -> "Receipt":
        """What is known after a later word of the platform: it counts, and what it leaves out stays."""
        return Receipt(
            later.reference or self.reference,
            self.published or later.published,
            later.addresses or self.addresses,
            {**self.details, **later.details},
        )


@dataclass(frozen=True)
class Found:
    """The look-up met the post; `evidence` says where, in Chinese."""

    receipt: Receipt
    evidence: str


@dataclass(frozen=True)
class NotThere:
    """The look-up did not meet it. `certain`: the effect cannot have happened, no second look is needed."""

    evidence: str
    certain: bool = False


@dataclass(frozen=True)
class Unknowable:
    """The platform cannot tell (no read right, too many posts since): a person decides."""

    evidence: str


LookedUp = Found | NotThere | Unknowable


class Level(StrEnum):
    """How grave a Problem is, gravest first."""

    BLOCK = "block"
    WARN = "warn"


@dataclass(frozen=True)
class Problem:
    """Why a post does not fit this channel as it stands; `sentence` in Chinese, `index` the post's place."""

    level: Level
    sentence: str
    index: int = 0


class Publisher(Protocol):
    """Six verbs. Each call is bounded in time and raises nothing but ChannelError."""

    def check(self, posts: Sequence[Post]) -> list[Problem]:
        """What the platform would refuse or spoil; makes no call."""
        ...

    def publish(self, parcel: Parcel) -> Receipt:
        """Publish, going on where the parcel's notes say an earlier try stood."""
        ...

    def confirm(self, parcel: Parcel, receipt: Receipt) -> Receipt:
        """Ask what became of a job the platform took. Still running: a receipt not yet published."""
        ...

    def look_up(self, parcel: Parcel) -> LookedUp:
        """Read the platform back after an unknown outcome. Never sends."""
        ...

    def withdraw(self, receipt: Receipt, index: int) -> None:
        """Take down one post of a published act; `index` counts from 0. What is gone already is no error."""
        ...

    def look_at(self, receipt: Receipt, index: int) -> LookedUp:
        """Is one post of a published act still there? Changes nothing. NotThere: the platform says so."""
        ...


class Forbidden(Exception):
    """A push whose signature is missing or wrong."""


@dataclass(frozen=True)
class Push:
    """A request from the platform to our callback address."""

    method: str
    query: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True)
class Finished:
    """The platform's word that a job it took is done: `receipt` if it is out, `error` if it was refused."""

    reference: str
    receipt: Receipt | None = None
    error: ChannelError | None = None


@dataclass(frozen=True)
class Received:
    """The answer the platform wants, and what the push told us."""

    answer: bytes
    media_type: str = "text/plain"
    finished: Finished | None = None


class Inbox(Protocol):
    def receive(self, push: Push) -> Received:
        """Check, decrypt and read a push. Raises Forbidden; anything readable or not gets an answer."""
        ...


@dataclass(frozen=True)
class Token:
    """A secret with an end. Its text stays out of repr, so it stays out of logs."""

    text: str
    expires_at: datetime  # UTC
    refreshed_at: datetime  # UTC

    def __repr__(self) -> str:
        return f"Token(expires_at={self.expires_at:%Y-%m-%dT%H:%M:%SZ})"

    def usable(self, now: datetime, margin: timedelta = timedelta(0)) -> bool:
        return now + margin < self.expires_at


class TokenStore(Protocol):
    """Where tokens are kept between calls."""

    def get(self, name: str) -> Token | None: ...

    def put(self, name: str, token: Token) -> None: ...

    def lock(self, name: str) -> AbstractContextManager[object]:
        """Held while a token is fetched, so that one process asks and the others read its answer."""
        ...


class Meter(Protocol):
    def take(self, call: str, count: int = 1) -> None:
        """Count a platform call before it is made; raises Throttled if the day's own limit is reached."""
        ...


class Span(StrEnum):
    """A time that begins anew with each hour, day or month of Beijing."""

    HOUR = "hour"
    DAY = "day"
    MONTH = "month"


@dataclass(frozen=True)
class Quota:
    """At most `most` deliveries in each span; `words` says what they are, in Chinese."""

    words: str
    most: int
    span: Span

    def __str__(self) -> str:
        return f"{self.words} {self.most}/{self.span}"


@dataclass(frozen=True)
class Limits:
    """What the platform grants an account by its documents; its own figures, once known, count more.

    `daily` holds the calls of a Beijing day by name, "" for all together. `needs` are the calls that one
    delivery takes, `posting` all those that serve deliveries: `kept` of the day's calls are theirs alone.
    """

    daily: Mapping[str, int] = field(default_factory=dict)
    needs: Mapping[str, int] = field(default_factory=dict)
    posting: frozenset[str] = frozenset()
    kept: int = 0
    quotas: tuple[Quota, ...] = ()


@dataclass(frozen=True)
class Spent:
    """The platform's own count of a call today."""

    used: int
    most: int


@runtime_checkable
class Metered(Protocol):
    """A channel whose platform tells how many calls are used and allowed."""

    def spent(self, calls: Sequence[str]) -> Mapping[str, Spent]:
        """Today's figures of these calls, "" for all together, as far as the platform tells them."""
        ...


@runtime_checkable
class Authorizer(Protocol):
    """A channel whose token a person brings by pressing a button on the platform's page.

    `back` is the address the platform sends the person back to, the same in both calls.
    """

    def address(self, back: str, state: str) -> str:
        """The page to open; it leads back with `state` and a code. Raises Refused."""
        ...

    def exchange(self, back: str, code: str) -> Token:
        """The token for a code, which is good for once. Raises ChannelError."""
        ...

    def ends_at(self) -> datetime | None:
        """When the present token ends, by the platform's word; None without one. Raises ChannelError."""
        ...


@dataclass(frozen=True)
class Sketch:
    """How a post will look. `title` stands above it, if the platform shows one; `note` is for staff."""

    title: str
    html: str  # made of the post's own sanitised markup
    note: str = ""


@runtime_checkable
class Sketcher(Protocol):
    """A channel that can tell, without a call, what followers will see."""

    def sketch(self, post: Post, addresses: Mapping[str, str]) -> Sketch:
        """`addresses` are those of the pictures, by content hash."""
        ...


class Channel(Publisher, Inbox, Protocol):
    """An opened account; safe to use from several threads."""


class AccountSettings(BaseModel):
    """What every account has, whatever its kind."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: str = Field(description="which channel: the name of a folder below channels/")
    title: str = Field(default="", description="the account's name as followers see it")
    base_url: str = Field(default="", description="the platform's address; empty: the real platform")

    def limits(self) -> Limits:
        """What the platform grants such an account."""
        return Limits()


@dataclass(frozen=True)
class Services:
    """What a channel is given besides its settings."""

    account: str  # name of the account in the configuration
    tokens: TokenStore
    meter: Meter
    clock: Callable[[], datetime]  # now, in UTC
    adapter: "BaseAdapter | None" = None  # another way to the platform than the network


class ChannelModule(Protocol):
    """What `channels/<kind>/channel.py` offers."""

    Settings: type[AccountSettings]

    # Any: each kind takes its own Settings here
    @staticmethod
    def open_account(settings: Any, services: Services) -> Channel: ...
