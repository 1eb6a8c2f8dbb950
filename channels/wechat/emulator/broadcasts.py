"""Broadcast jobs: quota, the administrator's word, the original check, the outcome and its event."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal

from channels.wechat.emulator.calls import Call
from channels.wechat.emulator.chat import Card, Chat, Line, article_cards
from channels.wechat.emulator.drafts import Draft
from channels.wechat.emulator.errors import Refusal
from channels.wechat.emulator.followers import Followers
from channels.wechat.emulator.ids import Ids
from channels.wechat.emulator.push import Postman, Tree, Value
from channels.wechat.emulator.quotas import beijing_date
from channels.wechat.emulator.shelf import Act, Piece, Shelf
from channels.wechat.emulator.verdicts import Verdicts

AccountType = Literal["subscription", "service"]
SERVICE_A_MONTH = 4
PATIENCE = timedelta(minutes=30)  # how long the administrator may take
SUCCESS = "send success"
REFUSED_BY_ADMINISTRATOR = "err(40001)"
NO_WORD_FROM_ADMINISTRATOR = "err(40002)"
REPRINT_FORBIDDEN = "err(30002)"
REPRINT_NOT_WANTED = "err(30003)"
UNCHECKED, FREE, REPRINTED, STOPPED = range(4)  # CheckState


@dataclass(frozen=True)
class Content:
    kind: str
    text: str = ""
    cards: tuple[Card, ...] = ()
    draft: Draft | None = None


@dataclass(frozen=True)
class Rules:
    """`originals`: titles that others declared original, and whether they may be reprinted."""

    account: AccountType
    runs_for: timedelta
    protected: bool
    originals: Mapping[str, bool]


@dataclass
class Broadcast:
    act: Act
    content: Content
    openids: list[str]
    to_all: bool
    ignore_reprint: bool
    finishes_at: datetime
    waits_for_administrator: bool
    status: str = "SENDING"
    pieces: list[Piece] = field(default_factory=list)

    def can_be_deleted(self) -> bool:
        return self.status == "SEND_SUCCESS" and self.content.kind in {"mpnews", "video"}

    def delete(self, index: int) -> None:
        """`index` counts from 1; 0 deletes all."""
        for piece in self.pieces[index - 1 : index] if index else self.pieces:
            piece.deleted = True
        if all(piece.deleted for piece in self.pieces):
            self.status = "DELETE"


class Broadcasts:
    def __init__(
        self,
        rules: Rules,
        followers: Followers,
        shelf: Shelf,
        chat: Chat,
        postman: Postman,
        ids: Ids,
        verdicts: Verdicts,
    ) -> None:
        self._rules = rules
        self._followers = followers
        self._shelf = shelf
        self._chat = chat
        self._postman = postman
        self._ids = ids
        self._verdicts = verdicts
        self._broadcasts: dict[int, Broadcast] = {}
        self._running: list[Broadcast] = []
        self._days: Counter[date] = Counter()
        self._months: Counter[date] = Counter()
        self._received: Counter[tuple[date, str]] = Counter()

    def next_id(self) -> int:
        return next(self._ids.mass)

    def find(self, msg_id: int) -> Broadcast | None:
        return self._broadcasts.get(msg_id)

    def spend_quota(self, at: datetime, *, to_all: bool) -> None:
        """A subscription account: one a day. A service account: to all one a day and four a month."""
        day, month = beijing_date(at), _month(at)
        if self._rules.account == "service" and not to_all:
            return
        if self._days[day] or (self._rules.account == "service" and self._months[month] >= SERVICE_A_MONTH):
            raise Refusal(45028)
        self._days[day] += 1
        self._months[month] += 1

    def start(
        self, call: Call, content: Content, openids: list[str], *, to_all: bool, ignore_reprint: bool
    ) -> Broadcast:
        waits = self._rules.protected and to_all
        act = Act(self.next_id(), "broadcast", next(self._ids.msg_data), call.base)
        finishes_at = call.at + (PATIENCE if waits else self._rules.runs_for)
        broadcast = Broadcast(act, content, openids, to_all, ignore_reprint, finishes_at, waits)
        self._broadcasts[act.id] = broadcast
        self._running.append(broadcast)
        return broadcast

    def confirm(self, msg_id: int, *, allowed: bool, at: datetime) -> None:
        """The administrator's word. Raises KeyError for a broadcast that does not wait for it."""
        broadcast = self._broadcasts[msg_id]
        if broadcast not in self._running or not broadcast.waits_for_administrator:
            raise KeyError(msg_id)
        broadcast.waits_for_administrator = False
        broadcast.finishes_at = at + self._rules.runs_for
        if not allowed:
            self._running.remove(broadcast)
            broadcast.finishes_at = at
            self._fail(broadcast, REFUSED_BY_ADMINISTRATOR, _unchecked())

    def settle(self, now: datetime) -> None:
        """Ends the jobs whose time has come."""
        for broadcast in [each for each in self._running if each.finishes_at <= now]:
            self._running.remove(broadcast)
            self._finish(broadcast)

    def _finish(self, broadcast: Broadcast) -> None:
        if broadcast.waits_for_administrator:
            self._fail(broadcast, NO_WORD_FROM_ADMINISTRATOR, _unchecked())
            return
        stopped, checked = self._check_originals(broadcast)
        status = stopped or self._verdicts.take("broadcast", SUCCESS).status
        if status == SUCCESS:
            self._deliver(broadcast, checked)
        else:
            self._fail(broadcast, status, checked)

    def _check_originals(self, broadcast: Broadcast) -> tuple[str, Tree]:
        """The status that stops the broadcast, if any, and the event's CopyrightCheckResult."""
        articles = broadcast.content.draft.articles if broadcast.content.draft else ()
        found = [
            (idx, self._rules.originals[article.title])
            for idx, article in enumerate(articles, start=1)
            if article.title in self._rules.originals
        ]
        if not found:
            return "", _unchecked() | {"CheckState": FREE if articles else UNCHECKED}
        may_reprint = all(allowed for _, allowed in found)
        stopped = ""
        if not may_reprint:
            stopped = REPRINT_FORBIDDEN
        elif not broadcast.ignore_reprint:
            stopped = REPRINT_NOT_WANTED
        items: list[Value] = [_original(idx, allowed) for idx, allowed in found]
        state = STOPPED if stopped else REPRINTED
        return stopped, {"Count": len(items), "ResultList": {"item": items}, "CheckState": state}

    def _deliver(self, broadcast: Broadcast, checked: Tree) -> None:
        reached = [openid for openid in broadcast.openids if self._reaches(openid, broadcast.finishes_at)]
        broadcast.status = "SEND_SUCCESS"
        content = broadcast.content
        cards = content.cards
        if content.draft:
            broadcast.pieces = self._shelf.put(broadcast.act, content.draft.articles, broadcast.finishes_at)
            cards = article_cards(broadcast.pieces)
        openids = None if broadcast.to_all else frozenset(reached)
        self._chat.add(Line(broadcast.finishes_at, "account", content.kind, content.text, cards, openids))
        self._tell(broadcast, SUCCESS, checked, sent=len(reached))

    def _reaches(self, openid: str, at: datetime) -> bool:
        """Counts what a follower of a service account gets: four broadcasts a month."""
        follower = self._followers.find(openid)
        if follower is None or not follower.subscribed or follower.blocks:
            return False
        if self._rules.account == "service":
            self._received[_month(at), openid] += 1
            return self._received[_month(at), openid] <= SERVICE_A_MONTH
        return True

    def _fail(self, broadcast: Broadcast, status: str, checked: Tree) -> None:
        broadcast.status = "SEND_FAIL"
        self._tell(broadcast, status, checked, sent=0)

    def _tell(self, broadcast: Broadcast, status: str, checked: Tree, sent: int) -> None:
        total = len(broadcast.openids)
        counted = total if status == SUCCESS else 0
        items: list[Value] = [
            {"ArticleIdx": piece.idx, "ArticleUrl": piece.address} for piece in broadcast.pieces
        ]
        fields: Tree = {
            "MsgID": broadcast.act.id,
            "Status": status,
            "TotalCount": total,
            "FilterCount": counted,
            "SentCount": sent,
            "ErrorCount": counted - sent,
            "CopyrightCheckResult": checked,
            "ArticleUrlResult": {"Count": len(items), "ResultList": {"item": items} if items else ""},
        }
        # a real push of this event carried no receiver
        self._postman.event("MASSSENDJOBFINISH", fields, broadcast.finishes_at, to="")


def _month(at: datetime) -> date:
    return beijing_date(at).replace(day=1)


def _unchecked() -> Tree:
    return {"Count": 0, "ResultList": "", "CheckState": UNCHECKED}


def _original(idx: int, may_reprint: bool) -> Tree:
    return {
        "ArticleIdx": idx,
        "UserDeclareState": 0,
        "AuditState": 2,
        "OriginalArticleUrl": "https://mp.weixin.qq.com/s/original",
        "OriginalArticleType": 1,
        "CanReprint": int(may_reprint),
        "NeedReplaceContent": int(may_reprint),
        "NeedShowReprintSource": int(may_reprint),
    }
