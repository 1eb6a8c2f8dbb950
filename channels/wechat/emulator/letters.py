"""What a follower does: writes, follows, clicks. The callback hears of it; its answer appears in the chat."""

from collections.abc import Mapping
from datetime import datetime

from channels.wechat.emulator.chat import Card, Chat, Contact, Contacts, Line
from channels.wechat.emulator.followers import Followers
from channels.wechat.emulator.ids import Ids
from channels.wechat.emulator.media import Library
from channels.wechat.emulator.push import Postman, Tree, Value

FAULT_NOTICE = "该公众号提供的服务出现故障，请稍后再试"
TRANSFER_NOTICE = "已转接人工客服"
ABOUT = "letter"
MAX_NEWS = 8
ONE_NEWS_ONLY = {"text", "image", "voice", "video", "location", "article"}

MESSAGES: dict[str, Tree] = {
    "text": {"Content": ""},
    "image": {"PicUrl": "", "MediaId": ""},
    "voice": {"MediaId": "", "Format": "amr", "MediaId16K": "", "Recognition": ""},
    "video": {"MediaId": "", "ThumbMediaId": ""},
    "shortvideo": {"MediaId": "", "ThumbMediaId": ""},
    "location": {"Location_X": 0.0, "Location_Y": 0.0, "Scale": 15, "Label": ""},
    "link": {"Title": "", "Description": "", "Url": ""},
}
EVENT_FIELDS: dict[str, Tree] = {
    "SCAN": {"EventKey": "", "Ticket": ""},
    "LOCATION": {"Latitude": 0.0, "Longitude": 0.0, "Precision": 0.0},
    "VIEW": {"EventKey": "", "MenuId": 0},
}
CONTACTS: dict[str, Contact] = {
    "subscribe": "subscribe",
    "SCAN": "scan",
    "CLICK": "menu",
    "scancode_push": "menu",
    "scancode_waitmsg": "menu",
}
LABELS = {
    "image": "[图片]",
    "voice": "[语音]",
    "video": "[视频]",
    "shortvideo": "[小视频]",
    "location": "[位置]",
}


class Letters:
    def __init__(
        self,
        postman: Postman,
        followers: Followers,
        library: Library,
        chat: Chat,
        contacts: Contacts,
        ids: Ids,
    ) -> None:
        self._postman = postman
        self._followers = followers
        self._library = library
        self._chat = chat
        self._contacts = contacts
        self._ids = ids

    def write(self, openid: str, kind: str, given: Mapping[str, object], at: datetime) -> int:
        """A message; its MsgId. Raises KeyError for an unknown kind or follower."""
        fields = _filled(MESSAGES[kind], given)
        if self._followers.find(openid) is None:
            raise KeyError(openid)
        msg_id = next(self._ids.message)
        self._contacts.touch(openid, "message", at)
        text = str(fields.get("Content") or fields.get("Title") or LABELS.get(kind, ""))
        self._chat.add(Line(at, "follower", kind, text, openids=frozenset({openid})))
        about = f"{ABOUT}:{kind}:{openid}"
        self._postman.from_follower(openid, {"MsgType": kind, **fields, "MsgId": msg_id}, at, about)
        return msg_id

    def act(self, openid: str, event: str, given: Mapping[str, object], at: datetime) -> None:
        """An event. Raises KeyError for an unknown follower, unless that one starts to follow."""
        follower = self._followers.join(openid, at) if event == "subscribe" else self._followers.find(openid)
        if follower is None:
            raise KeyError(openid)
        if event == "unsubscribe":
            follower.subscribed = False
        if event in CONTACTS:
            self._contacts.touch(openid, CONTACTS[event], at)
        fields = _filled(EVENT_FIELDS.get(event, {"EventKey": ""}), given)
        about = f"{ABOUT}:event:{openid}"
        self._postman.from_follower(openid, {"MsgType": "event", "Event": event, **fields}, at, about)

    def replied(self, about: str, answer: bytes | None, at: datetime) -> None:
        """Shows the passive reply, or the fault notice when there was no proper answer."""
        _, kind, openid = about.split(":", 2)
        try:
            line = self._line(kind, openid, answer, at)
        except (ValueError, KeyError):
            line = Line(at, "notice", "fault", FAULT_NOTICE, openids=frozenset({openid}))
        if line:
            self._chat.add(line)

    def _line(self, kind: str, openid: str, answer: bytes | None, at: datetime) -> Line | None:
        if answer is None:
            raise ValueError("no answer")
        reply = self._postman.read_answer(answer)
        if not reply:
            return None
        if (reply.get("ToUserName"), reply.get("FromUserName")) != (openid, self._postman.name):
            raise ValueError("the reply is not addressed to its writer")
        return self._reply_line(kind, openid, reply, at)

    def _reply_line(self, kind: str, openid: str, reply: Tree, at: datetime) -> Line | None:
        openids = frozenset({openid})
        match str(reply.get("MsgType", "")):
            case "text":
                text = str(reply.get("Content", ""))
                return Line(at, "account", "text", text, openids=openids) if text else None
            case "news":
                cards = _news(reply)
                most = 1 if kind in ONE_NEWS_ONLY else MAX_NEWS
                return (
                    Line(at, "account", "news", cards=cards, openids=openids) if len(cards) <= most else None
                )
            case "image" | "voice" | "video" as media:
                card = self._media_card(media, reply, at)
                return Line(at, "account", media, cards=(card,), openids=openids)
            case "music":
                return Line(
                    at, "account", "music", cards=(_card(_tree(reply.get("Music"))),), openids=openids
                )
            case "transfer_customer_service":
                return Line(at, "notice", "transfer", TRANSFER_NOTICE, openids=openids)
            case other:
                raise ValueError(f"unknown reply {other}")

    def _media_card(self, kind: str, reply: Tree, at: datetime) -> Card:
        media = _tree(reply.get(kind.capitalize()))
        material = self._library.find(str(media.get("MediaId", "")), at)
        if material is None or material.type != kind or material.media_type == "image/gif":
            raise ValueError("unknown material")
        return Card(str(media.get("Title", "")) or material.name, picture=material.url)


def _filled(wanted: Tree, given: Mapping[str, object]) -> Tree:
    """The fields of a push, each from what was given under its name in any case; numbers as numbers."""
    by_name = {name.lower(): value for name, value in given.items()}
    filled: Tree = {}
    for name, default in wanted.items():
        value = by_name.get(name.lower(), default)
        match default:
            case int():
                filled[name] = int(str(value))
            case float():
                filled[name] = float(str(value))
            case _:
                filled[name] = str(value)
    return filled


def _news(reply: Tree) -> tuple[Card, ...]:
    articles = reply.get("Articles")
    items = articles if isinstance(articles, list) else _tree(articles).get("item", [])
    listed = items if isinstance(items, list) else [items]
    if not listed:
        raise ValueError("no articles")
    return tuple(_card(_tree(item)) for item in listed)


def _card(item: Mapping[str, Value]) -> Card:
    return Card(*(str(item.get(name) or "") for name in ("Title", "Description", "Url", "PicUrl")))


def _tree(value: Value | None) -> Mapping[str, Value]:
    if not isinstance(value, Mapping):
        raise ValueError("a part of the reply is missing")
    return value
