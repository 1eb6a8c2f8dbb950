"""What is out: articles by their address, as followers can open them."""

from dataclasses import dataclass
from datetime import datetime
from html import unescape
from typing import Literal
from urllib.parse import SplitResult, urlsplit

from channels.emulator import Shown
from channels.wechat.emulator.articles import Article
from channels.wechat.emulator.filtering import count_pictures, plain
from channels.wechat.emulator.ids import Ids

Kind = Literal["publish", "broadcast"]


@dataclass
class Piece:
    """One article of one act; `idx` counts from 1."""

    id: str
    article: Article
    act: str
    kind: Kind
    msg_data_id: int
    idx: int
    address: str
    at: datetime
    deleted: bool = False

    def shown(self) -> Shown:
        article = self.article
        return Shown(
            self.id,
            self.act,
            self.kind,
            article.title,
            plain(article.content),
            self.address,
            self.at.isoformat(),
            pictures=count_pictures(article.content) + len(article.images),
            withdrawn=self.deleted,
        )


@dataclass(frozen=True)
class Act:
    """Articles that go out together."""

    id: int
    kind: Kind
    msg_data_id: int
    base: str


class Shelf:
    def __init__(self, ids: Ids) -> None:
        self._ids = ids
        self.pieces: dict[str, Piece] = {}

    def put(self, act: Act, articles: tuple[Article, ...], at: datetime) -> list[Piece]:
        pieces = [self._piece(act, idx, article, at) for idx, article in enumerate(articles, start=1)]
        self.pieces |= {piece.id: piece for piece in pieces}
        return pieces

    def piece(self, msg_data_id: int, index: int) -> Piece | None:
        """`index` counts from 0, as the comment calls do."""
        wanted = (msg_data_id, index + 1)
        return next((each for each in self.pieces.values() if (each.msg_data_id, each.idx) == wanted), None)

    def at(self, path: str) -> Piece | None:
        return self.pieces.get(path.removeprefix("/s/"))

    def newest_first(self) -> list[Piece]:
        """What followers can open, the articles of one act in their order."""
        there = [piece for piece in self.pieces.values() if not piece.deleted]
        return sorted(there, key=lambda piece: (-piece.at.timestamp(), piece.idx))

    def leads_to_nothing(self, address: str) -> bool:
        """Whether a link is a draft's preview, or looks like one of our articles and is none."""
        parts = _parts(address)
        if "tempkey=" in parts.query:
            return True
        return parts.netloc in self._hosts() and parts.path.startswith("/s/") and not self.at(parts.path)

    def links(self, address: str) -> bool:
        """Whether a link leads to an article of the platform."""
        parts = _parts(unescape(address))
        if parts.netloc == "mp.weixin.qq.com":
            return True
        return parts.netloc in self._hosts() and self.at(parts.path) is not None

    def _piece(self, act: Act, idx: int, article: Article, at: datetime) -> Piece:
        id_ = self._ids.text(22)
        address = f"{act.base}/s/{id_}"
        return Piece(id_, article, str(act.id), act.kind, act.msg_data_id, idx, address, at)

    def _hosts(self) -> set[str]:
        return {urlsplit(piece.address).netloc for piece in self.pieces.values()}


def _parts(address: str) -> SplitResult:
    try:
        return urlsplit(address)
    except ValueError:
        return urlsplit("")
