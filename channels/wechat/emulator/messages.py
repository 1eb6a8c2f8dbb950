"""Customer-service messages to one follower."""

from collections.abc import Callable
from datetime import datetime

from channels.wechat.emulator.calls import Call, Fields, Route, Routes, read_text
from channels.wechat.emulator.chat import Card, Chat, Contacts, Line, article_cards
from channels.wechat.emulator.drafts import DraftBox
from channels.wechat.emulator.errors import Refusal
from channels.wechat.emulator.followers import Followers
from channels.wechat.emulator.media import Library
from channels.wechat.emulator.publishing import Publishing

MAX_TEXT = 2048  # bytes
TYPING = {"Typing", "CancelTyping"}

Reader = Callable[[Fields, Call], Line]


class Messages:
    def __init__(
        self,
        followers: Followers,
        library: Library,
        box: DraftBox,
        publishing: Publishing,
        chat: Chat,
        contacts: Contacts,
    ) -> None:
        self._followers = followers
        self._library = library
        self._box = box
        self._publishing = publishing
        self._chat = chat
        self._contacts = contacts
        self._typing: dict[str, datetime] = {}
        self._readers: dict[str, Reader] = {
            "text": _text,
            "image": self._media,
            "voice": self._media,
            "video": self._media,
            "music": _music,
            "news": _news,
            "mpnews": self._draft,
            "mpnewsarticle": self._article,
            "msgmenu": _menu,
            "miniprogrampage": _titled,
        }

    def routes(self) -> Routes:
        return {
            "message/custom/send": Route("POST", self.send, verified=True),
            "message/custom/typing": Route("POST", self.typing, verified=True),
        }

    def send(self, call: Call) -> object:
        fields = call.fields()
        kind = read_text(fields, "msgtype")
        reader = self._readers.get(kind)
        if reader is None:
            raise Refusal(40008)
        follower = self._followers.following(read_text(fields, "touser"))
        if follower.blocks:
            raise Refusal(48002)
        content = fields.get(kind)
        if not isinstance(content, dict):
            raise Refusal(44004)
        line = reader(content | {"msgtype": kind}, call)
        self._contacts.spend(follower.openid, call.at)
        self._chat.add(Line(line.at, line.who, kind, line.text, line.cards, frozenset({follower.openid})))
        self._typing.pop(follower.openid, None)
        return {"errcode": 0, "errmsg": "ok"}

    def typing(self, call: Call) -> object:
        fields = call.fields()
        command = read_text(fields, "command")
        if command not in TYPING:
            raise Refusal(45072)
        openid = self._followers.following(read_text(fields, "touser")).openid
        if not self._contacts.was_here(openid, call.at):
            raise Refusal(45080)
        if command == "CancelTyping":
            self._typing.pop(openid, None)
        elif openid in self._typing:
            raise Refusal(45081)
        else:
            self._typing[openid] = call.at
        return {"errcode": 0, "errmsg": "ok"}

    def _media(self, content: Fields, call: Call) -> Line:
        kind = read_text(content, "msgtype")
        material = self._library.find_or_refuse(read_text(content, "media_id"), call.at, {kind})
        return _line(call, cards=(Card(read_text(content, "title") or material.name, picture=material.url),))

    def _draft(self, content: Fields, call: Call) -> Line:
        draft = self._box.find(read_text(content, "media_id"))
        return _line(call, cards=draft.cards())

    def _article(self, content: Fields, call: Call) -> Line:
        pieces = self._publishing.pieces(read_text(content, "article_id"))
        return _line(call, cards=article_cards(pieces))


def checked_text(content: Fields) -> str:
    text = read_text(content, "content")
    if not text:
        raise Refusal(44004)
    if len(text.encode()) > MAX_TEXT:
        raise Refusal(45002)
    return text


def _text(content: Fields, call: Call) -> Line:
    return _line(call, checked_text(content))


def _music(content: Fields, call: Call) -> Line:
    return _line(call, cards=(Card(read_text(content, "title"), read_text(content, "description")),))


def _news(content: Fields, call: Call) -> Line:
    articles = content.get("articles")
    if not isinstance(articles, list) or not articles or not isinstance(articles[0], dict):
        raise Refusal(44003)
    if len(articles) > 1:
        raise Refusal(45008)
    article = articles[0]
    card = Card(
        read_text(article, "title"),
        read_text(article, "description"),
        read_text(article, "url"),
        read_text(article, "picurl"),
    )
    return _line(call, cards=(card,))


def _menu(content: Fields, call: Call) -> Line:
    choices = content.get("list")
    if not isinstance(choices, list) or not all(isinstance(choice, dict) for choice in choices):
        raise Refusal(44005)
    lines = [
        read_text(content, "head_content"),
        *(read_text(choice, "content") for choice in choices),
        read_text(content, "tail_content"),
    ]
    return _line(call, "\n".join(line for line in lines if line))


def _titled(content: Fields, call: Call) -> Line:
    return _line(call, cards=(Card(read_text(content, "title")),))


def _line(call: Call, text: str = "", cards: tuple[Card, ...] = ()) -> Line:
    return Line(call.at, "account", "", text, cards)
