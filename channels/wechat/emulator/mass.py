"""Broadcasts: who gets them, the rules against sending twice, quotas, and the job that ends with an event."""

import hashlib
import json
from collections.abc import Callable

from channels.wechat.emulator.broadcasts import Broadcast, Broadcasts, Content
from channels.wechat.emulator.calls import Call, Fields, Route, Routes, read_id, read_number, read_text
from channels.wechat.emulator.chat import Card, Chat, Line
from channels.wechat.emulator.drafts import DraftBox
from channels.wechat.emulator.errors import Refusal
from channels.wechat.emulator.followers import Followers
from channels.wechat.emulator.media import Library
from channels.wechat.emulator.messages import checked_text
from channels.wechat.emulator.repeats import Repeats

LEAST_OPENIDS = 2
MOST_OPENIDS = 10_000
REALSPEED = (80, 60, 45, 30, 10)  # ten thousands a minute, by speed
EVERYBODY = "all"


class Mass:
    def __init__(
        self,
        box: DraftBox,
        library: Library,
        followers: Followers,
        broadcasts: Broadcasts,
        repeats: Repeats,
        chat: Chat,
    ) -> None:
        self._box = box
        self._library = library
        self._followers = followers
        self._broadcasts = broadcasts
        self._repeats = repeats
        self._chat = chat
        self._speed = 0
        self._readers: dict[str, Callable[[Fields, Call], Content]] = {
            "mpnews": self._draft,
            "text": _text,
            "image": self._pictures,
            "images": self._pictures,
            "voice": self._media,
            "mpvideo": self._media,
            "video": self._media,
        }

    def routes(self) -> Routes:
        return {
            "message/mass/sendall": Route("POST", self.send_all, verified=True),
            "message/mass/send": Route("POST", self.send, verified=True, service=True),
            "message/mass/preview": Route("POST", self.preview, verified=True),
            "message/mass/get": Route("POST", self.get, verified=True),
            "message/mass/delete": Route("POST", self.delete, verified=True),
            "message/mass/speed/get": Route("POST", self.speed, verified=True),
            "message/mass/speed/set": Route("POST", self.set_speed, verified=True),
        }

    def send_all(self, call: Call) -> object:
        fields = call.fields()
        target, openids = self._audience(fields.get("filter"))
        return self._send(call, fields, target, openids)

    def send(self, call: Call) -> object:
        fields = call.fields()
        openids = fields.get("touser")
        if not isinstance(openids, list) or not all(isinstance(openid, str) for openid in openids):
            raise Refusal(40031)
        if len(openids) < LEAST_OPENIDS:
            raise Refusal(40130)
        if len(openids) > MOST_OPENIDS:
            raise Refusal(40032)
        return self._send(call, fields, _digest(sorted(openids)), openids)

    def preview(self, call: Call) -> object:
        """Shows the content to one follower; a WeChat name wins over an openid."""
        fields = call.fields()
        name = read_text(fields, "towxname")
        follower = (
            self._followers.named(name) if name else self._followers.following(read_text(fields, "touser"))
        )
        content = self._content(fields, call)
        openids = frozenset({follower.openid})
        self._chat.add(Line(call.at, "account", content.kind, content.text, content.cards, openids))
        return {"errcode": 0, "errmsg": "preview success", "msg_id": self._broadcasts.next_id()}

    def get(self, call: Call) -> object:
        broadcast = self._broadcast(call.fields())
        return {"msg_id": broadcast.act.id, "msg_status": broadcast.status}

    def delete(self, call: Call) -> object:
        """`article_idx` counts from 1; 0 or none takes down every article."""
        fields = call.fields()
        broadcast = self._broadcast(fields)
        if not broadcast.can_be_deleted():
            raise Refusal(40059)
        index = read_number(fields, "article_idx")
        if not 0 <= index <= max(len(broadcast.pieces), 1):
            raise Refusal(40060)
        broadcast.delete(index)
        return {"errcode": 0, "errmsg": "ok"}

    def speed(self, call: Call) -> object:  # noqa: ARG002 - a call without arguments
        return {"speed": self._speed, "realspeed": REALSPEED[self._speed]}

    def set_speed(self, call: Call) -> object:
        fields = call.fields()
        if "speed" not in fields:
            raise Refusal(45084)
        speed = read_number(fields, "speed")
        if not 0 <= speed < len(REALSPEED):
            raise Refusal(45083)
        self._speed = speed
        return {"errcode": 0, "errmsg": "ok"}

    def _send(self, call: Call, fields: Fields, target: str, openids: list[str]) -> object:
        """The order decides what a repeated call meets: its own earlier act before any quota."""
        given = self._repeats.read_id(fields)
        kind = read_text(fields, "msgtype")
        key = given or _digest([target, kind, fields.get(kind)])
        self._repeats.check(key, call.at, given=bool(given))
        reprint = read_number(fields, "send_ignore_reprint")
        if reprint not in (0, 1):
            raise Refusal(40035, "send_ignore_reprint")
        content = self._content(fields, call)
        self._broadcasts.spend_quota(call.at, to_all=target == EVERYBODY)
        if content.draft:
            self._box.take(content.draft.media_id)
        broadcast = self._broadcasts.start(
            call, content, openids, to_all=target == EVERYBODY, ignore_reprint=bool(reprint)
        )
        self._repeats.remember(key, broadcast.act.id, call.at)
        answer: Fields = {
            "errcode": 0,
            "errmsg": "send job submission success",
            "msg_id": broadcast.act.id,
        }
        return answer | ({"msg_data_id": broadcast.act.msg_data_id} if content.draft else {})

    def _audience(self, filter_: object) -> tuple[str, list[str]]:
        """Whom it is for. Values that come as text are refused as the platform does."""
        if not isinstance(filter_, dict):
            raise Refusal(40035, "filter")
        to_all = filter_.get("is_to_all", False)
        if not isinstance(to_all, bool):
            raise Refusal(40008)
        if to_all:
            return EVERYBODY, [follower.openid for follower in self._followers.present()]
        tag = filter_.get("tag_id")
        if isinstance(tag, str):
            raise Refusal(40008)
        if isinstance(tag, bool) or not isinstance(tag, int) or not self._followers.has_tag(tag):
            raise Refusal(40152)
        return f"tag {tag}", [follower.openid for follower in self._followers.tagged(tag)]

    def _content(self, fields: Fields, call: Call) -> Content:
        kind = read_text(fields, "msgtype")
        reader = self._readers.get(kind)
        if reader is None:
            raise Refusal(48008 if kind == "wxcard" else 40008)
        content = fields.get(kind)
        if not isinstance(content, dict):
            raise Refusal(44004)
        return reader(content | {"msgtype": kind}, call)

    def _draft(self, content: Fields, call: Call) -> Content:  # noqa: ARG002 - read as the others are
        draft = self._box.find(read_text(content, "media_id"))
        return Content("mpnews", draft=draft, cards=draft.cards())

    def _pictures(self, content: Fields, call: Call) -> Content:
        ids = content.get("media_ids") or [content.get("media_id")]
        if not isinstance(ids, list) or not all(isinstance(media_id, str) for media_id in ids):
            raise Refusal(40007)
        found = [self._library.find_or_refuse(media_id, call.at, {"image"}) for media_id in ids]
        cards = tuple(Card(read_text(content, "recommend"), picture=each.url) for each in found)
        return Content("images", cards=cards)

    def _media(self, content: Fields, call: Call) -> Content:
        kind = "voice" if content["msgtype"] == "voice" else "video"
        found = self._library.find_or_refuse(read_text(content, "media_id"), call.at, {kind})
        return Content(kind, cards=(Card(read_text(content, "title") or found.name),))

    def _broadcast(self, fields: Fields) -> Broadcast:
        broadcast = self._broadcasts.find(read_id(fields, "msg_id", 40059))
        if broadcast is None:
            raise Refusal(40059)
        return broadcast


def _text(content: Fields, call: Call) -> Content:  # noqa: ARG001 - read as the others are
    return Content("text", text=checked_text(content))


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
