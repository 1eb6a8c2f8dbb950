"""What a follower sees in the chat with the account, and when the account may still write to them."""

from collections import defaultdict, deque
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Literal

from channels.wechat.emulator.errors import Refusal
from channels.wechat.emulator.shelf import Piece

Who = Literal["follower", "account", "notice"]
Contact = Literal["message", "menu", "subscribe", "scan"]
KEPT_LINES = 5000
MESSAGE_WINDOW = (timedelta(hours=48), 5)
CLICK_WINDOW = (timedelta(minutes=1), 3)
WINDOWS: dict[Contact, tuple[timedelta, int]] = {
    "message": MESSAGE_WINDOW,
    "menu": CLICK_WINDOW,
    "subscribe": CLICK_WINDOW,
    "scan": CLICK_WINDOW,
}
TYPING_AFTER = timedelta(seconds=30)


@dataclass(frozen=True)
class Card:
    """An article or picture as it stands in a chat."""

    title: str
    digest: str = ""
    address: str = ""
    picture: str = ""


@dataclass(frozen=True)
class Line:
    """`openids` None: everybody sees it."""

    at: datetime
    who: Who
    kind: str
    text: str = ""
    cards: tuple[Card, ...] = ()
    openids: frozenset[str] | None = None

    def told(self) -> dict[str, object]:
        return {
            "at": self.at.isoformat(),
            "who": self.who,
            "kind": self.kind,
            "text": self.text,
            "cards": [asdict(card) for card in self.cards],
        }


class Chat:
    def __init__(self) -> None:
        self._lines: deque[Line] = deque(maxlen=KEPT_LINES)

    def add(self, line: Line) -> None:
        self._lines.append(line)

    def seen_by(self, openid: str) -> list[Line]:
        return [line for line in self._lines if line.openids is None or openid in line.openids]


@dataclass
class Window:
    opened: datetime
    ends: datetime
    left: int


class Contacts:
    """Each contact opens a window of its kind anew; a customer-service message uses up one place of one."""

    def __init__(self) -> None:
        self._windows: defaultdict[str, dict[Contact, Window]] = defaultdict(dict)

    def touch(self, openid: str, contact: Contact, at: datetime) -> None:
        length, count = WINDOWS[contact]
        self._windows[openid][contact] = Window(at, at + length, count)

    def spend(self, openid: str, at: datetime) -> None:
        """Refuses when every window is closed, or none of the open ones has a place left."""
        windows = [window for window in self._windows[openid].values() if at < window.ends]
        if not windows:
            raise Refusal(45015)
        with_place = [window for window in windows if window.left]
        if not with_place:
            raise Refusal(45047)
        min(with_place, key=lambda window: window.ends).left -= 1

    def was_here(self, openid: str, at: datetime) -> bool:
        return any(at - window.opened <= TYPING_AFTER for window in self._windows[openid].values())


def article_cards(pieces: list[Piece]) -> tuple[Card, ...]:
    return tuple(
        Card(piece.article.title, piece.article.digest, piece.address, piece.article.thumb_url)
        for piece in pieces
    )
